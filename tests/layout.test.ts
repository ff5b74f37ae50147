/** The layout that ARCHITECTURE.md and CONTRIBUTING.md describe, held against the source as it is. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { IMPORT_TABLE, ONLY_IN } from './support/import-table.ts';
import { filesBelow, foldersBelow, projectRoot, readProjectFile } from './support/project.ts';
import {
  type FunctionSpan,
  functionsOf,
  type ImportStatement,
  readSource,
  type SourceText,
} from './support/source-text.ts';

interface SourceFile extends SourceText {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
}

const PRODUCT = ['src', 'workers'];
const ALL = [...PRODUCT, 'bench', 'tests'];
const MOST_LINES = 300;
/** Tables of declarations and of cases are read, not followed. */
const MOST_LINES_OF_TABLES = 500;
const MOST_FUNCTION_LINES = 52; // fifty between its first and its last line

const read = (path: string): SourceFile => {
  const text = readProjectFile(path);
  return { path, text, lineCount: text.split('\n').length - 1, ...readSource(text) };
};
const isSource = (path: string): boolean => /\.(ts|mjs)$/.test(path) && !path.includes('/fixtures/');
const sources: readonly SourceFile[] = ALL.flatMap(filesBelow).filter(isSource).map(read);
const product = sources.filter(({ path }) => PRODUCT.some((folder) => path.startsWith(`${folder}/`)));
const build = (path: string): boolean => path.startsWith('src/build/');

/** `src/rpc/router.ts` belongs to `rpc`, `src/main.ts` to itself, everything in `workers` to `workers`. */
function areaOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

const isRelative = ({ specifier }: ImportStatement): boolean => specifier.startsWith('.');
const targetOf = (file: SourceFile, { specifier }: ImportStatement): string =>
  posix.join(posix.dirname(file.path), specifier);
const packageOf = ({ specifier }: ImportStatement): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const none = (breaches: readonly string[], rule: string): void =>
  assert.deepEqual(breaches, [], `${rule}:\n${breaches.join('\n')}`);

/** Whether a path is one of the targets of a row: a folder, or a folder's part. */
const among = (targets: readonly string[], path: string): boolean =>
  targets.some((target) => path === `src/${target}` || path.startsWith(`src/${target}/`));

function breachOf(file: SourceFile, statement: ImportStatement): string | undefined {
  const area = areaOf(file.path);
  const row = IMPORT_TABLE[area];
  if (row === undefined) return `${file.path}: ${area} has no row in tests/support/import-table.ts`;
  const at = `${file.path}:${statement.line}: ${area} may not import ${statement.specifier}`;
  if (!isRelative(statement)) {
    if (statement.specifier.startsWith('node:')) return undefined;
    const allowed = [statement.specifier, packageOf(statement)].some((name) => row.packages?.includes(name));
    return allowed ? undefined : at;
  }
  const target = targetOf(file, statement);
  if (areaOf(target) === area || among(row.uses, target)) return undefined;
  if (statement.when === 'types' && among(row.types ?? [], target)) return undefined;
  return statement.when === 'types' ? at : `${at} at run time`;
}

test('every folder imports only what its row of the import table allows', () => {
  const files = product.filter(({ path }) => !build(path) && !path.endsWith('.d.ts'));
  none(
    files.flatMap((file) => file.imports.flatMap((statement) => breachOf(file, statement) ?? [])),
    'imports that the table does not have',
  );
});

/** The row of the table that a target belongs to. */
const rowOf = (target: string): string => target.split('/')[0] ?? '';

test('the import table has no cycle, types included: a row uses only rows above it', () => {
  const order = Object.keys(IMPORT_TABLE);
  const breaches = Object.entries(IMPORT_TABLE).flatMap(([area, { uses, types = [] }], at) =>
    [...uses, ...types]
      .filter((target) => !order.slice(0, at).includes(rowOf(target)))
      .map((target) => `${area} uses ${target}`),
  );
  none(breaches, 'rows that use what does not stand above them');
});

test('the import table says nothing that is not so', () => {
  const folders = new Set(product.filter(({ path }) => !build(path)).map(({ path }) => areaOf(path)));
  const breaches = Object.entries(IMPORT_TABLE).flatMap(([area, { uses, types = [], packages = [] }]) => {
    if (!folders.has(area)) return [`${area} does not exist`];
    const imports = product
      .filter(({ path }) => areaOf(path) === area)
      .flatMap((file) => file.imports.map((each) => ({ file, each })));
    const isUsed = (target: string): boolean =>
      imports.some(({ file, each }) => isRelative(each) && among([target], targetOf(file, each)));
    const unused = [...uses, ...types].filter((target) => !isUsed(target));
    const unknown = packages.filter(
      (name) => !imports.some(({ each }) => each.specifier === name || packageOf(each) === name),
    );
    return [...unused, ...unknown].map((target) => `${area} does not use ${target}`);
  });
  none(breaches, 'rows that are out of date');
});

test('a handler of one area imports no handler of another', () => {
  const files = product.filter(({ path }) => path.startsWith('src/handlers/') && path !== 'src/handlers/index.ts');
  const areas = new Set(importedByIndex());
  const breaches = files.flatMap((file) =>
    areas.has(file.path) ? file.imports.map((each) => targetOf(file, each)).filter((target) => areas.has(target)) : [],
  );
  none(breaches, 'handlers that are imported by handlers');
});

/** The files that provide a part of the handler table. */
function importedByIndex(): string[] {
  const index = product.find(({ path }) => path === 'src/handlers/index.ts');
  assert.ok(index);
  return index.imports
    .filter((each) => each.when !== 'types')
    .map((each) => targetOf(index, each))
    .filter((target) => target.startsWith('src/handlers/'));
}

test('a session is known to its shard and to what opens it: a turn gets the parts that it works with', () => {
  const users = product.filter((file) =>
    file.imports.some((each) => isRelative(each) && targetOf(file, each) === 'src/engine/session.ts'),
  );
  assert.deepEqual(users.map(({ path }) => path).sort(), ['src/engine/open.ts', 'src/engine/shard.ts']);
});

test('server.ts is imported by main.ts only, and nothing imports main.ts', () => {
  const breaches = product.flatMap((file) =>
    file.imports
      .filter(isRelative)
      .map((each) => targetOf(file, each))
      .filter((target) => target === 'src/main.ts' || (target === 'src/server.ts' && file.path !== 'src/main.ts'))
      .map((target) => `${file.path} imports ${target}`),
  );
  none(breaches, 'roots that are imported');
});

test('relative imports name existing files, extension included', () => {
  const breaches = sources.flatMap((file) =>
    file.imports
      .filter((each) => isRelative(each) && !existsSync(`${projectRoot()}/${targetOf(file, each)}`))
      .map((each) => `${file.path}:${each.line}: ${each.specifier}`),
  );
  none(breaches, 'imports of files that do not exist');
});

test('there is no import cycle at run time', () => {
  const edges = new Map(
    product.map((file) => [
      file.path,
      file.imports.filter((each) => isRelative(each) && each.when === 'start').map((each) => targetOf(file, each)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  none(cycles, 'cycles');
});

test('packages and threads stay behind the folders that wrap them', () => {
  const breaches = product.flatMap((file) =>
    file.imports
      .filter((each) => {
        const folders = ONLY_IN[each.specifier] ?? ONLY_IN[packageOf(each)];
        return folders !== undefined && !folders.includes(areaOf(file.path));
      })
      .map((each) => `${file.path}:${each.line}: ${each.specifier}`),
  );
  none(
    breaches.filter((breach) => !build(breach)),
    'packages outside their folder',
  );
});

test('a file has at most 300 lines, a table of declarations or test cases at most 500, unless its head says why', () => {
  const limitOf = (path: string): number =>
    path.startsWith('src/protocol/') || path.startsWith('tests/') ? MOST_LINES_OF_TABLES : MOST_LINES;
  const breaches = sources
    .filter(({ path, lineCount, head }) => lineCount > limitOf(path) && !/\bone file because\b/.test(head))
    .map(({ path, lineCount }) => `${path}: ${lineCount} lines; say "one file because ..." in its head, or divide it`);
  none(breaches, 'long files');
});

test('a function of the product has at most fifty lines, but for the one that puts all parts together', () => {
  const isList = ({ path }: SourceFile, { firstLine }: FunctionSpan): boolean =>
    path === 'src/server.ts' && firstLine.startsWith('async function open(');
  const breaches = product.flatMap((file) =>
    functionsOf(file)
      .filter((span) => span.lines > MOST_FUNCTION_LINES && !isList(file, span))
      .map(({ line, lines, firstLine }) => `${file.path}:${line}: ${lines - 2} lines: ${firstLine.slice(0, 80)}`),
  );
  none(breaches, 'long functions');
});

/** Not in the bundles: what may be missing, and what finds its own programs beside it. */
const LOADED_AS_INSTALLED = ['sharp', '@napi-rs/keyring', 'piscina'];

test('packages are not loaded by import(): a bundled CommonJS package would have no names there', () => {
  const breaches = product.flatMap((file) =>
    file.imports
      .filter((each) => each.when === 'later' && !isRelative(each) && !each.specifier.startsWith('node:'))
      .filter((each) => !LOADED_AS_INSTALLED.includes(each.specifier))
      .map((each) => `${file.path}:${each.line}: ${each.specifier}`),
  );
  none(breaches, 'packages that are loaded later; import them in a file of ours that is');
});

test('there are no barrels, no default exports and no collections of odds and ends', () => {
  const isBarrel = ({ code }: SourceFile): boolean =>
    /^export\s*\*/m.test(code) ||
    (/^export\b.*\bfrom\b/m.test(code) && !/^(?!import|export .*from).*[=({]/m.test(code));
  none(
    sources.filter(isBarrel).map(({ path }) => path),
    'files that only pass on what others export',
  );
  // A pool calls a worker's default export, and Node that of a reporter.
  const isCalledByDefault = (path: string): boolean => areaOf(path) === 'workers' || path.endsWith('-reporter.main.ts');
  const defaults = sources.filter(({ path, code }) => /^export default\b/m.test(code) && !isCalledByDefault(path));
  none(
    defaults.map(({ path }) => path),
    'default exports',
  );
  const odds = ALL.flatMap(foldersBelow).filter((path) => /(^|\/)(utils?|common|shared|helpers?|misc|lib)$/.test(path));
  none(odds, 'folders without a subject');
});

test('files and folders are named in kebab-case', () => {
  const breaches = sources.filter(({ path }) => !/^[a-z0-9.-]+(\/[a-z0-9.-]+)*$/.test(path));
  none(
    breaches.map(({ path }) => path),
    'names',
  );
});

test('only main.ts ends the process, and nothing prints to the console', () => {
  const breaches = product.flatMap(({ path, code }) => [
    ...(/\bconsole\s*\./.test(code) ? [`${path}: console`] : []),
    ...(/\bprocess\.exit\(/.test(code) && path !== 'src/main.ts' && !build(path) ? [`${path}: process.exit`] : []),
  ]);
  none(breaches, 'console and process.exit');
});

test('no module holds state that changes', () => {
  const breaches = product
    .filter(({ path }) => !build(path))
    .flatMap(({ path, code }) =>
      [
        ...code.matchAll(
          /^(?:export )?(?:let |var |const \w+(?:: (?!Readonly).*)? = (?:new (?:Map|Set|WeakMap)\b.*\(\)|\[\]);).*/gm,
        ),
      ].map(([line]) => `${path}: ${line}`),
    );
  none(breaches, 'module-level state');
});

/** Marks of unfinished work, and labels that mean something to one group of people only. */
const UNWANTED: readonly RegExp[] = [
  /\b(?:TODO|FIXME|HACK|XXX)\b/,
  /\b(?:issue|ticket|task|milestone|phase|sprint)\s+#?\d+/i,
  /(?:^|\s)#\d{2,}\b/,
  /(?:^|[\s'"`(])\/(?:work|root|home|Users)\/\w+/,
];

test('comments hold no unfinished work, no private labels and no paths of the machine they were written on', () => {
  const breaches = sources.flatMap(({ path, comments }) =>
    comments.split('\n').flatMap((line, index) => {
      const found = UNWANTED.find((pattern) => pattern.test(line));
      return found === undefined ? [] : [`${path}:${index + 1}: ${line.trim()}`];
    }),
  );
  none(breaches, 'comments');
});

test('every folder of src says in one file what comes in, what goes out and who owns the state', () => {
  const folders = foldersBelow('src').filter((path) => path.split('/').length === 2 && !build(`${path}/`));
  const silent = folders.filter(
    (folder) => !product.some(({ path, head }) => path.startsWith(`${folder}/`) && head.split('\n').length >= 3),
  );
  none(silent, 'folders without a head comment');
});

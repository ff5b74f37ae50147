/** What the documents say, held against the source, the tests and the program. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { methodTable } from '../../src/build/method-table.ts';
import { SANDBOX_PROGRAM_VARIABLE } from '../../src/exec/sandbox.ts';
import { filesBelow, projectRoot, readProjectFile } from '../support/project.ts';
import { distFolder } from '../support/server.ts';
import { readSource } from '../support/source-text.ts';

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'DIFFERENCES.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'src/exec/README.md',
  'src/execpolicy/starlark/README.md',
];
const manifest = JSON.parse(readProjectFile('package.json'));

/** The cells of a table's rows; head and rule left out. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| ?(?:---|Id |Area )/.test(line))
    .map((line) => line.slice(2, -2).split(' | '));

test('the README has fewer than 200 lines', () => {
  assert.ok(readProjectFile('README.md').split('\n').length <= 200);
});

test('the table of methods in the README is that of the source', () => {
  const block = /<!-- methods -->\n([\s\S]*?)\n<!-- \/methods -->/.exec(readProjectFile('README.md'))?.[1];
  assert.equal(block, methodTable(), 'README.md is behind the source: npm run readme');
});

/** Reads `FILE`: NAME of a test. */
function requireTest(cell: string, where: string): void {
  const [, file, name] = /^`(tests\/[a-z0-9/.-]+)`: (.+)$/.exec(cell) ?? [];
  assert.ok(file !== undefined && name !== undefined, `${where}: no test in: ${cell}`);
  assert.ok(existsSync(join(projectRoot(), file)), `${where}: ${file} does not exist`);
  // A name that a loop completes is found by its beginning.
  const source = readProjectFile(file);
  const [generic] = name.split(/(?<=: )/);
  assert.ok(source.includes(name) || source.includes(`${generic}\${`), `${where}: ${file} has no test: ${name}`);
}

test('every difference names a test that exists', () => {
  const rows = rowsOf(readProjectFile('DIFFERENCES.md'));
  assert.ok(rows.length > 30);
  for (const cells of rows) {
    assert.equal(cells.length, 5, `not five cells: ${cells.join(' | ')}`);
    requireTest(cells[4] ?? '', cells[0] ?? '');
  }
});

test('every promise names a test that exists', () => {
  const [, promises = ''] = /\n## Promises\n([\s\S]*?)\n## /.exec(readProjectFile('SECURITY.md')) ?? [];
  const rows = rowsOf(promises).filter(([promise]) => promise !== 'Promise');
  assert.ok(rows.length > 10);
  for (const cells of rows) {
    assert.equal(cells.length, 3, `not three cells: ${cells.join(' | ')}`);
    requireTest(cells[2] ?? '', cells[0] ?? '');
  }
});

test('every file that a document names exists', () => {
  for (const document of DOCUMENTS) {
    const text = readProjectFile(document);
    const named = [
      ...text.matchAll(/`((?:src|workers|tests|bench)\/[\w./-]+)`/g),
      ...(document.includes('/') ? text.matchAll(/`([\w./-]+\.ts)`/g) : []),
      ...text.matchAll(/\]\(([\w./-]+)\)/g),
    ];
    for (const [, path = ''] of named) {
      const folder = /^(?:src|workers|tests|bench)\//.test(path) ? '.' : posix.dirname(document);
      assert.ok(existsSync(join(projectRoot(), folder, path)), `${document} names ${path}`);
    }
  }
});

/** Files that put parts together: what they import, an earlier file of a walk is given. */
const COMPOSITION = ['src/server.ts', 'src/handlers/index.ts'];

/** The files that a document's walk names, in order; `7 to 10` names those of the numbered list. */
function walksIn(text: string): Map<string, readonly string[]> {
  const [, section = ''] = /\n## One turn\n([\s\S]*?)\n## /.exec(text) ?? [];
  const turn = [...section.matchAll(/^\d+\. `([\w./-]+)`/gm)].map(([, path = '']) => path);
  const walks = new Map([['turn/start', turn]]);
  const others = section.slice(section.lastIndexOf('\n\n')).split(/(?=`(?:thread\/read|fuzzyFileSearch)` takes)/);
  for (const sentence of others) {
    const method = /^`([\w/]+)` takes/.exec(sentence)?.[1];
    if (method === undefined) continue;
    const [before = ''] = sentence.split('; ');
    const parts = before.matchAll(/(\d+) to (\d+)|`((?:src|workers)\/[\w./-]+)`/g);
    const files = [...parts].flatMap(([, from, to, path]) =>
      path === undefined ? turn.slice(Number(from) - 1, Number(to)) : [path],
    );
    walks.set(method, files);
  }
  return walks;
}

test('a request passes few files, and each is imported by one before it', () => {
  const most = new Map([
    ['turn/start', 16],
    ['thread/read', 12],
    ['fuzzyFileSearch', 9],
  ]);
  const walks = walksIn(readProjectFile('ARCHITECTURE.md'));
  assert.deepEqual([...walks.keys()], [...most.keys()]);
  const importsOf = (path: string): string[] =>
    readSource(readProjectFile(path)).imports.map(({ specifier }) => posix.join(posix.dirname(path), specifier));
  const given = COMPOSITION.flatMap(importsOf);
  for (const [method, files] of walks) {
    assert.ok(files.length > 8 && files.length <= (most.get(method) ?? 0), `${method} passes ${files.length} files`);
    for (const [at, path] of files.entries()) {
      const before = files.slice(0, at);
      const isEntry = at === 0 || path.startsWith('workers/'); // started by name
      const isImported = given.includes(path) || before.some((file) => importsOf(file).includes(path));
      assert.ok(isEntry || isImported, `${method}: nothing before ${path} imports it`);
    }
  }
});

test('every npm script that a document names exists', () => {
  for (const document of DOCUMENTS) {
    for (const [, run, name] of readProjectFile(document).matchAll(/\bnpm (run )?([a-z:]+)\b/g)) {
      const builtIn = run === undefined && ['ci', 'i', 'install', 'pack'].includes(name ?? '');
      assert.ok(builtIn || manifest.scripts[name ?? ''] !== undefined, `${document} says npm ${run ?? ''}${name}`);
    }
  }
});

test('every environment variable in the README is read by the source', () => {
  const source = filesBelow('src')
    .filter((path) => path.endsWith('.ts'))
    .map(readProjectFile)
    .join('\n');
  const section = /## Configuration and environment\n([\s\S]*?)\n## /.exec(readProjectFile('README.md'))?.[1] ?? '';
  const names = [...section.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)].map(([, name = '']) => name);
  assert.ok(names.includes(SANDBOX_PROGRAM_VARIABLE) && names.length > 8);
  for (const name of names) assert.ok(new RegExp(`\\b${name}\\b`).test(source), `nothing reads ${name}`);
});

test('the changelog begins with the version of the package', () => {
  const [, first] = /^## (\d+\.\d+\.\d+)/m.exec(readProjectFile('CHANGELOG.md')) ?? [];
  assert.equal(first, manifest.version);
});

/** The blocks of a section, in the README's order. */
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'shardex-docs-'));
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The commands name the build in `dist/`; the one under test may stand elsewhere. */
const asBuilt = (commands: string): string => commands.replaceAll('dist/main.js', `'${join(distFolder(), 'main.js')}'`);

const onPosix = { skip: process.platform === 'win32' && 'the commands are for a POSIX shell' };

test('the exchange in the README happens when it is pasted', onPosix, async () => {
  using home = new Scratch();
  const section = /<!-- exchange -->([\s\S]*?)<!-- \/exchange -->/.exec(readProjectFile('README.md'))?.[1] ?? '';
  const [commands = ''] = blocksOf(section, 'sh');
  const [expected = ''] = blocksOf(section, 'json');
  const shown = expected.trim().split('\n');
  assert.equal(shown.length, 5);
  const said = await linesOf(asBuilt(commands), { CODEX_HOME: home.path }, shown.length);
  for (const line of shown) {
    const pattern = line.split('…').map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    assert.match(said, new RegExp(`^${pattern.join('.*')}$`, 'm'), `the README shows ${line}`);
  }
});

/** What the commands print. The end of their pause is not a time but the last line that is waited for. */
async function linesOf(commands: string, env: Readonly<Record<string, string>>, count: number): Promise<string> {
  assert.match(commands, /^ {2}sleep 2 #/m);
  const held = commands.replace(/^ {2}sleep 2 #/m, '  cat #');
  const shell = spawn('sh', ['-c', held], {
    cwd: projectRoot(),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(shell, 'close');
  let said = '';
  for await (const chunk of shell.stdout) {
    said += chunk;
    if (said.split('\n').length > count) shell.stdin.end();
  }
  await ended;
  return said;
}

test('the other commands of the program in the README run', onPosix, () => {
  using scratch = new Scratch();
  const lines = blocksOf(readProjectFile('README.md'), 'sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^node dist\/main\.js (?:shim|app-server generate-)/.test(line));
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const run = spawnSync('sh', ['-c', asBuilt(line)], {
      cwd: scratch.path,
      env: { ...process.env, HOME: scratch.path },
    });
    assert.equal(run.status, 0, `${line}: ${run.stderr}`);
  }
  assert.deepEqual(readdirSync(scratch.path).sort(), ['.local', 'schemas', 'types']);
});

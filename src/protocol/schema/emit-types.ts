/**
 * Writes the protocol down as TypeScript: one file per type, those of generation two in `v2/`, an index per folder. In:
 * the registry's declarations. Out: file names with their contents; additions go to `additions/`. No state, no I/O.
 */
import { serverRequests } from '../registry.ts';
import { DOCS } from './docs.ts';
import {
  addedDocuments,
  type Declared,
  documents,
  idOf,
  type MessageKind,
  messageKinds,
  shortName,
} from './documents.ts';
import type { EmittedFiles } from './emit.ts';
import { definitionOf, metaOf, type ZodSchema } from './schema.ts';

const HEAD = "// Generated from the server's own declarations; changes here are lost.\n\n";
const JSON_VALUE = 'serde_json/JsonValue';
/** Types of generation two that codex app-server 0.94.0 publishes at the top. */
const AT_TOP = new Set(['CollaborationMode', 'CollaborationModeMask', 'Personality', 'Settings', 'WebSearchMode']);
/** Types that it publishes at the top and, alike, for generation two. */
const IN_BOTH = [
  'AskForApproval',
  'ByteRange',
  'NetworkAccess',
  'ReviewTarget',
  'SandboxMode',
  'SkillDependencies',
  'SkillErrorInfo',
  'SkillScope',
  'SkillToolDependency',
];

/** What printing one type needs: where in it a part is, how to name another type, and whether additions are wanted. */
interface Printer {
  /** Key of the part's doc comment. */
  readonly path: string;
  readonly nameOf: (schema: ZodSchema) => string;
  readonly json: () => string;
  readonly withAdditions: boolean;
}

const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

const memberOf = (name: string, schema: ZodSchema, printer: Printer): string => {
  const definition = definitionOf(schema);
  const required = metaOf(schema).published?.required === true && !printer.withAdditions;
  const mark = definition.type === 'optional' && !required ? '?' : '';
  const type = typeOf(schema, printer);
  return `${keyOf(name)}${mark}: ${required ? type.replace(/ \| null$/, '') : type}`;
};

const inside = (printer: Printer, name: string): Printer => ({ ...printer, path: `${printer.path}.${name}` });

/** A doc comment on a line of its own; nothing where there is none. */
const docOf = (path: string): string => (DOCS[path] === undefined ? '' : `/** ${DOCS[path]} */\n`);

const membersOf = (shape: Readonly<Record<string, ZodSchema>>, printer: Printer): string => {
  const kept = Object.entries(shape).filter(([, member]) => printer.withAdditions || metaOf(member).addition !== true);
  if (kept.length === 0) return 'Record<string, never>';
  const members = kept.map(([name, member]) => {
    const within = inside(printer, name);
    return `${docOf(within.path)}${memberOf(name, member, within)}`;
  });
  const text = members.join(', ');
  return text.includes('\n') ? `{\n${members.map((member) => indented(`${member},`)).join('\n')}\n}` : `{ ${text} }`;
};

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');

/** On lines of their own when there are comments. */
const unionOf = (options: readonly string[]): string =>
  options.some((option) => option.includes('\n'))
    ? `\n${options.map((option) => indented(option.replace(/^(\/\*\*.*\n)?/, '$1| '))).join('\n')}`
    : options.join(' | ');

/** One variant; members that have a name of their own stand beside the tag by that name. */
const variantOf = (option: ZodSchema, tag: string | undefined, union: Printer): string => {
  const { payload } = metaOf(option);
  const definition = definitionOf(option);
  if (tag === undefined || definition.type !== 'object') return typeOf(option, union);
  const { [tag]: literal } = definition.shape;
  const printer = inside(union, literal === undefined ? '' : bodyOf(literal, union).slice(1, -1));
  if (payload === undefined) return `${docOf(printer.path)}${typeOf(option, printer)}`;
  const head = membersOf(literal === undefined ? {} : { [tag]: literal }, printer);
  return Object.keys(definition.shape).length === 1 ? head : `${head} & ${printer.nameOf(payload)}`;
};

/** A type in full, whatever its name. */
const bodyOf = (schema: ZodSchema, printer: Printer): string => {
  const definition = definitionOf(schema);
  const meta = metaOf(schema);
  switch (definition.type) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'custom':
      if (meta.format !== undefined) return 'number';
      return meta.refuse === undefined ? printer.json() : 'string';
    case 'unknown':
      return printer.json();
    case 'literal':
      return definition.values.map((value) => JSON.stringify(value)).join(' | ');
    case 'enum':
      return (meta.variants ?? Object.keys(definition.entries)).map((word) => JSON.stringify(word)).join(' | ');
    case 'optional':
      return typeOf(definition.innerType, printer);
    case 'default':
      return typeOf(definition.innerType, printer);
    case 'nullable':
      return `${typeOf(definition.innerType, printer)} | null`;
    case 'array':
      return `Array<${typeOf(definition.element, printer)}>`;
    case 'record':
      return `{ [key: string]: ${typeOf(definition.valueType, printer)} }`;
    case 'lazy':
      return typeOf(definition.getter(), printer);
    case 'object':
      return definition.catchall && definitionOf(definition.catchall).type === 'unknown'
        ? `${membersOf(definition.shape, printer)} & { [key: string]: ${printer.json()} }`
        : membersOf(definition.shape, printer);
    case 'union':
      return unionOf(definition.options.map((option) => variantOf(option, meta.tag, printer)));
  }
};

const typeOf = (schema: ZodSchema, printer: Printer): string =>
  metaOf(schema).id === undefined ? bodyOf(schema, printer) : printer.nameOf(schema);

interface Printed {
  readonly body: string;
  readonly uses: readonly ZodSchema[];
  readonly usesJson: boolean;
}

const print = (path: string, write: (printer: Printer) => string, withAdditions: boolean): Printed => {
  const uses = new Map<string, ZodSchema>();
  let usesJson = false;
  const body = write({
    path,
    withAdditions,
    nameOf: (schema) => {
      uses.set(idOf(schema), schema);
      return shortName(idOf(schema));
    },
    json: () => {
      usesJson = true;
      return 'JsonValue';
    },
  });
  return { body, uses: [...uses.values()], usesJson };
};

/** Every named type that can be reached, printed once. */
const printAll = (from: readonly ZodSchema[], withAdditions: boolean): Map<string, Printed> => {
  const met = new Map<string, Printed>();
  const open = [...from];
  for (const schema of open) {
    const id = idOf(schema);
    if (met.has(id)) continue;
    const printed = print(id, (printer) => bodyOf(schema, printer), withAdditions);
    met.set(id, printed);
    open.push(...printed.uses);
  }
  return met;
};

const fileText = (path: string, id: string, printed: Printed, pathOf: (id: string) => string): string => {
  const depth = path.split('/').length - 1;
  const up = depth === 0 ? './' : '../'.repeat(depth);
  const imports = printed.uses
    .map((schema) => idOf(schema))
    .filter((used) => pathOf(used) !== path)
    .map((used) => `import type { ${shortName(used)} } from "${up}${pathOf(used)}";`);
  if (printed.usesJson) imports.push(`import type { JsonValue } from "${up}${JSON_VALUE}";`);
  const head = imports.length > 0 ? `${imports.sort().join('\n')}\n\n` : '';
  return `${HEAD}${head}${docOf(id)}export type ${shortName(id)} =${printed.body.startsWith('\n') ? '' : ' '}${printed.body};\n`;
};

const indexOf = (paths: readonly string[], folder: string): string => {
  const inside = paths
    .filter((path) => path.slice(0, path.lastIndexOf('/') + 1) === folder)
    .map((path) => path.slice(folder.length));
  return `${HEAD}${inside
    .sort()
    .map((name) => `export type { ${name} } from "./${name}";`)
    .join('\n')}\n`;
};

/** A union of messages, with all the types that it names. */
const unionOfMessages = (
  { id, kind }: MessageKind,
  declarations: readonly Declared[],
  withAdditions: boolean,
): Printed => {
  const isRequest = kind === 'Request';
  const write = (printer: Printer): string =>
    unionOf(
      declarations.map(({ method, params }) => {
        const name = JSON.stringify(method);
        const type = params === null ? 'undefined' : params && printer.nameOf(params.zod);
        return `${docOf(method)}{ "method": ${name}${isRequest ? ', id: RequestId' : ''}${type === undefined ? '' : `, params: ${type}`} }`;
      }),
    );
  const printed = print(id, write, withAdditions);
  const requestId = documents.filter((document) => document.id === 'RequestId').map(({ schema }) => schema);
  return isRequest ? { ...printed, uses: [...printed.uses, ...requestId] } : printed;
};

/** Where the types of generation one are reached from; of the server's requests only its own two. */
const oldRoots = (): ZodSchema[] => {
  const newer = new Set(
    serverRequests
      .filter(({ method }) => method.includes('/'))
      .flatMap(({ params, result }): ZodSchema[] => [params.zod, result.zod]),
  );
  return documents.filter(({ folder, schema }) => folder !== 'v2' && !newer.has(schema)).map(({ schema }) => schema);
};

/** The TypeScript files. */
export const emitTypes = (): EmittedFiles => {
  const plain = printAll(
    documents.map(({ schema }) => schema),
    false,
  );
  const extended = printAll(
    [...documents, ...addedDocuments].map(({ schema }) => schema),
    true,
  );
  const older = printAll(oldRoots(), false);
  const twins = new Set([...plain.keys()].filter((id) => id.startsWith('core/')).map(shortName));
  const isSecond = (id: string): boolean => !AT_TOP.has(id) && (!older.has(id) || twins.has(id));
  const pathOf = (id: string): string => (isSecond(id) && plain.has(id) ? `v2/${id}` : shortName(id));
  const grown = new Set([...extended].filter(([id, { body }]) => plain.get(id)?.body !== body).map(([id]) => id));
  const addedPathOf = (id: string): string => (grown.has(id) ? `additions/${shortName(id)}` : pathOf(id));

  const files = new Map<string, string>();
  const put = (id: string, printed: Printed, where: (id: string) => string): void => {
    files.set(where(id), fileText(where(id), id, printed, where));
  };
  for (const [id, printed] of plain) put(id, printed, pathOf);
  for (const kind of messageKinds) {
    put(kind.id, unionOfMessages(kind, kind.declarations, false), (id) => (id === kind.id ? id : pathOf(id)));
    if (kind.added.length === 0) continue;
    const all = unionOfMessages(kind, [...kind.declarations, ...kind.added], true);
    put(kind.id, all, (id) => (id === kind.id ? `additions/${id}` : addedPathOf(id)));
  }
  for (const id of grown) put(id, extended.get(id) ?? { body: 'never', uses: [], usesJson: false }, addedPathOf);
  for (const id of IN_BOTH) files.set(`v2/${id}`, `${HEAD}export type { ${id} } from "../${id}";\n`);
  const paths = [...files.keys()];
  files.set(
    JSON_VALUE,
    `${HEAD}export type JsonValue = number | string | boolean | Array<JsonValue> | { [key: string]: JsonValue } | null;\n`,
  );
  files.set('index', `${indexOf(paths, '')}export * as v2 from "./v2";\n`);
  files.set('v2/index', indexOf(paths, 'v2/'));
  files.set('additions/index', indexOf(paths, 'additions/'));
  return new Map([...files].map(([path, text]) => [`${path}.ts`, text]));
};

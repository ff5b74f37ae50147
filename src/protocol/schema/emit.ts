/**
 * Writes the protocol down for others: JSON Schema files in the dialect and layout of codex app-server 0.94.0. In: the
 * registry's declarations. Out: file names with their contents; additions, which that server does not have, go to
 * `additions/`. No state, no I/O.
 */
import { toJSONSchema } from 'zod/v4/core';
import type { Folder } from '../define.ts';
import {
  addedDocuments,
  type Document,
  documents,
  idOf,
  type MessageKind,
  messageKinds,
  shortName,
} from './documents.ts';
import { inlined, type JsonSchema, mapRefs, publishNode, refsOf, tidied } from './json.ts';
import { wire, type ZodSchema } from './schema.ts';

/** Relative file name and content. */
export type EmittedFiles = ReadonlyMap<string, string>;

type Named = Pick<Document, 'folder' | 'id'>;
type Definitions = Readonly<Record<string, JsonSchema>>;

const DIALECT = 'http://json-schema.org/draft-07/schema#';
const BUNDLE = 'codex_app_server_protocol.schemas.json';
/** Where the library puts nameless parts of types that contain themselves. */
const SHARED = '__shared';

/** Every named type as its own schema; references keep the full ids. */
const definitionsOf = (withAdditions: boolean): Definitions => {
  const { schemas } = toJSONSchema(
    wire as never,
    {
      target: 'draft-7',
      io: 'input',
      unrepresentable: 'any',
      uri: (id: string) => `#/definitions/${id}`,
      override: ({ zodSchema, jsonSchema }: { zodSchema: ZodSchema; jsonSchema: JsonSchema }) =>
        publishNode(zodSchema, jsonSchema, withAdditions),
    } as never,
  ) as unknown as { schemas: Definitions };
  const { [SHARED]: shared, ...own } = schemas;
  const parts = (shared?.definitions ?? {}) as Definitions;
  return Object.fromEntries(
    Object.entries(own).map(([id, schema]) => [id, tidied(inlined(schema, `${SHARED}#/definitions/`, parts))]),
  );
};

const capital = (method: string): string => method.charAt(0).toUpperCase() + method.slice(1);

/** The union of all messages of one kind. */
const messageUnion = ({ kind, declarations }: MessageKind): JsonSchema => ({
  oneOf: declarations.map(({ method, params }) => {
    const isRequest = kind === 'Request';
    const required = [...(isRequest ? ['id'] : []), 'method', ...(params ? ['params'] : [])];
    const properties: Record<string, JsonSchema> = {
      ...(isRequest ? { id: { $ref: '#/definitions/RequestId' } } : {}),
      method: { type: 'string', enum: [method], title: `${capital(method)}${kind}Method` },
      ...(params ? { params: { $ref: `#/definitions/${idOf(params.zod)}` } } : {}),
      ...(params === null ? { params: { type: 'null' } } : {}),
    };
    return { type: 'object', required, properties, title: `${capital(method)}${kind}` };
  }),
});

const unions = (): Definitions => Object.fromEntries(messageKinds.map((kind) => [kind.id, messageUnion(kind)]));

/** Everything that can be reached from some types, in the order of meeting. */
const reached = (
  from: readonly string[],
  all: Definitions,
  follow = (_from: string, _to: string): boolean => true,
): string[] => {
  const met = new Set(from);
  for (const id of met) {
    for (const target of refsOf(all[id] ?? {})) if (follow(id, target)) met.add(target);
  }
  return [...met];
};

const sorted = (schemas: Readonly<Record<string, JsonSchema>>): Definitions =>
  Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));

/** One file with all that it refers to. Two types of one name: the second met gets a number. */
const fileOf = (id: string, all: Definitions): JsonSchema => {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const target of reached([id], all)) {
    if (target === id && !refsOf(all[id] ?? {}).includes(id)) continue;
    const name = shortName(target);
    const free = taken.has(name) ? `${name}2` : name;
    taken.add(free);
    names.set(target, free);
  }
  const local = (schema: JsonSchema): JsonSchema => mapRefs(schema, (target) => names.get(target) ?? target);
  const inner = Object.fromEntries([...names].map(([target, name]) => [name, local(all[target] ?? {})]));
  return {
    $schema: DIALECT,
    title: shortName(id),
    ...local(all[id] ?? {}),
    ...(names.size > 0 ? { definitions: sorted(inner) } : {}),
  };
};

/** All types in one file, those of generation two in a name space of their own. The first of one name wins. */
const bundleOf = (docs: readonly Named[], all: Definitions): JsonSchema => {
  const byName = (ids: readonly string[]): Map<string, string> => {
    const names = new Map<string, string>();
    for (const id of ids) if (!names.has(shortName(id))) names.set(shortName(id), id);
    return names;
  };
  const idsIn = (folder: Folder): string[] => docs.filter((document) => document.folder === folder).map(({ id }) => id);
  const second = byName(reached(idsIn('v2'), all));
  const top = new Set(idsIn(''));
  // A top-level file names the types of generation two where there are such.
  const isSecond = (from: string, to: string): boolean => top.has(from) && second.has(shortName(to));
  const first = byName([...reached([...top], all, (from, to) => !isSecond(from, to)), ...reached(idsIn('v1'), all)]);
  const firstOnly = [...first].map(([name, id]): [string, JsonSchema] => [
    name,
    mapRefs(all[id] ?? {}, (to) => (isSecond(id, to) ? `v2/${shortName(to)}` : shortName(to))),
  ]);
  const inner = [...second].map(([name, id]): [string, JsonSchema] => [
    name,
    mapRefs(all[id] ?? {}, (to) => `v2/${shortName(to)}`),
  ]);
  return {
    $schema: DIALECT,
    title: 'CodexAppServerProtocol',
    type: 'object',
    definitions: { ...sorted(Object.fromEntries(firstOnly)), v2: sorted(Object.fromEntries(inner)) },
  };
};

const pathOf = ({ folder, id }: Named): string => `${folder === '' ? '' : `${folder}/`}${shortName(id)}.json`;
const printed = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;

/** The JSON Schema files, and below `additions/` those of the methods and of the types that later servers have. */
export const emitJsonSchemas = (): EmittedFiles => {
  const files = new Map<string, string>();
  const all = { ...definitionsOf(false), ...unions() };
  const named: Named[] = [...messageKinds.map(({ id }): Named => ({ folder: '', id })), ...documents];
  for (const document of named) files.set(pathOf(document), printed(fileOf(document.id, all)));
  files.set(BUNDLE, printed(bundleOf(named, all)));
  const extended = definitionsOf(true);
  const hasGrown = (id: string): boolean => JSON.stringify(all[id]) !== JSON.stringify(extended[id]);
  const grown = documents.filter(({ id }) => reached([id], all).some(hasGrown));
  for (const document of [...addedDocuments, ...grown]) {
    files.set(`additions/${pathOf(document)}`, printed(fileOf(document.id, extended)));
  }
  return files;
};

/**
 * Small operations on JSON Schema documents, and the step that brings what the schema library prints into the dialect
 * of codex app-server 0.94.0. Pure.
 */
import { isRecord } from '../../base/json/schema.ts';
import { definitionOf, metaOf, type Published, type ZodSchema } from './schema.ts';

/** A JSON Schema document or a part of one. */
export interface JsonSchema {
  [key: string]: unknown;
}

const isSchema = (value: unknown): value is JsonSchema => isRecord(value);

const REF = '#/definitions/';

/** A copy in which every reference names another definition. */
export const mapRefs = (schema: JsonSchema, rename: (id: string) => string): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? `${REF}${rename(value.slice(REF.length))}` : value,
  ) as JsonSchema;

/** A copy with the references that start so replaced by what they stand for. */
export const inlined = (schema: JsonSchema, prefix: string, parts: Readonly<Record<string, JsonSchema>>): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const ref = isSchema(value) && typeof value.$ref === 'string' ? value.$ref : '';
    return ref.startsWith(REF + prefix) ? (parts[ref.slice(REF.length + prefix.length)] ?? value) : value;
  }) as JsonSchema;

/** The definitions that a schema refers to, in order, without repetition. */
export const refsOf = (schema: JsonSchema): string[] => {
  const found = new Set<string>();
  mapRefs(schema, (id) => {
    found.add(id);
    return id;
  });
  return [...found];
};

const replace = (target: JsonSchema, source: JsonSchema): void => {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, source);
};

/** Without the null that a member may also be. */
const withoutNull = (schema: JsonSchema): JsonSchema => {
  const { type, anyOf, ...others } = schema;
  if (Array.isArray(anyOf)) {
    return Object.assign(others, ...anyOf.filter((option) => isSchema(option) && option.type !== 'null'));
  }
  if (!Array.isArray(type)) return schema;
  const rest = type.filter((name) => name !== 'null');
  return { ...schema, type: rest.length === 1 ? rest[0] : rest };
};

/** What stands in the place of a member, changed in place like every printed node. */
const publishMember = (json: JsonSchema, { definition, required }: Published, withAdditions: boolean): void => {
  if (definition !== undefined) replace(json, { $ref: `${REF}${definition.meta.id}` });
  else if (required === true && !withAdditions) replace(json, withoutNull(json));
};

const publishObject = (
  members: Readonly<Record<string, ZodSchema>>,
  json: JsonSchema,
  withAdditions: boolean,
): void => {
  const properties = isSchema(json.properties) ? json.properties : {};
  const required = new Set(Array.isArray(json.required) ? json.required : []);
  for (const [name, member] of Object.entries(members)) {
    const { addition, published } = metaOf(member);
    if (addition === true && !withAdditions) delete properties[name];
    if (published?.required === true && !withAdditions) required.add(name);
  }
  if (required.size > 0) json.required = [...required].sort();
};

const pascal = (name: string): string =>
  name.replace(/(?:^|[-_/])(\w)/g, (_match, letter: string) => letter.toUpperCase());

/** Gives a union's variants the names that code generators look for. */
const nameVariants = (json: JsonSchema, key: 'oneOf' | 'anyOf', id: string, tag: string | undefined): void => {
  const name = id.replace(/^.*\//, '');
  const options = json[key];
  if (!Array.isArray(options)) return;
  for (const option of options) {
    if (!isSchema(option) || !isSchema(option.properties)) continue;
    const member = tag === undefined ? undefined : option.properties[tag];
    const word = isSchema(member)
      ? String(member.const ?? [member.enum].flat().at(0))
      : Object.keys(option.properties).at(0);
    option.title = `${pascal(word ?? '')}${name}`;
  }
};

/** Called for every schema that the library prints; changes the printed form in place. */
export const publishNode = (schema: ZodSchema, json: JsonSchema, withAdditions: boolean): void => {
  const definition = definitionOf(schema);
  const meta = metaOf(schema);
  if (definition.type === 'custom') {
    if (meta.format !== undefined) {
      const type = meta.range === undefined ? 'number' : 'integer';
      replace(json, { type, format: meta.format, ...(meta.range?.[0] === 0 ? { minimum: 0 } : {}) });
    } else replace(json, meta.refuse === undefined ? {} : { type: 'string' });
  }
  if (definition.type === 'literal') replace(json, { type: 'string', enum: [...definition.values] });
  if (definition.type === 'record') delete json.propertyNames;
  if (definition.type === 'object') publishObject(definition.shape, json, withAdditions);
  if (meta.quietDefault === true) delete json.default;
  if (meta.published !== undefined) publishMember(json, meta.published, withAdditions);
  if (meta.writeOnly === true) json.writeOnly = true;
  if (meta.union === 'external') {
    const { anyOf, ...rest } = json;
    replace(json, { ...rest, oneOf: anyOf });
  }
  if (meta.id !== undefined && meta.union !== undefined)
    nameVariants(json, Array.isArray(json.oneOf) ? 'oneOf' : 'anyOf', meta.id, meta.tag);
};

/** Two-way unions with null become a type list where that says the same. */
const joinNull = (schema: JsonSchema): JsonSchema => {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [value, none] = anyOf;
  if (!isSchema(value) || !isSchema(none) || none.type !== 'null') return schema;
  if (Object.keys(value).length === 0) return rest;
  if (typeof value.type !== 'string' || value.enum !== undefined) return schema;
  return { ...rest, ...value, type: [value.type, 'null'] };
};

/** A copy without what only the library needs. */
export const tidied = (schema: JsonSchema): JsonSchema => {
  const { $id, $schema, id, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest), (_key, value: unknown) =>
    isSchema(value) ? joinNull(value) : value,
  ) as JsonSchema;
};

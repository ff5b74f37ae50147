/**
 * Reads a JSON value the way the reference's decoder does: objects member by member in the order they came, arrays in
 * the place of objects, tags by name or index, older spellings. In: a schema and a parsed JSON value. Out: the same
 * value in its plain spelling, or the first thing that is wrong, in the words that clients match on (observed on
 * codex app-server 0.94.0). No state.
 */
import { isRecord, type JsonRecord } from '../../base/json/schema.ts';
import { described, isInteger } from './describe.ts';
import { definitionOf, metaOf, type WireMeta, type ZodSchema } from './schema.ts';

/** The first thing that is wrong with a value. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

type Members = Readonly<Record<string, ZodSchema>>;

const wrongType = (value: unknown, expected: string): Mismatch =>
  new Mismatch(`invalid type: ${described(value)}, expected ${expected}`);

const unknownVariant = (name: string, known: readonly string[]): Mismatch => {
  const names = known.map((variant) => `\`${variant}\``);
  const list = names.length === 2 ? names.join(' or ') : `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
  return new Mismatch(`unknown variant \`${name}\`, expected ${list}`);
};

const shortName = (meta: WireMeta): string => meta.id?.replace(/^.*\//, '') ?? 'map';
const pascal = (name: string): string =>
  name.replace(/(?:^|[-_])(\w)/g, (_match, letter: string) => letter.toUpperCase());

const isOptional = (schema: ZodSchema): boolean => ['optional', 'default'].includes(definitionOf(schema).type);

/** Members in declaration order. */
const membersOf = (schema: ZodSchema): Members => {
  const definition = definitionOf(schema);
  return definition.type === 'object' ? definition.shape : {};
};

const readMember = (value: unknown, schema: ZodSchema, whole: JsonRecord): unknown => {
  const sibling = metaOf(schema).requiredUnless;
  if (sibling !== undefined && value === null && (whole[sibling] ?? null) === null) throw wrongType(null, 'a string');
  return read(schema, value);
};

const readFields = (members: Members, value: JsonRecord): JsonRecord => {
  const out: Record<string, unknown> = {};
  const set = (name: string, member: unknown): void => {
    Object.defineProperty(out, name, { value: member, enumerable: true, configurable: true, writable: true });
  };
  for (const [name, given] of Object.entries(value)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    set(name, member === undefined ? given : readMember(given, member, value));
  }
  for (const [name, member] of Object.entries(members)) {
    if (Object.hasOwn(value, name)) continue;
    const sibling = metaOf(member).requiredUnless;
    const missing = sibling === undefined ? !isOptional(member) : (value[sibling] ?? null) === null;
    if (missing) throw new Mismatch(`missing field \`${name}\``);
  }
  return out;
};

const readSequence = (members: Members, values: readonly unknown[], expected: string): JsonRecord => {
  const known = Object.entries(members).filter(([, member]) => metaOf(member).addition !== true);
  const out: Record<string, unknown> = {};
  for (const [index, [name, member]] of known.entries()) {
    if (index < values.length) out[name] = readMember(values[index], member, out);
    else if (metaOf(member).mayEndBefore !== true) {
      const count = `${known.length} element${known.length === 1 ? '' : 's'}`;
      throw new Mismatch(`invalid length ${index}, expected ${expected} with ${count}`);
    }
  }
  if (values.length > known.length) {
    const count = `${known.length} element${known.length === 1 ? '' : 's'}`;
    throw new Mismatch(`invalid length ${values.length}, expected ${count} in sequence`);
  }
  return out;
};

const readStruct = (schema: ZodSchema, value: unknown, meta: WireMeta): unknown => {
  const expected = meta.expected ?? `struct ${shortName(meta)}`;
  if (Array.isArray(value)) return readSequence(membersOf(schema), value, expected);
  if (isRecord(value)) return readFields(membersOf(schema), value);
  throw wrongType(value, expected);
};

/** Nothing, as null or an empty object. */
export const readUnit = (value: unknown): void => {
  if (value === null || (isRecord(value) && Object.keys(value).length === 0)) return;
  throw wrongType(value, 'unit');
};

/** A bare name, or an object whose only key is the name. */
const readWord = (value: unknown, known: readonly string[]): string => {
  if (typeof value !== 'string' && !isRecord(value)) throw wrongType(value, 'string or map');
  const keys = isRecord(value) ? Object.keys(value) : [value];
  const [name] = keys;
  if (name === undefined || keys.length > 1) throw new Mismatch('invalid value: map, expected map with a single key');
  if (!known.includes(name)) throw unknownVariant(name, known);
  if (isRecord(value)) readUnit(value[name]);
  return name;
};

const readTag = (value: unknown, meta: WireMeta): string => {
  const known = meta.variants ?? [];
  if (typeof value === 'number' && isInteger(value) && value >= 0) {
    const name = known[value] ?? meta.fallback;
    if (name !== undefined) return name;
    throw new Mismatch(`invalid value: ${described(value)}, expected variant index 0 <= i < ${known.length}`);
  }
  if (typeof value !== 'string') throw wrongType(value, 'variant identifier');
  const name = meta.aliases?.[value] ?? (known.includes(value) ? value : meta.fallback);
  if (name === undefined) throw unknownVariant(value, known);
  return name;
};

interface Variant {
  readonly members: Members;
  /** Name of the struct that holds the members, when it has one. */
  readonly payload?: string | undefined;
}

const variantOf = (options: readonly ZodSchema[], tag: string, name: string): Variant => {
  for (const option of options) {
    const { [tag]: literal, ...members } = membersOf(option);
    const definition = literal === undefined ? undefined : definitionOf(literal);
    if (definition?.type === 'literal' && definition.values.includes(name)) {
      const { payload } = metaOf(option);
      return { members, payload: payload && metaOf(payload).id };
    }
  }
  return { members: {} };
};

const readTagged = (options: readonly ZodSchema[], value: unknown, meta: WireMeta): unknown => {
  const tag = meta.tag ?? 'type';
  if (Array.isArray(value)) {
    if (value.length === 0) throw new Mismatch(`missing field \`${tag}\``);
    const name = readTag(value[0], meta);
    const { members, payload } = variantOf(options, tag, name);
    const expected = payload === undefined ? `struct variant ${shortName(meta)}::${pascal(name)}` : `struct ${payload}`;
    return { [tag]: name, ...readSequence(members, value.slice(1), expected) };
  }
  if (!isRecord(value)) throw wrongType(value, `internally tagged enum ${shortName(meta)}`);
  if (!Object.hasOwn(value, tag)) throw new Mismatch(`missing field \`${tag}\``);
  const { [tag]: given, ...rest } = value;
  const name = readTag(given, meta);
  return { ...readFields(variantOf(options, tag, name).members, rest), [tag]: name };
};

/** A variant's name beside one member with all the rest. */
const readAdjacent = (options: readonly ZodSchema[], value: unknown, meta: WireMeta): unknown => {
  const tag = meta.tag ?? 'type';
  const expected = `adjacently tagged enum ${shortName(meta)}`;
  if (Array.isArray(value) && value.length < 2) {
    if (value.length === 1) readWord(value[0], meta.variants ?? []);
    throw new Mismatch(`invalid length ${value.length}, expected ${expected}`);
  }
  const whole = Array.isArray(value) ? { [tag]: value[0], data: value[1] } : value;
  if (!isRecord(whole)) throw wrongType(value, expected);
  if (whole[tag] === undefined) throw new Mismatch(`missing field \`${tag}\``);
  const name = readWord(whole[tag], meta.variants ?? []);
  const { data } = variantOf(options, tag, name).members;
  if (whole.data === undefined) throw new Mismatch('missing field `data`');
  if (data === undefined || !isRecord(whole.data)) {
    throw wrongType(whole.data, `struct variant ${shortName(meta)}::${pascal(name)}`);
  }
  const inner = readFields(membersOf(data), whole.data);
  if (Array.isArray(value) && value.length > 2) {
    throw new Mismatch(`invalid length ${value.length}, expected 2 elements in sequence`);
  }
  return { [tag]: name, data: inner };
};

const readExternal = (options: readonly ZodSchema[], value: unknown, meta: WireMeta): unknown => {
  const known = meta.variants ?? [];
  if (typeof value !== 'string' && !isRecord(value)) throw wrongType(value, 'string or map');
  const keys = isRecord(value) ? Object.keys(value) : [value];
  const [name] = keys;
  if (name === undefined || keys.length > 1) throw new Mismatch('invalid value: map, expected map with a single key');
  if (!known.includes(name)) throw unknownVariant(name, known);
  const payload = options.map((option) => membersOf(option)[name]).find((member) => member !== undefined);
  if (payload === undefined) return readWord(value, known);
  if (!isRecord(value)) {
    const kind = definitionOf(payload).type === 'object' ? 'struct variant' : 'newtype variant';
    throw new Mismatch(`invalid type: unit variant, expected ${kind}`);
  }
  return { [name]: read(payload, value[name]) };
};

const readUntagged = (options: readonly ZodSchema[], value: unknown, meta: WireMeta): unknown => {
  for (const option of options) {
    // A nameless variant is read from an object only.
    if (Array.isArray(value) && definitionOf(option).type === 'object' && metaOf(option).id === undefined) continue;
    try {
      return read(option, value);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
    }
  }
  const name = meta.expected ?? shortName(meta);
  throw new Mismatch(`data did not match any variant of untagged enum ${name}`);
};

type UnionReader = (options: readonly ZodSchema[], value: unknown, meta: WireMeta) => unknown;

const UNION_READERS: { readonly [K in NonNullable<WireMeta['union']>]: UnionReader } = {
  tagged: readTagged,
  adjacent: readAdjacent,
  external: readExternal,
  untagged: readUntagged,
};

/** Numbers and strings with rules of their own. */
const readLeaf = (value: unknown, meta: WireMeta): unknown => {
  const expected = meta.expected ?? 'a value';
  if (meta.format !== undefined) {
    if (typeof value !== 'number') throw wrongType(value, expected);
    if (meta.range === undefined) return value;
    if (!isInteger(value)) throw wrongType(value, expected);
    const [min, max] = meta.range;
    if (value < min || value > max) throw new Mismatch(`invalid value: ${described(value)}, expected ${expected}`);
    return value;
  }
  if (meta.refuse === undefined) return value;
  if (typeof value !== 'string') throw wrongType(value, expected);
  const reason = meta.refuse(value);
  if (reason !== undefined) throw new Mismatch(reason);
  return value;
};

const readMap = (valueType: ZodSchema, value: unknown): unknown => {
  if (!isRecord(value)) throw wrongType(value, 'a map');
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(valueType, member)]));
};

/** The value in its plain spelling; throws a `Mismatch` for the first thing that is wrong. */
export const read = (schema: ZodSchema, value: unknown): unknown => {
  const definition = definitionOf(schema);
  const meta = metaOf(schema);
  switch (definition.type) {
    case 'string':
      if (typeof value === 'string') return value;
      throw wrongType(value, meta.expected ?? 'a string');
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw wrongType(value, 'a boolean');
    case 'optional':
    case 'nullable':
      return definition.type === 'nullable' && value === null ? null : read(definition.innerType, value);
    case 'default':
      return read(definition.innerType, value);
    case 'array':
      if (!Array.isArray(value)) throw wrongType(value, 'a sequence');
      return value.map((item) => read(definition.element, item));
    case 'record':
      return readMap(definition.valueType, value);
    case 'object':
      return readStruct(schema, value, meta);
    case 'enum':
      return readWord(value, meta.variants ?? Object.keys(definition.entries));
    case 'union':
      return UNION_READERS[meta.union ?? 'untagged'](definition.options, value, meta);
    case 'lazy':
      return read(definition.getter(), value);
    case 'custom':
      return readLeaf(value, meta);
    case 'literal':
    case 'unknown':
      return value;
  }
};

/**
 * TOML values: reading, merging, setting by path. In: text or JSON. Out: tables without a prototype, so that any key
 * is safe. Integers are bigints and floats are numbers, which distinguishes `1` from `1.0`.
 */
import { parse, TomlDate, TomlError } from 'smol-toml';
import { ConfigError, type FileRange } from './errors.ts';

export type TomlValue = string | number | bigint | boolean | TomlDate | TomlValue[] | TomlTable;
export interface TomlTable {
  [key: string]: TomlValue;
}

/** Maximum nesting of any input, so that recursion stays far from the stack limit. */
const MAX_DEPTH = 500;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

export const emptyTable = (): TomlTable => Object.create(null);

export const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The text does not parse. `line` and `column` start at 1, columns count characters. */
interface TomlFault {
  readonly reason: string;
  readonly range: FileRange;
}

export type TomlResult =
  | { readonly ok: true; readonly table: TomlTable }
  | { readonly ok: false; readonly fault: TomlFault };

/** Parses a document; never throws. */
export function readToml(text: string): TomlResult {
  const withoutByteOrderMark = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return {
      ok: true,
      table: copyTable(parse(withoutByteOrderMark, { integersAsBigInt: true, maxDepth: MAX_DEPTH }), 0),
    };
  } catch (error) {
    const at = error instanceof TomlError ? positionOf(withoutByteOrderMark, error) : { line: 1, column: 1 };
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    return { ok: false, fault: { reason, range: { start: at, end: at } } };
  }
}

/** The parser's message without its excerpt of the text. */
const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? message).replace(/^Invalid TOML document: /, '').trim();

/** The parser counts UTF-16 units; clients get characters. */
function positionOf(text: string, error: TomlError): { line: number; column: number } {
  const line = Math.max(1, error.line);
  const units = text.split(/\r\n|\n/)[line - 1]?.slice(0, Math.max(0, error.column - 1)) ?? '';
  return { line, column: [...units].length + 1 };
}

function copyTable(source: object, depth: number): TomlTable {
  if (depth > MAX_DEPTH) throw new RangeError('tables are nested too deep');
  const table = emptyTable();
  for (const [key, value] of Object.entries(source)) table[key] = copyValue(value, depth + 1);
  return table;
}

function copyValue(value: unknown, depth: number): TomlValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    if (value > INT64_MAX || value < INT64_MIN) throw new RangeError(`integer \`${value}\` is out of range`);
    return value;
  }
  if (value instanceof TomlDate) return value;
  if (Array.isArray(value)) {
    if (depth > MAX_DEPTH) throw new RangeError('arrays are nested too deep');
    return value.map((item) => copyValue(item, depth + 1));
  }
  return copyTable(Object(value), depth);
}

/**
 * A JSON value of a request override as TOML: null becomes the empty string, integral numbers become integers. Throws
 * ConfigError if it is nested too deeply.
 */
export function fromJson(value: unknown, depth = 0): TomlValue {
  if (depth > MAX_DEPTH) throw new ConfigError('value', 'configuration override is nested too deep');
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    const integral = Number.isInteger(value) ? BigInt(value) : undefined;
    return integral !== undefined && integral <= INT64_MAX && integral >= INT64_MIN ? integral : value;
  }
  if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1));
  const table = emptyTable();
  for (const [key, item] of Object.entries(value)) table[key] = fromJson(item, depth + 1);
  return table;
}

/** Merges `over` into `base`, in place: tables key by key; other values are replaced. */
export function mergeInto(base: TomlTable, over: TomlTable): void {
  for (const [key, value] of Object.entries(over)) {
    const present = base[key];
    if (isTable(present) && isTable(value)) mergeInto(present, value);
    else base[key] = cloneValue(value);
  }
}

/** A copy that shares no table or array with the original. */
export function cloneValue(value: TomlValue): TomlValue {
  if (Array.isArray(value)) return value.map(cloneValue);
  return isTable(value) ? cloneTable(value) : value;
}

export function cloneTable(table: TomlTable): TomlTable {
  const copy = emptyTable();
  for (const [key, value] of Object.entries(table)) copy[key] = cloneValue(value);
  return copy;
}

/**
 * Sets a value at a dotted path, in place. Replaces other values on the path by tables. Throws ConfigError if it is
 * nested too deeply.
 */
export function setAtPath(root: TomlTable, dottedPath: string, value: TomlValue): void {
  const keys = dottedPath.split('.');
  if (keys.length > MAX_DEPTH) throw new ConfigError('value', 'configuration override is nested too deep');
  const last = keys.pop() ?? '';
  let table = root;
  for (const key of keys) {
    const next = table[key];
    if (isTable(next)) {
      table = next;
    } else {
      const created = emptyTable();
      table[key] = created;
      table = created;
    }
  }
  table[last] = value;
}

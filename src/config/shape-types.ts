/**
 * The types of values in config.toml, as zod types whose issues have the texts that clients know: `invalid type: …,
 * expected …`, `unknown variant …`, `missing field …`.
 */
import { TomlDate } from 'smol-toml';
import * as z from 'zod/mini';
import { isTable } from './toml.ts';

const RELATIVE_PATH = 'AbsolutePathBuf deserialized without a base path';

/** A value as the messages name it. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  if (typeof value === 'bigint') return `integer \`${value}\``;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (typeof value === 'number') return `floating point \`${floatText(value)}\``;
  return Array.isArray(value) ? 'sequence' : 'map';
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) ? `${BigInt(value)}.0` : String(value);
}

type RawIssue = { readonly input?: unknown; readonly path?: PropertyKey[] | undefined };

/** An absent value is reported by its key; shape-check.ts moves that message to the table that lacks the key. */
const invalidType =
  (expected: string) =>
  (issue: RawIssue): string =>
    issue.input === undefined
      ? `missing field \`${String(issue.path?.at(-1))}\``
      : `invalid type: ${nameOf(issue.input)}, expected ${expected}`;

const dateAsText = (value: unknown): unknown => (value instanceof TomlDate ? value.toISOString() : value);

/** TOML dates are accepted as the text they were written as. */
export const text = z.pipe(z.transform(dateAsText), z.string({ error: invalidType('a string') }));

export const flag = z.boolean({ error: invalidType('a boolean') });

export const path = z
  .pipe(z.transform(dateAsText), z.string({ error: invalidType('path string') }))
  .check(z.refine((value) => isAbsolute(value), { error: RELATIVE_PATH }));

const isAbsolute = (value: string): boolean => value.startsWith('/') || /^[A-Za-z]:[\\/]|^\\\\/.test(value);

const integer = (name: string, minimum: bigint, maximum: bigint) =>
  z.pipe(
    z.bigint({ error: invalidType(name) }).check(
      z.refine((value) => value >= minimum && value <= maximum, {
        error: (issue) => `invalid value: ${nameOf(issue.input)}, expected ${name}`,
      }),
    ),
    z.transform(Number),
  );

const INT64_MAX = 2n ** 63n - 1n;
export const int64 = integer('i64', -INT64_MAX - 1n, INT64_MAX);
export const uint64 = integer('u64', 0n, INT64_MAX);
export const size = integer('usize', 0n, INT64_MAX);
export const uint16 = integer('u16', 0n, 65_535n);

/** Any number, including integers. */
export const float = z.pipe(
  z.transform((value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  z.union([z.number({ error: invalidType('f64') }), z.nan()]),
);

export const optional = z.optional;

export const list = <T extends z.core.$ZodType>(item: T) => z.array(item, { error: invalidType('a sequence') });

export const map = <T extends z.core.$ZodType>(item: T) => z.record(z.string(), item, { error: invalidType('a map') });

/** A table with known keys, all of which may be absent unless declared otherwise; unknown keys are ignored. */
export const table = <T extends z.core.$ZodLooseShape>(members: T) =>
  z.object(members, { error: invalidType('a map') });

export const words = <const T extends readonly [string, ...string[]]>(allowed: T) =>
  z.enum(allowed, {
    error: (issue) => {
      const { input } = issue;
      if (input === undefined) return invalidType('a string')(issue);
      const found = isTable(input) ? Object.keys(input)[0] : input;
      return typeof found === 'string' ? unknownVariant(found, allowed) : 'wanted string or table';
    },
  });

/** The message for a word that is not one of `allowed`. */
export function unknownVariant(found: string, allowed: readonly string[]): string {
  const names = allowed.map((word) => `\`${word}\``);
  const expected = names.length === 2 ? names.join(' or ') : `one of ${names.join(', ')}`;
  return `unknown variant \`${found}\`, expected ${names.length === 1 ? names[0] : expected}`;
}

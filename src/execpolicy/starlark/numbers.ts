/** Numbers out of other values. Throws Fault. */
import { Fault } from './fault.ts';
import { toNumber } from './indexing.ts';
import { checkedInt } from './operators.ts';
import { typeNameOf, type Value } from './values.ts';

/** Longest text that is read as a number. */
const MAX_DIGITS = 1000;

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['0x', 16],
  ['0o', 8],
  ['0b', 2],
]);

export function parseIntText(value: Value, base: Value | undefined): bigint {
  if (typeof value === 'string') return readInt(value, base === undefined ? 10 : toNumber(base));
  if (base !== undefined) throw new Fault('a base goes with strings only');
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw new Fault(`a ${typeNameOf(value)} cannot become an int`);
}

function readInt(text: string, base: number): bigint {
  if (base !== 0 && !(base >= 2 && base <= 36)) throw new Fault(`base ${base} is not between 2 and 36`);
  const wrong = new Fault(`Cannot parse \`${text.slice(0, 40)}\` as an integer in base ${base}`);
  const [, sign = '', rest = ''] = /^([+-]?)([\s\S]*)$/.exec(text.toLowerCase()) ?? [];
  const prefixBase = PREFIXES.get(rest.slice(0, 2));
  const hasPrefix = prefixBase !== undefined && (base === 0 || base === prefixBase);
  const digits = (hasPrefix ? rest.slice(2) : rest).replaceAll('_', '');
  const radix = base === 0 ? (prefixBase ?? 10) : base;
  if (digits.length > MAX_DIGITS || !/^[0-9a-z]+$/.test(digits)) throw wrong;
  let result = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= radix) throw wrong;
    result = result * BigInt(radix) + BigInt(worth);
  }
  return checkedInt(sign === '-' ? -result : result);
}

export function parseFloatText(value: Value): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') throw new Fault(`a ${typeNameOf(value)} cannot become a float`);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(value);
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (value.length > MAX_DIGITS || !/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw new Fault(`Cannot parse \`${value.slice(0, 40)}\` as a float`);
  }
  return Number(value);
}

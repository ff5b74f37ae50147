/** Names JSON values the way the reference's error texts do (observed on codex app-server 0.94.0). Pure. */

/** Characters that are printed as `\u{…}`. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}\p{Grapheme_Extend}]/u;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

const quoted = (text: string): string => {
  let out = '';
  for (const character of text) {
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) out += short;
    else if (character !== ' ' && UNPRINTABLE.test(character)) out += `\\u{${character.codePointAt(0)?.toString(16)}}`;
    else out += character;
  }
  return `"${out}"`;
};

/** Whether a number reads as one of the 64-bit integers. */
export const isInteger = (value: number): boolean => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64;

const plainNumber = (value: number): string => {
  if (isInteger(value)) return BigInt(value).toString();
  const size = Math.abs(value);
  const text = size >= 1e16 || size < 1e-5 ? value.toExponential() : String(value);
  return text.replace('e+', 'e');
};

/** A JSON value as it is named in an error text. */
export const described = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (typeof value === 'number') return `${isInteger(value) ? 'integer' : 'floating point'} \`${plainNumber(value)}\``;
  if (typeof value === 'string') return `string ${quoted(value)}`;
  return Array.isArray(value) ? 'sequence' : 'map';
};

/** Renders TOML values. The quotes of strings and the format of floats were observed on codex app-server 0.94.0. */
import { TomlDate } from 'smol-toml';
import { isTable, type TomlTable, type TomlValue } from '../toml.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** Characters that must be escaped in a string, including newlines. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f\t]/;

/** Tables are rendered inline. */
export function renderValue(value: TomlValue): string {
  if (typeof value === 'string') return renderString(value);
  if (typeof value === 'number') return renderFloat(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  return renderInlineTable(value);
}

function renderInlineTable(table: TomlTable): string {
  const members = Object.entries(table).map(([key, value]) => `${renderKey(key)} = ${renderValue(value)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

export const renderKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : renderLine(key));

export const renderKeys = (keys: readonly string[]): string => keys.map(renderKey).join('.');

export interface SectionStyle {
  /** Whether the table is an item of a list. */
  readonly isItem: boolean;
  /** Whether lists of tables get a section for each item, or are written inline. */
  readonly lists: 'inline' | 'sections';
}

/** `[keys]` and its entries, then a section for each table in it. A table with nothing but tables needs no header. */
export function renderSections(keys: readonly string[], table: TomlTable, { isItem, lists }: SectionStyle): string[] {
  const own: string[] = [];
  const inner: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    const below = [...keys, key];
    if (isTable(value)) inner.push(...renderSections(below, value, { isItem: false, lists }));
    else if (lists === 'sections' && isListOfTables(value)) inner.push(...renderItems(below, value));
    else own.push(`${renderKey(key)} = ${renderValue(value)}\n`);
  }
  if (own.length === 0 && inner.length > 0 && !isItem) return inner;
  const head = isItem ? `[[${renderKeys(keys)}]]\n` : `[${renderKeys(keys)}]\n`;
  return [head + own.join(''), ...inner];
}

/** A section for each item, with those of its tables. */
export const renderItems = (keys: readonly string[], items: readonly TomlTable[]): string[] =>
  items.flatMap((item) => renderSections(keys, item, { isItem: true, lists: 'sections' }));

/** False for empty lists, which can only be written inline. */
export const isListOfTables = (value: TomlValue): value is TomlTable[] =>
  Array.isArray(value) && value.length > 0 && value.every(isTable);

function renderString(text: string): string {
  if (!text.includes('\n')) {
    // Both kinds of quotes in one line: three double quotes need no escapes.
    const fits = /["]/.test(text) && text.includes("'") && !/\\|"""|"$/.test(text) && !CONTROL.test(text);
    return fits ? `"""${text}"""` : renderLine(text);
  }
  const lines = text.replaceAll('\n', '');
  if (/\\|"""|"$/.test(text) && !CONTROL.test(lines) && !/'''|'$/.test(text)) return `'''\n${text}'''`;
  const all = text.split('\n').map((line) => escaped(line, /"(?="")|"$|\\/g));
  return `"""\n${all.join('\n')}"""`;
}

/** On one line, in single quotes if that saves escapes. */
function renderLine(text: string): string {
  if (/["\\]/.test(text) && !text.includes("'") && !CONTROL.test(text)) return `'${text}'`;
  return `"${escaped(text, /["\\]/g)}"`;
}

function escaped(text: string, special: RegExp): string {
  const visible = text.replace(special, (found) => ESCAPES[found] ?? found);
  return visible.replace(new RegExp(CONTROL, 'g'), (found) => {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return ESCAPES[found] ?? `\\u${code}`;
  });
}

/** Decimal, without an exponent, always with a fraction. */
function renderFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [digits = '0', exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const shift = Number(exponent);
  if (shift === 0) return `${sign}${whole}.${fraction === '' ? '0' : fraction}`;
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(shift, '0')}.0`;
}

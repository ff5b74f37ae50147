/** Values as text: `repr` and `str`. */
import { MAX_VALUE_DEPTH, textCost } from './compare.ts';
import { Fault } from './fault.ts';
import { Callable, Dict, List, type Machine, Range, Tuple, type Value } from './values.ts';

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** The value as `str` shows it: a string is itself. */
export function show(value: Value, machine: Machine): string {
  return typeof value === 'string' ? value : represent(value, machine);
}

/** The value as one could write it. */
export function represent(value: Value, machine: Machine, depth = 0): string {
  if (depth > MAX_VALUE_DEPTH) throw new Fault('value nested too deeply');
  const text = spell(value, machine, depth);
  machine.spend(1 + textCost(text.length));
  return text;
}

function spell(value: Value, machine: Machine, depth: number): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') {
    machine.spend(value.length);
    return quote(value);
  }
  if (value instanceof Callable) return value.name;
  if (value instanceof Range) return rangeText(value);
  const inner = (item: Value): string => represent(item, machine, depth + 1);
  if (value instanceof List) return `[${value.items.map(inner).join(', ')}]`;
  if (value instanceof Dict) {
    return `{${[...value.entries.values()].map((entry) => `${inner(entry.key)}: ${inner(entry.value)}`).join(', ')}}`;
  }
  return value instanceof Tuple && value.items.length === 1
    ? `(${value.items.map(inner).join('')},)`
    : `(${value.items.map(inner).join(', ')})`;
}

function rangeText({ start, stop, step }: Range): string {
  if (step !== 1) return `range(${start}, ${stop}, ${step})`;
  return start === 0 ? `range(${stop})` : `range(${start}, ${stop})`;
}

/** A float always shows that it is one. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-5 && size < 1e15)) {
    return withPoint(String(value));
  }
  const [digits = '', power = ''] = value.toExponential().split('e');
  return `${digits}e${power.charAt(0)}${power.slice(1).padStart(2, '0')}`;
}

const withPoint = (text: string): string => (text.includes('.') ? text : `${text}.0`);

/** Printable ASCII but for the quote and the backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** In double quotes, everything beyond printable ASCII escaped. */
function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = '';
  for (const char of text) out += NAMED_ESCAPES.get(char) ?? escapeChar(char);
  return `"${out}"`;
}

function escapeChar(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return char;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `"…" % values` and `"…".format(…)`. Throws Fault. */
import { textCost } from './compare.ts';
import { Fault } from './fault.ts';
import { floatText, represent, show } from './text.ts';
import { type CallArguments, type Machine, Tuple, typeNameOf, type Value } from './values.ts';

export function formatPercent(template: string, operand: Value, machine: Machine): string {
  const values = operand instanceof Tuple ? operand.items : [operand];
  let used = 0;
  const text = template.replace(/%([\s\S]?)/g, (_, letter: string) => {
    if (letter === '%') return '%';
    const value = values[used];
    if (value === undefined) throw new Fault('not enough values for the format');
    used += 1;
    const piece = percentPiece(letter, value, machine);
    machine.spend(1 + textCost(piece.length));
    return piece;
  });
  if (used < values.length) throw new Fault('too many values for the format');
  return text;
}

function percentPiece(letter: string, value: Value, machine: Machine): string {
  switch (letter) {
    case 's':
      return show(value, machine);
    case 'r':
      return represent(value, machine);
    case 'd':
      return wholeNumber(value).toString();
    case 'o':
      return wholeNumber(value).toString(8);
    case 'x':
      return wholeNumber(value).toString(16);
    case 'X':
      return wholeNumber(value).toString(16).toUpperCase();
    case 'e':
    case 'E':
      return withCase(exponentText(float(value)), letter);
    case 'f':
    case 'F':
      return float(value).toFixed(6);
    case 'g':
    case 'G':
      return withCase(floatText(float(value)), letter);
    default:
      throw new Fault(`unknown conversion \`%${letter}\``);
  }
}

const withCase = (text: string, letter: string): string => (letter < 'a' ? text.toUpperCase() : text);

function exponentText(value: number): string {
  const [digits = '', power = ''] = value.toExponential(6).split('e');
  return `${digits}e${power.charAt(0)}${power.slice(1).padStart(2, '0')}`;
}

function wholeNumber(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw new Fault(`a ${typeNameOf(value)} is no number`);
}

function float(value: Value): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  throw new Fault(`a ${typeNameOf(value)} is no number`);
}

export function formatBraces(template: string, args: CallArguments, machine: Machine): string {
  let automatic = 0;
  const pattern = /\{\{|\}\}|\{([A-Za-z_]\w*|\d*)(?:!([rs]))?\}|[{}]/g;
  return template.replace(pattern, (whole: string, field: string | undefined, conversion: string | undefined) => {
    if (whole === '{{' || whole === '}}') return whole.charAt(0);
    if (field === undefined) throw new Fault('a brace in the format stands alone');
    const name = field === '' ? String(automatic++) : field;
    const value = /^\d/.test(name) ? args.positional[Number(name)] : args.named.get(name);
    if (value === undefined) throw new Fault(`nothing given for \`{${name}}\``);
    const piece = conversion === 'r' ? represent(value, machine) : show(value, machine);
    machine.spend(1 + textCost(piece.length));
    return piece;
  });
}

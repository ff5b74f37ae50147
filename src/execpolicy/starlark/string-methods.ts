/** Methods of strings. They throw Fault. */
import { takeArguments } from './calls.ts';
import { searchCost, textCost } from './compare.ts';
import { Fault } from './fault.ts';
import { formatBraces } from './format.ts';
import { toNumber } from './indexing.ts';
import { type SplitRequest, splitAtBlanks, splitAtText, splitLines } from './splitting.ts';
import { type CallArguments, charsOf, iterate, List, type Machine, Tuple, typeNameOf, type Value } from './values.ts';

type Method = (text: string, args: CallArguments, machine: Machine) => Value;
type Body = (text: string, values: readonly (Value | undefined)[], machine: Machine) => Value;

/** Every method reads its whole string, and may look for a text at each of its places: both are paid for here. */
const method = (name: string, params: readonly string[], required: number, body: Body): [string, Method] => [
  name,
  (text, args, machine) => {
    const [wanted] = args.positional;
    machine.spend(searchCost(text, typeof wanted === 'string' ? wanted : ''));
    return body(text, takeArguments({ name, params, required }, args), machine);
  },
];

/** A method without arguments that asks something about the text or gives it another form. */
const simple = (name: string, body: (text: string) => Value): [string, Method] => method(name, [], 0, body);

function textOf(value: Value | undefined): string {
  if (typeof value !== 'string') throw new Fault(`expected a string, got a ${typeNameOf(value ?? null)}`);
  return value;
}

const listOfTexts = (texts: readonly string[], machine: Machine): List => {
  machine.spend(texts.length);
  return new List([...texts]);
};

/** The part that the bounds cut out, and how many characters precede it. */
function window(text: string, bounds: readonly (Value | undefined)[]): { part: string; offset: number } {
  if (bounds.every((bound) => bound === undefined || bound === null)) return { part: text, offset: 0 };
  const chars = charsOf(text);
  const [from, to] = bounds;
  const clamp = (value: Value | undefined, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise;
    const at = toNumber(value);
    return Math.min(chars.length, Math.max(0, at < 0 ? at + chars.length : at));
  };
  const offset = clamp(from, 0);
  return { part: chars.slice(offset, clamp(to, chars.length)).join(''), offset };
}

type Search = (part: string, wanted: string) => number;
const first: Search = (part, wanted) => part.indexOf(wanted);
const last: Search = (part, wanted) => part.lastIndexOf(wanted);

function find(text: string, [wanted, ...bounds]: readonly (Value | undefined)[], search: Search): number {
  const { part, offset } = window(text, bounds);
  const at = search(part, textOf(wanted));
  return at === -1 ? -1 : offset + charsOf(part.slice(0, at)).length;
}

const finder = (name: string, search: Search): [string, Method] =>
  method(name, ['x', 'start', 'end'], 1, (text, values) => BigInt(find(text, values, search)));

const indexer = (name: string, search: Search): [string, Method] =>
  method(name, ['x', 'start', 'end'], 1, (text, values) => {
    const at = find(text, values, search);
    if (at === -1) throw new Fault('the string does not hold this text');
    return BigInt(at);
  });

const stripper = (name: string, ends: { readonly left: boolean; readonly right: boolean }): [string, Method] =>
  method(name, ['chars'], 0, (text, [given]) => {
    const blanks = given === undefined || given === null ? null : new Set(textOf(given));
    const chars = charsOf(text);
    const goes = (char: string | undefined): boolean =>
      char !== undefined && (blanks === null ? /\s/.test(char) : blanks.has(char));
    let start = 0;
    let end = chars.length;
    while (ends.left && start < end && goes(chars[start])) start += 1;
    while (ends.right && end > start && goes(chars[end - 1])) end -= 1;
    return chars.slice(start, end).join('');
  });

const affixTest = (name: string, test: (text: string, affix: string) => boolean): [string, Method] =>
  method(name, ['x'], 1, (text, [given = null]) =>
    given instanceof Tuple ? given.items.some((affix) => test(text, textOf(affix))) : test(text, textOf(given)),
  );

const partitioner = (name: string, search: Search): [string, Method] =>
  method(name, ['sep'], 1, (text, [given]) => {
    const separator = textOf(given);
    if (separator === '') throw new Fault('the separator is empty');
    const at = search(text, separator);
    if (at === -1) return new Tuple(search === first ? [text, '', ''] : ['', '', text]);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  });

const splitter = (name: string, fromEnd: boolean): [string, Method] =>
  method(name, ['sep', 'maxsplit'], 0, (text, [given, limit], machine) => {
    const request: SplitRequest = {
      maxSplits:
        limit === undefined || limit === null || toNumber(limit) < 0 ? Number.POSITIVE_INFINITY : toNumber(limit),
      fromEnd,
    };
    if (given === undefined || given === null) return listOfTexts(splitAtBlanks(text, request), machine);
    return listOfTexts(splitAtText(text, textOf(given), request), machine);
  });

function replace(text: string, values: readonly (Value | undefined)[], machine: Machine): string {
  const [wanted, replacement] = [textOf(values[0]), textOf(values[1])];
  const limit = values[2] === undefined ? Number.POSITIVE_INFINITY : toNumber(values[2]);
  const pieces = wanted === '' ? ['', ...charsOf(text), ''] : text.split(wanted);
  machine.spend(pieces.length + textCost(pieces.length * replacement.length + text.length));
  if (limit < 0 || pieces.length - 1 <= limit) return pieces.join(replacement);
  const untouched = pieces.slice(limit).join(wanted);
  return [...pieces.slice(0, limit), untouched].join(replacement);
}

function join(separator: string, source: Value, machine: Machine): string {
  const texts = [...iterate(source, machine)].map(textOf);
  machine.spend(textCost(texts.reduce((total, text) => total + text.length + separator.length, 0)));
  return texts.join(separator);
}

function count(text: string, [given, ...bounds]: readonly (Value | undefined)[]): bigint {
  const wanted = textOf(given);
  const { part } = window(text, bounds);
  return BigInt(wanted === '' ? charsOf(part).length + 1 : part.split(wanted).length - 1);
}

const titled = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => {
    const [head = '', ...tail] = charsOf(word);
    return head.toUpperCase() + tail.join('').toLowerCase();
  });

function capitalized(text: string): string {
  const [head = '', ...tail] = charsOf(text);
  return head.toUpperCase() + tail.join('').toLowerCase();
}

const hasLetters = (text: string): boolean => /\p{L}/u.test(text);

export const STRING_METHODS: ReadonlyMap<string, Method> = new Map([
  simple('capitalize', capitalized),
  method('codepoints', [], 0, (text, _, machine) => {
    machine.spend(text.length);
    return new List(charsOf(text).map((char) => BigInt(char.codePointAt(0) ?? 0)));
  }),
  method('count', ['x', 'start', 'end'], 1, (text, values) => count(text, values)),
  method('elems', [], 0, (text, _, machine) => listOfTexts(charsOf(text), machine)),
  affixTest('endswith', (text, affix) => text.endsWith(affix)),
  finder('find', first),
  ['format', (text, args, machine) => formatBraces(text, args, machine)],
  indexer('index', first),
  simple('isalnum', (text) => /^[\p{L}\p{N}]+$/u.test(text)),
  simple('isalpha', (text) => /^\p{L}+$/u.test(text)),
  simple('isdigit', (text) => /^\p{Nd}+$/u.test(text)),
  simple('islower', (text) => hasLetters(text) && text === text.toLowerCase()),
  simple('isspace', (text) => /^\s+$/.test(text)),
  simple('istitle', (text) => hasLetters(text) && text === titled(text)),
  simple('isupper', (text) => hasLetters(text) && text === text.toUpperCase()),
  method('join', ['x'], 1, (text, [source = null], machine) => join(text, source, machine)),
  simple('lower', (text) => text.toLowerCase()),
  stripper('lstrip', { left: true, right: false }),
  partitioner('partition', first),
  method('removeprefix', ['x'], 1, (text, [given]) => {
    const affix = textOf(given);
    return text.startsWith(affix) ? text.slice(affix.length) : text;
  }),
  method('removesuffix', ['x'], 1, (text, [given]) => {
    const affix = textOf(given);
    return affix !== '' && text.endsWith(affix) ? text.slice(0, -affix.length) : text;
  }),
  method('replace', ['old', 'new', 'count'], 2, replace),
  finder('rfind', last),
  indexer('rindex', last),
  partitioner('rpartition', last),
  splitter('rsplit', true),
  stripper('rstrip', { left: false, right: true }),
  splitter('split', false),
  method('splitlines', ['keepends'], 0, (text, [keepEnds = false], machine) =>
    listOfTexts(splitLines(text, keepEnds === true), machine),
  ),
  affixTest('startswith', (text, affix) => text.startsWith(affix)),
  stripper('strip', { left: true, right: true }),
  simple('title', titled),
  simple('upper', (text) => text.toUpperCase()),
]);

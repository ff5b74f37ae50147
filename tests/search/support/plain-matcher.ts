/**
 * The scoring rules written down as plainly as possible, to compare the fast matcher with. No table is kept, nothing is
 * skipped, every cell of every row is computed; it takes no code from the matcher.
 */
import { baseLetter, bonusOf, classOf, fold, isAscii, unitsOf } from './plain-units.ts';

export type PlainResult = { readonly score: number; readonly indices: readonly number[] };

interface PlainTerm {
  readonly kind: 'fuzzy' | 'substring' | 'prefix' | 'suffix' | 'whole';
  readonly negated: boolean;
  readonly needle: readonly string[];
  readonly ascii: boolean;
  readonly ignoreCase: boolean;
  readonly base: boolean;
}

interface PlainPath {
  readonly units: readonly string[];
  readonly folded: readonly string[];
  readonly bonuses: readonly number[];
  readonly ascii: boolean;
}

/** A term as it is written, and with its letters composed. */
interface Spellings {
  readonly written: PlainTerm;
  readonly composed: PlainTerm;
}

function parse(query: string): Spellings[] {
  const parts: string[] = [''];
  let escaped = false;
  for (const char of query) {
    if (/\p{White_Space}/u.test(char) && !escaped) {
      parts.push('');
    } else {
      parts.push(`${parts.pop() ?? ''}${char}`);
    }
    escaped = char === '\\';
  }
  return parts
    .map((part) => ({ written: parseTerm(part), composed: parseTerm(part.normalize()) }))
    .filter(({ written }) => written.needle.length > 0);
}

function parseTerm(part: string): PlainTerm {
  let rest = part;
  const take = (mark: string): boolean => {
    if (!rest.startsWith(mark)) return false;
    rest = rest.slice(mark.length);
    return true;
  };
  const negated = take('!');
  if (!negated && rest.startsWith('\\!')) rest = rest.slice(1);
  let kind: PlainTerm['kind'] = take('^') ? 'prefix' : take("'") ? 'substring' : 'fuzzy';
  if (kind === 'fuzzy' && /^\\[\^']/.test(rest)) rest = rest.slice(1);
  let dollar = '';
  if (/\\\$$/.test(rest)) {
    dollar = '$';
    rest = rest.slice(0, -2);
  } else if (rest.endsWith('$')) {
    rest = rest.slice(0, -1);
    kind = kind === 'fuzzy' ? 'suffix' : 'whole';
  }
  if (negated && kind === 'fuzzy') kind = 'substring';
  const ascii = isAscii(rest);
  const plain = ascii ? [...rest.replaceAll('\\ ', ' ')] : doubled(unitsOf(rest));
  const needle = [...plain, ...dollar];
  return {
    kind,
    negated,
    needle,
    ascii,
    ignoreCase: needle.every((unit) => fold(unit) === unit),
    base: needle.every((unit) => baseLetter(unit) === unit),
  };
}

const doubled = (units: readonly string[]): string[] =>
  units.flatMap((unit, at) => (at > 0 && units[at - 1] === '\\' && unit !== ' ' ? ['\\', unit] : [unit]));

function read(path: string, term: PlainTerm, composed: boolean): PlainPath {
  const ascii = isAscii(path);
  const units = ascii ? [...path] : unitsOf(path, composed);
  const based = units.map((unit) => (term.base ? baseLetter(unit) : unit));
  return {
    ascii,
    units,
    folded: based.map((unit) => (term.ignoreCase ? fold(unit) : unit)),
    bonuses: units.map((unit, at) => bonusOf(at === 0 ? 'delimiter' : classOf(units[at - 1] ?? ''), classOf(unit))),
  };
}

/** Score and indices of a path, or null when it does not match. */
export function plainMatch(query: string, path: string): PlainResult | null {
  let score = 0;
  const indices = new Set<number>();
  for (const { written, composed } of parse(query)) {
    const found = findTerm(path, written, false) ?? findTerm(path, composed, true);
    if ((found === null) !== written.negated) return null;
    if (found === null || written.negated) continue;
    score += found.score;
    for (const index of found.indices) indices.add(index);
  }
  return { score, indices: [...indices].sort((a, b) => a - b) };
}

function findTerm(path: string, term: PlainTerm, composed: boolean): PlainResult | null {
  return isAscii(path) && !term.ascii ? null : matchTerm(read(path, term, composed), term);
}

function matchTerm(path: PlainPath, term: PlainTerm): PlainResult | null {
  const isWhite = path.ascii ? /^[ \t\n\f\r]$/ : /^\p{White_Space}$/u;
  const lead = /^\s/.test(term.needle[0] ?? '') ? 0 : path.units.findIndex((unit) => !isWhite.test(unit));
  const start = lead === -1 ? path.units.length : lead;
  const tail = path.units.findLastIndex((unit) => !isWhite.test(unit)) + 1;
  const end = /^\s/.test(term.needle.at(-1) ?? '') ? path.units.length : tail;
  const size = term.needle.length;
  switch (term.kind) {
    case 'prefix':
      return pieceAt(path, term, start);
    case 'suffix':
      return pieceAt(path, term, end - size);
    case 'whole':
      return end - start === size ? pieceAt(path, term, start) : null;
    case 'substring':
      return substring(path, term);
    default:
      return fuzzy(path, term);
  }
}

const matchesAt = (path: PlainPath, needle: readonly string[], start: number): boolean =>
  start >= 0 &&
  start + needle.length <= path.folded.length &&
  needle.every((unit, at) => path.folded[start + at] === unit);

function pieceAt(path: PlainPath, term: PlainTerm, start: number): PlainResult | null {
  return matchesAt(path, term.needle, start) ? run(path, term, start, start + term.needle.length) : null;
}

function run(path: PlainPath, term: PlainTerm, start: number, end: number): PlainResult {
  const indices = [start];
  let best = path.bonuses[start] ?? 0;
  let score = 16 + 2 * best;
  let running = true;
  for (let at = start + 1; at < end; at++) {
    if (indices.length < term.needle.length && path.folded[at] === term.needle[indices.length]) {
      let bonus = path.bonuses[at] ?? 0;
      if (!running) best = bonus;
      else {
        if (bonus >= 8) best = Math.max(best, bonus);
        bonus = Math.max(bonus, best, 4);
      }
      score += 16 + bonus;
      running = true;
      indices.push(at);
    } else {
      score = Math.max(0, score - (running ? 3 : 1));
      running = false;
    }
  }
  return { score, indices };
}

/** Bonuses of single places, with the class before taken from the last place in a path that is not ASCII. */
function placeBonuses(path: PlainPath, places: readonly number[]): number[] {
  return places.map((place, nth) => {
    const last = places[nth - 1];
    if (path.ascii || last === undefined) return path.bonuses[place] ?? 0;
    return bonusOf(classOf(path.units[last] ?? ''), classOf(path.units[place] ?? ''));
  });
}

function bestOf(bonuses: readonly number[]): number {
  const stop = bonuses.findIndex((bonus) => bonus >= 8);
  const seen = stop === -1 ? bonuses : bonuses.slice(0, stop + 1);
  return seen.indexOf(Math.max(...seen));
}

function single(path: PlainPath, term: PlainTerm): PlainResult | null {
  const places = [...path.folded.keys()].filter((at) => path.folded[at] === term.needle[0]);
  if (places.length === 0) return null;
  const bonuses = placeBonuses(path, places);
  const best = bestOf(bonuses);
  return { score: 16 + 2 * (bonuses[best] ?? 0), indices: [places[best] ?? 0] };
}

function substring(path: PlainPath, term: PlainTerm): PlainResult | null {
  const size = term.needle.length;
  const length = path.folded.length;
  if (size >= length) return size === length ? pieceAt(path, term, 0) : null;
  if (size === 1) return single(path, term);
  const letter = term.needle.findIndex((unit) => /^[a-z]$/.test(unit));
  const late = path.ascii && term.ignoreCase && letter >= 2;
  const seen = late ? { ...path, folded: path.units } : path;
  const limit = late ? length - size + letter : path.ascii ? length : length - 1;
  const jumps = path.ascii && (!term.ignoreCase || letter === -1 || late);
  const places: number[] = [];
  for (let at = 0; at + size <= limit; at++) {
    if (!matchesAt(seen, term.needle, at)) continue;
    places.push(at);
    if (jumps) at += size - 1;
  }
  const place = places[bestOf(placeBonuses(path, places))];
  return place === undefined ? null : run(path, term, place, place + size);
}

function fuzzy(path: PlainPath, term: PlainTerm): PlainResult | null {
  const { needle } = term;
  const size = needle.length;
  const length = path.folded.length;
  if (size >= length) return size === length ? pieceAt(path, term, 0) : null;
  if (size === 1) return single(path, term);
  const greedy: number[] = [];
  for (let at = 0; at < length && greedy.length < size; at++) {
    if (path.folded[at] === needle[greedy.length]) greedy.push(at);
  }
  if (greedy.length < size) return null;
  const start = greedy[0] ?? 0;
  const end = path.folded.lastIndexOf(needle[size - 1] ?? '') + 1;
  const width = end - start;
  if (width === size) return run(path, term, start, end);
  const columns = width + 1 - size;
  const head = Math.ceil((width * (path.ascii ? 2 : 5)) / 2) * 2 + 2 * size;
  const bytes = Math.ceil(head / 8) * 8 + 8 * columns + columns * size;
  if (width * size > 102_400 || size > 2_048 || bytes > 133_120) {
    let from = (greedy.at(-1) ?? 0) + 1;
    const latest = from;
    for (const unit of needle.toReversed()) from = path.folded.lastIndexOf(unit, from - 1);
    return run(path, term, from, latest);
  }
  return align(path, term, { end, greedy });
}

interface Cell {
  readonly score: number;
  readonly carry: number;
  readonly positions: readonly number[];
}

/** Every cell knows its own positions; a gap knows those of the match it started from. */
function align(path: PlainPath, term: PlainTerm, window: { end: number; greedy: readonly number[] }): PlainResult {
  const { greedy, end } = window;
  const bonus = (at: number): number => path.bonuses[at] ?? 0;
  let row = new Map<number, Cell>();
  for (let at = greedy[0] ?? 0; at < end; at++) {
    if (path.folded[at] !== term.needle[0]) continue;
    row.set(at, { score: 16 + 2 * bonus(at), carry: bonus(at), positions: [at] });
  }
  for (let nth = 1; nth < term.needle.length; nth++) {
    const next = new Map<number, Cell>();
    let gap: { score: number; positions: readonly number[] } = { score: 0, positions: [] };
    for (let at = greedy[nth - 1] ?? 0; at + 1 < end; at++) {
      if (at > (greedy[nth - 1] ?? 0)) {
        const left = row.get(at - 1);
        const extended = Math.max(0, gap.score - 1);
        const started = Math.max(0, (left?.score ?? 0) - 3);
        gap =
          left !== undefined && started > extended
            ? { score: started, positions: left.positions }
            : { score: extended, positions: gap.positions };
      }
      if (at + 1 < (greedy[nth] ?? 0) || path.folded[at + 1] !== term.needle[nth]) continue;
      const b = bonus(at + 1);
      const apart: Cell = { score: gap.score + b + 16, carry: b, positions: [...gap.positions, at + 1] };
      const before = row.get(at);
      let carry = Math.max(before?.carry ?? 0, 4);
      if (b >= 8) carry = Math.max(carry, b);
      const joined = (before?.score ?? 0) + Math.max(carry, b) + 16;
      const joins = before !== undefined && joined > apart.score;
      next.set(at + 1, joins ? { score: joined, carry, positions: [...before.positions, at + 1] } : apart);
    }
    row = next;
  }
  const cells = [...row.values()];
  const best = Math.max(...cells.map(({ score }) => score));
  const last = cells.findLast(({ score }) => score === best);
  return { score: best, indices: last?.positions ?? [] };
}

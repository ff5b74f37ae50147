/**
 * What is searched for: queries from a file, or made up from names in the tree. In: the text of a file, or a sample of paths.
 * Out: single queries and key-stroke sequences. Pure.
 */
import { Random } from '../../tests/support/random.ts';

export interface QuerySet {
  /** Asked one at a time. */
  readonly single: readonly string[];
  /** Each is typed letter by letter. */
  readonly typed: readonly string[];
}

const SINGLE_QUERIES = 60;
const TYPED_QUERIES = 5;
const TYPED_LENGTH = 8;

/**
 * One query a line. `> QUERY` is typed letter by letter, `# ...` and blank lines say nothing; a query that begins that way is
 * written with a blank in front, which searches take off. Throws when there is no query.
 */
export function parseQueries(text: string): QuerySet {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^#(\s|$)/.test(line));
  const typed = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
  const single = lines.filter((line) => !line.startsWith('> '));
  if (single.length + typed.length === 0) throw new Error('--queries: the file holds no query');
  const long = single.filter((query) => query.trim().length > 2).slice(0, TYPED_QUERIES);
  return { single: single.length > 0 ? single : typed, typed: typed.length > 0 ? typed : orElse(long, single) };
}

/** What a person would type to get to some of the paths, the same for the same seed. Throws for no paths. */
export function deriveQueries(paths: readonly string[], seed: number): QuerySet {
  const random = new Random(seed);
  const single = Array.from({ length: SINGLE_QUERIES }, (_, index) => {
    const shape = SHAPES[index % SHAPES.length];
    const query = shape?.(random.pick(paths), random) ?? '';
    return query.trim() === '' ? 'a' : query;
  });
  const typed = Array.from({ length: TYPED_QUERIES }, () => {
    const path = random.pick(paths);
    return random.chance(0.5) ? stemOf(path).slice(0, TYPED_LENGTH) : abbreviated(path, random).slice(0, TYPED_LENGTH);
  });
  return { single: random.shuffled(single), typed };
}

/** A sequence as it is typed: `m`, `ma`, `mai`, `main`. */
export function keyStrokes(query: string): string[] {
  const letters = [...query];
  return letters.map((_, index) => letters.slice(0, index + 1).join('')).filter((typed) => typed.trim() !== '');
}

type Shape = (path: string, random: Random) => string;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.split('/').at(-2) ?? '';
const lettersOnly = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
/** The name without its endings; a hidden file keeps its first letters. */
const stemOf = (path: string): string => lettersOnly(nameOf(path).replace(/(?<=.)\..*$/, '')) || 'a';

/** Letters of the path in their order, some left out. */
function abbreviated(path: string, random: Random): string {
  const letters = [...lettersOnly(`${folderOf(path)}${stemOf(path)}`)];
  return letters.filter((_, index) => index === 0 || random.chance(0.5)).join('') || 'a';
}

const SHAPES: readonly Shape[] = [
  (path) => stemOf(path),
  (path) => stemOf(path).slice(0, 4),
  (path, random) => abbreviated(path, random).slice(0, 6),
  (path, random) => abbreviated(path, random),
  (path) => nameOf(path),
  (path) => `${folderOf(path)} ${stemOf(path)}`.trim(),
  (path) => `${folderOf(path).slice(0, 3)}/${stemOf(path).slice(0, 4)}`,
  (path) => path.split('/').slice(-3).join('/'),
  (path, random) => lettersOnly(path).slice(0, 1 + random.below(2)) || 'a',
  (path) => `'${stemOf(path)}`,
  (path) => `${stemOf(path).slice(0, 5)} ${/\.\w+$/.exec(path)?.[0] ?? '.c'}$`,
  (path) => `${stemOf(path)}qzxj`,
];

const orElse = (preferred: readonly string[], other: readonly string[]): readonly string[] =>
  preferred.length > 0 ? preferred : other.slice(0, TYPED_QUERIES);

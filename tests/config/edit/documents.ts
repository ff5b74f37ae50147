/** Random TOML documents, in every way of writing a table, that know which comment stands at what. */
import fc from 'fast-check';
import type { TomlPath } from '../../../src/config/edit/edit.ts';

export interface Comment {
  readonly text: string;
  /** What it stands before or beside; null when a blank line or the end of the text parts it from everything. */
  readonly at: TomlPath | null;
  /** The table in whose section it stands without standing at anything; it goes with that table. */
  readonly within: TomlPath | null;
}

export interface RandomDocument {
  readonly text: string;
  readonly comments: readonly Comment[];
  /** Of every value, table and item. */
  readonly paths: readonly TomlPath[];
  /** Of those that are tables with a header, or lists of tables. */
  readonly tables: readonly TomlPath[];
  readonly lists: readonly TomlPath[];
}

type Pick = (max: number) => number;

const SCALARS = ['1', '-17', '0x1F', '1.5', '-0.0', 'inf', 'nan', '1e3', 'true', '1979-05-27 07:32:00', '07:32:00'];
const STRINGS = [
  '""',
  "''",
  '"a # b"',
  "'[x]'",
  '"q\\"="',
  '"""a\n# no comment\n"b" """',
  "'''\n'x' ]'''",
  '"\\u00e9"',
];
const NESTED = ['[]', '[1, 2,]', '[ [1], ["]"] ]', '{}', '{ a = 1, "b c".d = "}" }', '[{ x = 1 }, { x = 2 }]'];
const VALUES = [...SCALARS, ...STRINGS, ...NESTED];

/** Shrinks by picking less. */
export const randomDocuments = fc
  .gen()
  .map((pick): RandomDocument => new Writer((max) => pick(fc.nat, { max })).write());

class Writer {
  readonly #pick: Pick;
  readonly #comments: Comment[] = [];
  readonly #paths: TomlPath[] = [];
  readonly #tables: TomlPath[] = [];
  readonly #lists: TomlPath[] = [];
  #text = '';
  #count = 0;

  constructor(pick: Pick) {
    this.#pick = pick;
  }

  write(): RandomDocument {
    this.#tables.push([]);
    this.#entries([]);
    this.#tablesIn({ keys: [], path: [] }, 0);
    if (this.#pick(2) === 0) this.#text += `\n${this.#comment(null)}\n`;
    const [text, comments] = [this.#text, this.#comments];
    return { text, comments, paths: this.#paths, tables: this.#tables, lists: this.#lists };
  }

  #entries(path: TomlPath): void {
    for (let left = this.#pick(3); left > 0; left -= 1) {
      const keys = [this.#key(), ...(this.#pick(3) === 0 ? [this.#key()] : [])];
      const more = keys.length > 1 ? this.#pick(2) : 0;
      this.#entry(path, keys);
      for (let index = 0; index < more; index += 1) this.#entry(path, [keys[0] ?? '', this.#key()]);
    }
  }

  #entry(path: TomlPath, keys: readonly string[]): void {
    const own = [...path, ...keys];
    this.#paths.push(own, ...(keys.length > 1 ? [own.slice(0, -1)] : []));
    this.#before(own, path);
    const value = VALUES[this.#pick(VALUES.length - 1)] ?? '0';
    this.#text += `${keys.map(quoted).join(this.#pick(4) === 0 ? ' . ' : '.')} = ${value}${this.#beside(own)}\n`;
  }

  #tablesIn(parent: { keys: readonly string[]; path: TomlPath }, depth: number): void {
    for (let left = depth < 3 ? this.#pick(2) : 0; left > 0; left -= 1) {
      const key = this.#key();
      const [keys, path] = [
        [...parent.keys, key],
        [...parent.path, key],
      ];
      const kind = this.#pick(3);
      if (kind === 0) this.#items({ keys, path }, depth);
      else if (kind === 1) this.#implied({ keys, path }, depth);
      else this.#section({ keys, path }, { isItem: false, depth });
    }
  }

  /** Every item has a number of its own, so that no two are equal. */
  #items({ keys, path }: { keys: readonly string[]; path: TomlPath }, depth: number): void {
    this.#lists.push(path);
    this.#paths.push(path);
    for (let index = 0; index <= this.#pick(2); index += 1) {
      this.#section({ keys, path: [...path, index] }, { isItem: true, depth });
    }
  }

  #implied({ keys, path }: { keys: readonly string[]; path: TomlPath }, depth: number): void {
    const key = this.#key();
    this.#paths.push(path);
    this.#section({ keys: [...keys, key], path: [...path, key] }, { isItem: false, depth: depth + 1 });
  }

  #section(
    { keys, path }: { keys: readonly string[]; path: TomlPath },
    { isItem, depth }: { isItem: boolean; depth: number },
  ): void {
    this.#paths.push(path);
    this.#tables.push(path);
    this.#before(path, null);
    const head = keys.map(quoted).join('.');
    this.#text += `${isItem ? `[[${head}]]` : `[ ${head} ]`}${this.#beside(path)}\n`;
    if (isItem) this.#text += `number = ${this.#next()}\n`;
    this.#entries(path);
    this.#tablesIn({ keys, path }, depth + 1);
  }

  #before(path: TomlPath, within: TomlPath | null): void {
    if (this.#pick(5) === 0) this.#text += `\n${this.#comment(null, within)}\n\n`;
    if (this.#pick(3) === 0) this.#text += `${this.#comment(path)}\n`;
    if (this.#pick(4) === 0) this.#text += '  ';
  }

  #beside(path: TomlPath): string {
    return this.#pick(3) === 0 ? ` ${this.#comment(path)}` : '';
  }

  #comment(at: TomlPath | null, within: TomlPath | null = null): string {
    const text = `# comment ${this.#next()}.`;
    this.#comments.push({ text, at, within });
    return text;
  }

  #key(): string {
    return `${['k', 'k k', 'k.', 'k"', '_-', 'ü'][this.#pick(5)] ?? 'k'}${this.#next()}`;
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}

const quoted = (key: string): string => (/^[\w-]+$/.test(key) && !key.includes('ü') ? key : JSON.stringify(key));

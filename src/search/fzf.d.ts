// The types that the package ships do not resolve under Node's rules for modules.
declare module 'fzf' {
  export interface FzfResultItem<T> {
    readonly item: T;
    readonly score: number;
    /** UTF-16 offsets of matched characters in the composed form (NFC) of the text. */
    readonly positions: ReadonlySet<number>;
  }

  export interface FzfOptions<T> {
    readonly selector: (item: T) => string;
    readonly match?: FzfMatch;
    readonly sort?: boolean;
  }

  /** Opaque: the query syntax. */
  export interface FzfMatch {
    readonly name: 'extendedMatch' | 'basicMatch';
  }

  /** White space between terms means "and"; `'`, `^`, `$`, `!` and `|` are operators. */
  export const extendedMatch: FzfMatch;

  export class Fzf<T> {
    constructor(list: readonly T[], options: FzfOptions<T>);
    find(query: string): readonly FzfResultItem<T>[];
  }
}

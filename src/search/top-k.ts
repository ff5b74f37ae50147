/** Keeps the best few of many. */

/**
 * A bounded heap. `compare` puts the better item first, as for `Array.sort`; two items that compare as 0 are
 * interchangeable.
 */
export class TopK<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  /** A heap with the worst item at the root. */
  readonly #heap: T[] = [];

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** The item that the next better one would displace; undefined while there is room. */
  get worst(): T | undefined {
    return this.#heap.length < this.#limit ? undefined : this.#heap[0];
  }

  /** Keeps the item if it is among the best so far. */
  add(item: T): void {
    if (this.#heap.length < this.#limit) {
      this.#heap.push(item);
      this.#rise(this.#heap.length - 1);
      return;
    }
    const worst = this.#heap[0];
    if (worst === undefined || this.#compare(item, worst) >= 0) return;
    this.#heap[0] = item;
    this.#sink(0);
  }

  /** The kept items, best first. */
  sorted(): T[] {
    return [...this.#heap].sort(this.#compare);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let worst = at;
      if (this.#isWorse(left, worst)) worst = left;
      if (this.#isWorse(right, worst)) worst = right;
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #isWorse(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    return first !== undefined && second !== undefined && this.#compare(first, second) > 0;
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

const FIRST_SURROGATE = 0xd800;
const SURROGATES_END = 0xe000;

/** Order of two strings by their UTF-8 bytes: like that of code points, unlike that of `<`. */
export function compareBytes(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const first = a.charCodeAt(at);
    const second = b.charCodeAt(at);
    if (first === second) continue;
    return byteRank(first) - byteRank(second);
  }
  return a.length - b.length;
}

/** Surrogates sort after all other code units. */
function byteRank(codeUnit: number): number {
  const isSurrogate = codeUnit >= FIRST_SURROGATE && codeUnit < SURROGATES_END;
  return isSurrogate ? codeUnit + SURROGATES_END : codeUnit;
}

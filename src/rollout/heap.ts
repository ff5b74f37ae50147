/** Values that are taken out in order, one at a time: sorting no more of them than somebody asks for. */
export class Heap<T extends object> {
  readonly #comesBefore: (a: T, b: T) => boolean;
  readonly #values: T[] = [];

  constructor(comesBefore: (a: T, b: T) => boolean) {
    this.#comesBefore = comesBefore;
  }

  push(value: T): void {
    const values = this.#values;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = values[up];
      if (parent === undefined || !this.#comesBefore(value, parent)) break;
      values[at] = parent;
      at = up;
    }
    values[at] = value;
  }

  /** The value that comes before all others; undefined when there is none. */
  pop(): T | undefined {
    const first = this.#values[0];
    const last = this.#values.pop();
    if (last !== undefined && this.#values.length > 0) this.#sink(last);
    return first;
  }

  /** Takes all out in order; what is pushed meanwhile takes part. */
  *drain(): Generator<T> {
    for (let value = this.pop(); value !== undefined; value = this.pop()) yield value;
  }

  #sink(value: T): void {
    const values = this.#values;
    let at = 0;
    for (;;) {
      const child = this.#firstChild(at);
      const candidate = child === null ? undefined : values[child];
      if (child === null || candidate === undefined || !this.#comesBefore(candidate, value)) break;
      values[at] = candidate;
      at = child;
    }
    values[at] = value;
  }

  #firstChild(at: number): number | null {
    const [left, right] = [this.#values[2 * at + 1], this.#values[2 * at + 2]];
    if (left === undefined) return null;
    return right !== undefined && this.#comesBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}

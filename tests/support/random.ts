/** Random numbers that can be repeated, for tests and benches: the seed is printed, and SEED sets it. */
import type { TestContext } from 'node:test';

/** The seed of this run: SEED, or the time. It is printed, so that a failure can be repeated. */
export function seedOf(context: Pick<TestContext, 'name'>): number {
  const seed = process.env.SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.SEED);
  process.stderr.write(`${context.name}: SEED=${seed}\n`);
  return seed;
}

/** Numbers that look random and are the same for the same seed, on every machine (mulberry32): small, even enough for tests. */
export class Random {
  #state: number;

  /** Only the low 32 bits of the seed count. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, at least 0 and below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** A new list of the same things in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => {
      const at = this.below(left.length);
      const [taken] = left.splice(at, 1);
      if (taken === undefined) throw new RangeError('nothing to pick from');
      return taken;
    });
  }
}

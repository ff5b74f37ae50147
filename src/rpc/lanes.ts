/**
 * Order among requests that run concurrently: what shares a lane runs one after the other, in the order of arrival. Owns the
 * tail of each lane in use.
 */
import { deferred } from '../base/abort.ts';

export interface LanePlace {
  /** Resolves when every earlier place in the same lanes has been left; undefined when that is so already. */
  readonly turn: Promise<unknown> | undefined;
  /** Lets the next one go. More than once is harmless. */
  leave(): void;
}

const FREE: LanePlace = { turn: undefined, leave: () => undefined };

export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Takes a place at the end of each lane, all at once, so two requests can never wait for each other. */
  enter(names: readonly string[]): LanePlace {
    if (names.length === 0) return FREE;
    const earlier = names.flatMap((name) => this.#tails.get(name) ?? []);
    const own = deferred();
    for (const name of names) this.#tails.set(name, own.promise);
    return {
      turn: earlier.length === 0 ? undefined : Promise.all(earlier),
      leave: () => {
        own.resolve();
        for (const name of names) if (this.#tails.get(name) === own.promise) this.#tails.delete(name);
      },
    };
  }
}

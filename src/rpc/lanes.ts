/**
 * Order among concurrent requests: requests of one lane run one after the other, in order of arrival, but adjacent
 * readers run together. Owns the queue of each lane in use.
 */
import { deferred } from '../base/abort.ts';

/**
 * The name of a lane that a request needs exclusively; `shared` if other sharing requests may run at the same time.
 */
export type Lane = string | { readonly shared: string };

export interface LaneSlot {
  /** Resolves when every earlier conflicting slot has been left; undefined if none is left. */
  readonly turn: Promise<unknown> | undefined;
  /** Lets the next one run. Idempotent. */
  leave(): void;
}

/** Slots that have not been left: the last exclusive one, and the shared ones after it. */
interface LaneState {
  alone: Promise<void> | null;
  sharing: Set<Promise<void>>;
}

const FREE: LaneSlot = { turn: undefined, leave: () => undefined };

export class Lanes {
  readonly #states = new Map<string, LaneState>();

  /** Appends a slot to each lane, all at once, so two requests can never wait for each other. */
  enter(lanes: readonly Lane[]): LaneSlot {
    if (lanes.length === 0) return FREE;
    const own = deferred();
    const earlier = lanes.flatMap((lane) => this.#append(lane, own.promise));
    return {
      turn: earlier.length === 0 ? undefined : Promise.all(earlier),
      leave: () => {
        own.resolve();
        for (const lane of lanes) this.#remove(lane, own.promise);
      },
    };
  }

  /** Returns what the new slot has to wait for. */
  #append(lane: Lane, slot: Promise<void>): Promise<void>[] {
    const state = this.#states.get(nameOf(lane)) ?? { alone: null, sharing: new Set() };
    this.#states.set(nameOf(lane), state);
    const alone = state.alone === null ? [] : [state.alone];
    if (typeof lane !== 'string') {
      state.sharing.add(slot);
      return alone;
    }
    const earlier = [...alone, ...state.sharing];
    state.alone = slot;
    state.sharing = new Set();
    return earlier;
  }

  #remove(lane: Lane, slot: Promise<void>): void {
    const state = this.#states.get(nameOf(lane));
    if (state === undefined) return;
    if (state.alone === slot) state.alone = null;
    state.sharing.delete(slot);
    if (state.alone === null && state.sharing.size === 0) this.#states.delete(nameOf(lane));
  }
}

const nameOf = (lane: Lane): string => (typeof lane === 'string' ? lane : lane.shared);

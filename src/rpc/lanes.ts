/**
 * Order among requests that run concurrently: what shares a lane runs one after the other, in the order of arrival, but
 * neighbours that only read run together. Owns, for each lane in use, whom the next request has to wait for.
 */
import { deferred } from '../base/abort.ts';

/** The name of a lane that a request needs alone; `shared` when others that share it may run at the same time. */
export type Lane = string | { readonly shared: string };

export interface LanePlace {
  /** Resolves when every earlier place that this one may not run beside has been left; undefined when that is so already. */
  readonly turn: Promise<unknown> | undefined;
  /** Lets the next one go. More than once is harmless. */
  leave(): void;
}

/** Places that have not been left: the last one that is alone, and those that share the lane behind it. */
interface LaneState {
  alone: Promise<void> | null;
  sharing: Set<Promise<void>>;
}

const FREE: LanePlace = { turn: undefined, leave: () => undefined };

export class Lanes {
  readonly #states = new Map<string, LaneState>();

  /** Takes a place at the end of each lane, all at once, so two requests can never wait for each other. */
  enter(lanes: readonly Lane[]): LanePlace {
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

  /** Whom the new place has to wait for. */
  #append(lane: Lane, place: Promise<void>): Promise<void>[] {
    const state = this.#states.get(nameOf(lane)) ?? { alone: null, sharing: new Set() };
    this.#states.set(nameOf(lane), state);
    const alone = state.alone === null ? [] : [state.alone];
    if (typeof lane !== 'string') {
      state.sharing.add(place);
      return alone;
    }
    const earlier = [...alone, ...state.sharing];
    state.alone = place;
    state.sharing = new Set();
    return earlier;
  }

  #remove(lane: Lane, place: Promise<void>): void {
    const state = this.#states.get(nameOf(lane));
    if (state === undefined) return;
    if (state.alone === place) state.alone = null;
    state.sharing.delete(place);
    if (state.alone === null && state.sharing.size === 0) this.#states.delete(nameOf(lane));
  }
}

const nameOf = (lane: Lane): string => (typeof lane === 'string' ? lane : lane.shared);

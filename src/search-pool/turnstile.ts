/** Lets so many in at a time; the others wait in order, each as long as it likes. */
import { type Deferred, deferred } from '../base/abort.ts';
import { timerMs } from '../base/timers.ts';

export class Turnstile {
  #free: number;
  readonly #waiting = new Set<Deferred<boolean>>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Says whether there was a place in time; whoever got one has to `leave`. */
  async enter(limitMs: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    const turn = deferred<boolean>();
    this.#waiting.add(turn);
    const timer = setTimeout(() => {
      this.#waiting.delete(turn);
      turn.resolve(false);
    }, timerMs(limitMs));
    const hasPlace = await turn.promise;
    clearTimeout(timer);
    return hasPlace;
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next.resolve(true);
  }
}

/** A counting semaphore. Waiters enter in order; each has its own time limit. */
import { type Deferred, deferred } from '../base/abort.ts';
import { timerMs } from '../base/timers.ts';

export class Semaphore {
  #free: number;
  readonly #waiting = new Set<Deferred<boolean>>();

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Returns whether it got a slot in time; if so, call `leave`. */
  async enter(limitMs: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    const waiter = deferred<boolean>();
    this.#waiting.add(waiter);
    const timer = setTimeout(() => {
      this.#waiting.delete(waiter);
      waiter.resolve(false);
    }, timerMs(limitMs));
    const hasSlot = await waiter.promise;
    clearTimeout(timer);
    return hasSlot;
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

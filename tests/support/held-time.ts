/**
 * A clock for what runs in the process of the test: its time-outs pass when the test says so, however long a machine takes. Own, because
 * the one of `node:test` warns on stderr that it may change.
 */
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

interface Held {
  readonly dueMs: number;
  readonly run: () => void;
}

const STEP_MS = 10;
/** For what is under way in the process itself. */
const TURNS = 20;

export class HeldTime {
  #nowMs = Date.now();
  readonly #held = new Map<unknown, Held>();

  /** Time stands still from now to the end of the test, for `setTimeout` and `Date.now`. */
  constructor(context: TestContext) {
    const { clearTimeout: clear } = globalThis;
    const hold = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): object => {
      const refresh = (): object => {
        this.#held.set(handle, { dueMs: this.#nowMs + ms, run: () => run(...args) });
        return handle;
      };
      const handle = { refresh, ref: () => handle, unref: () => handle };
      return refresh();
    };
    const drop = (handle: NodeJS.Timeout | undefined): void => {
      if (!this.#held.delete(handle)) clear(handle);
    };
    context.mock.method(globalThis, 'setTimeout', hold);
    context.mock.method(globalThis, 'clearTimeout', drop);
    context.mock.method(Date, 'now', () => this.#nowMs);
  }

  /** What is due meanwhile runs, in order. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#held].filter(([, { dueMs }]) => dueMs <= untilMs);
      const [next] = due.toSorted(([, a], [, b]) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      const [handle, { dueMs, run }] = next;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#held.delete(handle);
      run();
    }
    this.#nowMs = untilMs;
  }

  /** How long the work takes that waits for nothing but time: it passes whenever nothing else is to be done. Does not reject. */
  async msOf(work: Promise<unknown>): Promise<number> {
    let isDone = false;
    const note = (): void => {
      isDone = true;
    };
    work.then(note, note);
    for (let elapsedMs = 0; ; elapsedMs += STEP_MS) {
      for (let count = 0; count < TURNS && !isDone; count += 1) await turn();
      if (isDone) return elapsedMs;
      this.pass(STEP_MS);
    }
  }
}

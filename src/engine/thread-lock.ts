/**
 * The lock of one session's thread. A stored thread comes with it. A new one is locked as soon as the answer to its start is on its
 * way: nobody else knows of it before, and starting a thread does not wait for a process. Turns wait for it.
 */
import type { Past } from './past.ts';
import type { EngineServices } from './services.ts';
import type { WriterLock } from './writer-lock.ts';

export class ThreadLock {
  readonly #settled: Promise<void>;
  #lock: WriterLock | null;
  #isReleased = false;

  /** `refuse` is told when somebody else has a new thread's lock. */
  constructor({ threadId, writer, lock }: Past, { locks }: EngineServices, refuse: (reason: unknown) => void) {
    this.#lock = lock;
    const isNew = writer !== null && lock === null;
    this.#settled = isNew
      ? afterAnswer()
          .then(() => (this.#isReleased ? null : locks.lock(threadId)))
          .then((taken) => {
            this.#lock = taken;
          })
          .catch(refuse)
      : Promise.resolve();
  }

  /** Resolves when the lock is taken, or will not be. Never rejects. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** Resolves when others can have it. Never rejects; twice is harmless. */
  async release(): Promise<void> {
    this.#isReleased = true;
    await this.#settled;
    await this.#lock?.release();
  }
}

const afterAnswer = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

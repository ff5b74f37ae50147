/**
 * Lets threads fall asleep that nobody listens to and in which nothing runs.
 *
 * In: every change that may begin or end a thread's use. Out: the command to its shard to forget it. It owns one timer for each
 * thread that is not used; the timers keep no process alive.
 */
import type { Logger } from '../base/log.ts';
import type { LoadedThread } from './loaded-thread.ts';

/** Longer waits would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

export interface IdleThreadsOptions {
  /** Whether a command waits for its reply, or the thread is not loaded any more. */
  readonly isBusy: (thread: LoadedThread) => boolean;
  /** Ends the thread's file; its shard forgets it. */
  readonly close: (threadId: string) => Promise<void>;
  readonly log: Logger;
}

export class IdleThreads {
  readonly #options: IdleThreadsOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: IdleThreadsOptions) {
    this.#options = options;
  }

  /** Looks whether the thread is used. One that is not falls asleep after the configured time, unless it is used before. */
  watch(thread: LoadedThread): void {
    this.forget(thread.id);
    if (!this.#isIdle(thread)) return;
    const afterMs = Math.min(thread.config.threadIdleUnloadMs, LONGEST_MS);
    const timer = setTimeout(() => this.#sleep(thread), afterMs);
    timer.unref();
    this.#timers.set(thread.id, timer);
  }

  forget(threadId: string): void {
    clearTimeout(this.#timers.get(threadId));
    this.#timers.delete(threadId);
  }

  /** One without a file could not come back. */
  #isIdle(thread: LoadedThread): boolean {
    const isThere = !thread.isAsleep && thread.path !== null && thread.lost === null && thread.reopening === null;
    const isUsed = thread.listeners.audience !== null || thread.runningTurnId !== null || this.#options.isBusy(thread);
    return isThere && !isUsed;
  }

  #sleep(thread: LoadedThread): void {
    this.#timers.delete(thread.id);
    if (!this.#isIdle(thread)) return;
    const { close, log } = this.#options;
    thread.isAsleep = true;
    thread.falling = close(thread.id)
      .catch((error: unknown) => log.warn('threads', 'an idle thread was not unloaded in order', { error }))
      .finally(() => {
        thread.falling = null;
        thread.lost ??= [];
      });
  }
}

/**
 * Unloads threads that nobody listens to and in which nothing runs; for want of room, those that somebody listens to as well.
 *
 * In: every change that may begin or end a thread's use. Out: the command to its shard to forget it. It owns one timer for each
 * thread that is not used; the timers keep no process alive.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../base/log.ts';
import { timerMs } from '../base/timers.ts';
import type { LoadedThread } from './loaded-thread.ts';

/** Each gives two descriptors back. */
const AT_A_TIME = 8;
/** There is no event for it. */
const LOOK_AGAIN_MS = 2;
const MOST_LOOKS = 10;

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

  /** Looks whether the thread is used. One that is not is unloaded after the configured time, unless it is used before. */
  watch(thread: LoadedThread): void {
    this.forget(thread.id);
    if (!this.#isIdle(thread)) return;
    const timer = setTimeout(() => this.#unloadIfIdle(thread), timerMs(thread.config.threadIdleUnloadMs));
    timer.unref();
    this.#timers.set(thread.id, timer);
  }

  forget(threadId: string): void {
    clearTimeout(this.#timers.get(threadId));
    this.#timers.delete(threadId);
  }

  /** Unloads those that were unused longest, a few at a time, until there is room or nobody is left. Bounded; never rejects. */
  async makeRoom(loaded: () => readonly LoadedThread[], hasRoom: () => boolean): Promise<void> {
    while (!hasRoom()) {
      const quiet = loaded().filter((thread) => this.#isQuiet(thread));
      const next = quiet.sort((a, b) => a.lastUse - b.lastUse).slice(0, AT_A_TIME);
      if (next.length === 0) return;
      await Promise.all(next.map((thread) => this.#unload(thread)));
      // What a file handle holds is let go of a moment after its shard has closed it.
      for (let tries = 0; tries < MOST_LOOKS && !hasRoom(); tries += 1) await delay(LOOK_AGAIN_MS);
    }
  }

  #isIdle(thread: LoadedThread): boolean {
    return thread.listeners.audience === null && this.#isQuiet(thread);
  }

  /** One without a file could not come back. */
  #isQuiet(thread: LoadedThread): boolean {
    const { life, path, runningTurnId } = thread;
    return life.state.kind === 'loaded' && path !== null && runningTurnId === null && !this.#options.isBusy(thread);
  }

  #unloadIfIdle(thread: LoadedThread): void {
    this.#timers.delete(thread.id);
    if (this.#isIdle(thread)) void this.#unload(thread);
  }

  #unload(thread: LoadedThread): Promise<void> {
    this.forget(thread.id);
    const { close, log } = this.#options;
    const closed = close(thread.id).catch((error: unknown) =>
      log.warn('threads', 'an idle thread was not unloaded in order', { error }),
    );
    return thread.life.unload(closed);
  }
}

/** Gives threads names: kept beside the rollouts, told to who listens. A rollout itself stays untouched. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { failureText } from '../base/os-error.ts';
import type { EngineEvent } from '../contract/engine-events.ts';
import { appendThreadName, NAMES_FILE } from '../rollout/thread-names.ts';
import { parseThreadId } from './errors.ts';
import type { Threads } from './threads.ts';

export interface ThreadNamesOptions {
  readonly threads: Threads;
  readonly codexHome: string;
  readonly clock: Clock;
  readonly newId: () => string;
}

export class ThreadNames {
  readonly #options: ThreadNamesOptions;

  constructor(options: ThreadNamesOptions) {
    this.#options = options;
  }

  /** Resolves with what tells the listeners of it, to be called after the answer. Throws AppError. */
  async set(threadId: string, name: string): Promise<() => void> {
    const { threads, newId } = this.#options;
    const trimmed = name.trim();
    if (trimmed === '') throw new AppError('invalid-input', 'thread name must not be empty');
    const thread = threads.get(parseThreadId(threadId));
    const problem = thread.path === null ? 'an ephemeral thread has no name' : await this.#store(thread.id, trimmed);
    const turnId = newId();
    const event: EngineEvent =
      problem === null
        ? { kind: 'nameUpdated', turnId, name: trimmed }
        : {
            kind: 'error',
            turnId,
            willRetry: false,
            error: { message: problem, codexErrorInfo: 'other', additionalDetails: null },
          };
    return () => threads.announce(thread, event);
  }

  /** null, or why not. */
  async #store(id: string, name: string): Promise<string | null> {
    const { codexHome, clock } = this.#options;
    try {
      await appendThreadName(join(codexHome, NAMES_FILE), id, name, clock.nowMs());
      return null;
    } catch (error) {
      return `the thread's name cannot be stored: ${failureText(error)}`;
    }
  }
}

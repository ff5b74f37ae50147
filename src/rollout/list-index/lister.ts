/**
 * The list's side of its thread. In: queries as messages. Out: pages, encoded where they go to a client as they are. Owns the
 * index; queries that take long let others go first.
 */

import { join } from 'node:path';
import { failureText } from '../../base/os-error.ts';
import type { ListerOptions, ListerReply, ListerRequest } from '../../contract/thread-query.ts';
import type { ThreadSummary } from '../head.ts';
import { threadOf } from '../thread.ts';
import { NAMES_FILE } from '../thread-names.ts';
import { NameBook } from './name-book.ts';
import { ThreadIndex } from './thread-index.ts';

/** After this long without a query, what was read is kept. */
const SAVE_AFTER_MS = 500;

export class Lister {
  readonly #options: ListerOptions;
  readonly #index: ThreadIndex;
  readonly #send: (reply: ListerReply<ThreadSummary>) => void;
  #saving: NodeJS.Timeout | undefined;

  constructor(options: ListerOptions, send: (reply: ListerReply<ThreadSummary>) => void) {
    this.#options = options;
    this.#send = send;
    this.#index = new ThreadIndex({
      ...options,
      names: new NameBook(join(options.codexHome, NAMES_FILE)),
      nowMs: () => Date.now(),
      steadyMs: () => performance.now(),
    });
  }

  /** Never throws. */
  async page({ id, query, form, busyPaths, cancel }: Extract<ListerRequest, { kind: 'page' }>): Promise<void> {
    clearTimeout(this.#saving);
    const flag = new Int32Array(cancel);
    try {
      const isCancelled = (): boolean => Atomics.load(flag, 0) !== 0;
      const { threads, nextCursor } = await this.#index.page(query, { busyPaths, isCancelled });
      if (form === 'summaries') this.#send({ kind: form, id, threads, nextCursor });
      else this.#send({ kind: form, id, threads: this.#encoded(threads), nextCursor });
    } catch (error) {
      this.#send({ kind: 'failed', id, message: failureText(error) });
    } finally {
      this.#saving = setTimeout(() => void this.#index.save(), SAVE_AFTER_MS);
    }
  }

  /** Keeps what is worth it. Never throws. */
  async close(): Promise<void> {
    clearTimeout(this.#saving);
    await this.#index.save();
  }

  #encoded(threads: readonly ThreadSummary[]): Uint8Array<ArrayBuffer> {
    const { defaultProvider } = this.#options;
    return new TextEncoder().encode(JSON.stringify(threads.map((thread) => threadOf(thread, { defaultProvider }))));
  }
}

/**
 * Searches while typing: a session has roots and, one after the other, queries.
 *
 * In: starts, queries, stops. Out: the best files of the latest query, again whenever they change, and an event when
 * the whole tree has been searched. Owns the sessions; a replaced query emits nothing any more.
 */
import { deferred, delay } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { FileSearch, FileSearchResult } from './file-search.ts';

/** The part of a pool that sessions need. */
interface SessionSource {
  /** Searches the roots. Rejects with the signal's reason if aborted. */
  search(search: FileSearch, signal: AbortSignal): Promise<readonly FileSearchResult[]>;
  /** Searches the roots as far as they are indexed now; like `search`. */
  searchIndexed(search: FileSearch, signal: AbortSignal): Promise<readonly FileSearchResult[]>;
  /** Resolves when the roots are completely indexed, or cannot be. */
  indexed(roots: readonly string[]): Promise<void>;
  /** Calls `onNews` for every change below the root, until disposed. */
  follow(root: string, onNews: () => void): Disposable;
}

export interface SearchSessionsOptions {
  readonly source: SessionSource;
  readonly ranking: FileSearch['ranking'];
  readonly log: Logger;
  readonly onUpdated: (sessionId: string, query: string, files: readonly FileSearchResult[]) => void;
  readonly onCompleted: (sessionId: string) => void;
}

/** Minimum time between two results; a client cannot display them faster. */
const MIN_PAUSE_MS = 50;

export class SearchSessions implements Disposable {
  readonly #options: SearchSessionsOptions;
  readonly #sessions = new Map<string, SearchSession>();

  constructor(options: SearchSessionsOptions) {
    this.#options = options;
  }

  /** Throws AppError `conflict` if the id is in use. */
  start(sessionId: string, roots: FileSearch['roots']): void {
    if (this.#sessions.has(sessionId)) throw new AppError('conflict', `search session already exists: ${sessionId}`);
    this.#sessions.set(sessionId, new SearchSession(sessionId, roots, this.#options));
  }

  /**
   * Ends the session's query; call `search` later to start the next one. Throws AppError `not-found` if there is no
   * such session.
   */
  prepare(sessionId: string): { readonly search: (query: string) => void } {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new AppError('not-found', `search session not found: ${sessionId}`);
    return session.prepare();
  }

  /** Ends a session, if it exists: it emits nothing any more. */
  stop(sessionId: string): void {
    this.#sessions.get(sessionId)?.[Symbol.dispose]();
    this.#sessions.delete(sessionId);
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#sessions.keys()]) this.stop(id);
  }
}

class SearchSession implements Disposable {
  readonly #id: string;
  readonly #roots: FileSearch['roots'];
  readonly #options: SearchSessionsOptions;
  readonly #following: readonly Disposable[];
  /** Whether searches cover the whole roots. */
  #isIndexed = false;
  #query = new AbortController();
  #news = deferred();
  #lastSentMs = Number.NEGATIVE_INFINITY;

  constructor(id: string, roots: FileSearch['roots'], options: SearchSessionsOptions) {
    this.#id = id;
    this.#roots = roots;
    this.#options = options;
    const unique = [...new Set(roots.map(({ absolute }) => absolute))];
    this.#following = unique.map((root) => options.source.follow(root, () => this.#onNews()));
    void options.source.indexed(unique).then(() => {
      this.#isIndexed = true;
      this.#onNews();
    });
  }

  prepare(): { readonly search: (query: string) => void } {
    this.#query.abort();
    const own = new AbortController();
    this.#query = own;
    return {
      search: (query) => {
        this.#searchUntilAborted(query, own.signal).catch((error: unknown) => {
          if (!own.signal.aborted) this.#options.log.error('search', 'session query failed', { error });
        });
      },
    };
  }

  [Symbol.dispose](): void {
    this.#query.abort();
    for (const following of this.#following) following[Symbol.dispose]();
  }

  #onNews(): void {
    const { resolve } = this.#news;
    this.#news = deferred();
    resolve();
  }

  /** Searches now, and again after every change, until another query replaces it. */
  async #searchUntilAborted(query: string, signal: AbortSignal): Promise<void> {
    const { source, ranking, onUpdated, onCompleted } = this.#options;
    const search: FileSearch = { query, roots: this.#roots, cancellationToken: null, ranking };
    const aborted = deferred();
    signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    let sent: string | undefined;
    let isCompleted = false;
    while (!signal.aborted) {
      const news = this.#news.promise;
      const complete = this.#isIndexed;
      const files = complete ? await source.search(search, signal) : await source.searchIndexed(search, signal);
      const found = JSON.stringify(files);
      // Before the tree is indexed, an empty result is not sent.
      if (found !== sent && (complete || sent !== undefined || files.length > 0)) {
        await this.#waitForPause(signal);
        if (signal.aborted) return;
        sent = found;
        this.#lastSentMs = performance.now();
        onUpdated(this.#id, query, files);
      }
      if (complete && !isCompleted) {
        isCompleted = true;
        onCompleted(this.#id);
      }
      await Promise.race([news, aborted.promise]);
    }
  }

  async #waitForPause(signal: AbortSignal): Promise<void> {
    const leftMs = this.#lastSentMs + MIN_PAUSE_MS - performance.now();
    if (leftMs > 0) await delay(leftMs, signal);
  }
}

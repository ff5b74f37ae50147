/**
 * The models this server knows. In: the cache file and `/models` replies. Out: a merged list, without waiting for the network: from
 * memory or the cache file, of any age, otherwise the bundled one; a stale list is refreshed in the background.
 * State: the last list and the running refresh.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type CachedModels, isFresh, readCache, writeCache } from './cache-file.ts';
import { type KnownModels, mergeModels } from './known.ts';
import { decodeModels } from './model-info.ts';

/** Time limit for all attempts of one fetch. */
const FETCH_LIMIT_MS = 5000;
/** Delay after a failed fetch, so that not every new thread retries an unreachable service. */
const FAILED_PAUSE_MS = 60_000;
/** Every answer of the service names the tag: the cache file is not written for each. */
const RENEW_AFTER_MS = 60_000;

/** `models` is the member of that name of the reply's body, undecoded. */
export type FetchModels = (signal: AbortSignal) => Promise<{ readonly models: unknown; readonly etag: string | null }>;

export interface CatalogueParts {
  readonly cachePath: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fetchModels: FetchModels;
  /** With an API key neither the cache nor the network is used. */
  readonly usesApiKey: () => boolean;
  /** Whether the service may be queried; true by default. */
  readonly mayFetch?: () => boolean;
}

const BUNDLED: KnownModels = mergeModels([]);

export class ModelCatalogue implements AsyncDisposable {
  readonly #parts: CatalogueParts;
  readonly #closed = new AbortController();
  #cached: CachedModels | null = null;
  #known: KnownModels = BUNDLED;
  #refreshing: Promise<void> | null = null;
  #pausedUntilMs = 0;
  /** The last tag that a list was asked for because of. */
  #fetchedFor: string | null = null;
  /** The last tag that was named while a list was being fetched. */
  #notedMeanwhile: string | null = null;

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
  }

  /** The current list. Reads at most one small file; never waits for the network. */
  async current(): Promise<KnownModels> {
    if (this.#parts.usesApiKey()) return BUNDLED;
    if (!this.#isFresh()) {
      this.#adopt(await readCache(this.#parts.cachePath));
      if (!this.#isFresh()) this.#refresh();
    }
    return this.#known;
  }

  /** A response named the list's current tag: an equal one renews what we have, another one asks for a new list. */
  noteEtag(etag: string): void {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#parts.usesApiKey()) return;
    if (this.#refreshing !== null) this.#notedMeanwhile = etag;
    else if (this.#cached?.etag !== etag) {
      if (this.#fetchedFor === etag) return; // the service has no tag for the list, or another one than it names
      this.#fetchedFor = this.#refresh() ? etag : null;
    } else if (nowMs - this.#cached.fetchedAtMs > RENEW_AFTER_MS) {
      this.#cached = { ...this.#cached, fetchedAtMs: nowMs };
      void this.#store(this.#cached);
    }
  }

  /** Resolves when no refresh is running; for tests and shutdown. */
  async settled(): Promise<void> {
    await this.#refreshing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#refreshing;
  }

  #isFresh(): boolean {
    return this.#cached !== null && isFresh(this.#cached, this.#parts.clock.nowMs());
  }

  /** Another server may have fetched meanwhile: the newer list wins. */
  #adopt(found: CachedModels | null): void {
    if (found === null || (this.#cached !== null && found.fetchedAtMs <= this.#cached.fetchedAtMs)) return;
    this.#cached = found;
    this.#known = mergeModels(found.entries);
  }

  /** Whether a list is being fetched now, from here on. */
  #refresh(): boolean {
    const { clock, mayFetch } = this.#parts;
    if (clock.nowMs() < this.#pausedUntilMs) return false;
    if (this.#refreshing !== null || this.#closed.signal.aborted || mayFetch?.() === false) return false;
    this.#refreshing = this.#fetch()
      .catch((error: unknown) => {
        if (this.#closed.signal.aborted) return;
        this.#pausedUntilMs = this.#parts.clock.nowMs() + FAILED_PAUSE_MS;
        this.#fetchedFor = null;
        this.#parts.log.warn('models', 'refresh-failed', { reason: messageOf(error) });
      })
      .finally(() => {
        this.#refreshing = null;
        const noted = this.#notedMeanwhile;
        this.#notedMeanwhile = null;
        if (noted !== null) this.noteEtag(noted);
      });
    return true;
  }

  async #fetch(): Promise<void> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error('the list of models took too long')), FETCH_LIMIT_MS);
    timer.unref();
    try {
      const reply = await this.#parts.fetchModels(AbortSignal.any([this.#closed.signal, limit.signal]));
      const entries = decodeModels(reply.models);
      if (entries === null) throw new Error('the reply is no list of models');
      const fetchedAtMs = this.#parts.clock.nowMs();
      this.#cached = { fetchedAtMs, etag: reply.etag, entries, raw: reply.models };
      this.#known = mergeModels(entries);
      await this.#store(this.#cached);
    } finally {
      clearTimeout(timer);
    }
  }

  async #store(cached: CachedModels): Promise<void> {
    await writeCache(this.#parts.cachePath, cached).catch((error: unknown) => {
      this.#parts.log.warn('models', 'cache-write-failed', { reason: messageOf(error) });
    });
  }
}

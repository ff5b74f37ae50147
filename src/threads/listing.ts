/**
 * Pages of stored threads. In: order, filters, a cursor. Out: what the heads of the files say, until the page is full.
 * Files are looked at in order, a few at a time, so the first page costs the same whatever is stored behind it. Nothing is
 * kept between pages.
 */
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { osErrorText } from '../base/os-error.ts';
import { cursorOf, parseCursor } from '../rollout/cursor.ts';
import type { Direction } from '../rollout/day-folders.ts';
import { readSummary, type ThreadSummary } from '../rollout/head.ts';
import { type FileQuery, type ListedFile, listFiles } from '../rollout/listing.ts';
import { FOLDERS } from '../rollout/name.ts';
import { type FilterContext, type ListFilters, type Matcher, matcherOf } from './list-filters.ts';

const DEFAULT_LIMIT = 25;
const HIGHEST_LIMIT = 100;
const HEADS_AT_ONCE = 8;

export interface ListQuery extends ListFilters {
  readonly cursor: string | null;
  /** Held between 1 and 100; null: 25. */
  readonly limit: number | null;
  readonly sortKey: 'created_at' | 'updated_at';
  readonly direction: Direction;
  readonly archived: boolean;
}

export interface ThreadPage {
  readonly threads: readonly ThreadSummary[];
  /** null when no file follows. What follows need not match. */
  readonly nextCursor: string | null;
}

export interface ListingOptions extends FilterContext {
  readonly codexHome: string;
}

/** A file whose head is being read; null for what is no thread. */
interface Pending {
  readonly file: ListedFile;
  readonly summary: Promise<ThreadSummary | null>;
}

export class ThreadListing {
  readonly #options: ListingOptions;

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** Throws AppError (`invalid-input` for the cursor, `io-failed`) and the signal's reason. */
  async page(query: ListQuery, signal: AbortSignal): Promise<ThreadPage> {
    const fileQuery = this.#fileQuery(query, signal);
    const matches = await matcherOf(query, this.#options);
    const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), HIGHEST_LIMIT);
    const files = listFiles(fileQuery);
    try {
      return await fill(new Lookahead(files), matches, { limit, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new AppError('io-failed', `failed to list threads: ${osErrorText(error)}`, { cause: error });
    } finally {
      await files.return(undefined);
    }
  }

  #fileQuery({ cursor, sortKey, direction, archived }: ListQuery, signal: AbortSignal): FileQuery {
    const after = cursor === null ? null : parseCursor(cursor);
    if (cursor !== null && after === null) throw new AppError('invalid-input', `invalid cursor: ${cursor}`);
    return {
      folder: join(this.#options.codexHome, archived ? FOLDERS.archived : FOLDERS.sessions),
      layout: archived ? 'flat' : 'days',
      by: sortKey === 'created_at' ? 'name' : 'change',
      direction,
      after,
      signal,
    };
  }
}

async function fill(
  files: Lookahead,
  matches: Matcher,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<ThreadPage> {
  const threads: ThreadSummary[] = [];
  for (let next = await files.next(); next !== undefined; next = await files.next()) {
    const summary = await next.summary;
    signal.throwIfAborted();
    if (summary === null || !matches(summary)) continue;
    threads.push(summary);
    if (threads.length < limit) continue;
    return { threads, nextCursor: (await files.hasNext()) ? cursorOf(next.file.place) : null };
  }
  return { threads, nextCursor: null };
}

/** Files in order, while the heads of the next ones are already being read. */
class Lookahead {
  readonly #files: AsyncIterator<ListedFile>;
  readonly #pending: Pending[] = [];
  #ended = false;

  constructor(files: AsyncIterator<ListedFile>) {
    this.#files = files;
  }

  async next(): Promise<Pending | undefined> {
    await this.#fetch(HEADS_AT_ONCE);
    return this.#pending.shift();
  }

  async hasNext(): Promise<boolean> {
    await this.#fetch(1);
    return this.#pending.length > 0;
  }

  async #fetch(count: number): Promise<void> {
    while (!this.#ended && this.#pending.length < count) {
      const { done, value } = await this.#files.next();
      if (done === true) this.#ended = true;
      // A file that cannot be read, or is none of a thread, does not keep the others from being shown.
      else this.#pending.push({ file: value, summary: readSummary(value.path).catch(() => null) });
    }
  }
}

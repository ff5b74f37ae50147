/**
 * Pages of stored threads. In: what a client asks for. Out: threads, encoded in the thread that keeps the index. Nothing is
 * kept between pages here.
 */
import { EncodedJson } from '../base/encoded-json.ts';
import { AppError } from '../base/errors.ts';
import type { IndexQuery, ListedThreads } from '../contract/thread-query.ts';
import type { Thread } from '../protocol/threads.ts';
import { parseCursor } from '../rollout/cursor.ts';
import type { ThreadSummary } from '../rollout/head.ts';
import type { ThreadLister } from './thread-lister.ts';

const DEFAULT_LIMIT = 25;
const HIGHEST_LIMIT = 100;

export interface ListQuery extends Omit<IndexQuery, 'after' | 'limit'> {
  readonly cursor: string | null;
  /** Held between 1 and 100; null: 25. */
  readonly limit: number | null;
}

export interface EncodedThreads {
  /** Without turns. */
  readonly threads: EncodedJson<Thread[]>;
  readonly nextCursor: string | null;
}

export class ThreadListing {
  readonly #lister: Pick<ThreadLister, 'page'>;

  constructor(lister: Pick<ThreadLister, 'page'>) {
    this.#lister = lister;
  }

  /** Throws AppError (`invalid-input` for the cursor, `io-failed`, `worker-lost`) and the signal's reason. */
  async page(query: ListQuery, signal: AbortSignal): Promise<ListedThreads<ThreadSummary>> {
    const { threads, nextCursor } = await this.#lister.page('summaries', indexQuery(query), signal);
    return { threads, nextCursor };
  }

  /** The same, as the wire shows it. */
  async encodedPage(query: ListQuery, signal: AbortSignal): Promise<EncodedThreads> {
    const { threads, nextCursor } = await this.#lister.page('threads', indexQuery(query), signal);
    return { threads: new EncodedJson<Thread[]>([threads]), nextCursor };
  }
}

function indexQuery({ cursor, limit, ...query }: ListQuery): IndexQuery {
  const after = cursor === null ? null : parseCursor(cursor);
  if (cursor !== null && after === null) throw new AppError('invalid-input', `invalid cursor: ${cursor}`);
  return { ...query, after, limit: Math.min(Math.max(limit ?? DEFAULT_LIMIT, 1), HIGHEST_LIMIT) };
}

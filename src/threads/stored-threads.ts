/**
 * What is stored of threads, loaded or not. In: ids. Out: threads, turns and events as the wire shows them, encoded in the
 * shard that reads the file. Nothing is loaded, nothing is kept.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EncodedJson } from '../base/encoded-json.ts';
import { AppError } from '../base/errors.ts';
import type { Outcome, TurnPageRequest } from '../contract/turn-shard.ts';
import type { EventMsg } from '../protocol/legacy/events.ts';
import type { Thread } from '../protocol/threads.ts';
import type { Turn } from '../protocol/turns.ts';
import { FOLDERS } from '../rollout/name.ts';
import { parseTurnCursor } from '../rollout/turn-page.ts';
import type { TurnShards } from '../shards/turn-shards.ts';
import { parseThreadId, threadNotLoaded } from './errors.ts';
import type { LoadedThread } from './loaded-thread.ts';
import { locate } from './locate.ts';
import type { Threads } from './threads.ts';

const DEFAULT_TURNS = 25;
const MOST_TURNS = 100;

export interface StoredThreadsOptions {
  readonly threads: Threads;
  readonly shards: Pick<TurnShards, 'readStored' | 'readMessages' | 'listTurns'>;
  readonly codexHome: string;
  /** Shown for files that name no provider. */
  readonly defaultProvider: string;
}

export interface TurnsQuery {
  readonly cursor: string | null;
  /** Held between 1 and 100; null: 25. */
  readonly limit: number | null;
  readonly direction: TurnPageRequest['direction'];
  readonly view: TurnPageRequest['view'];
}

export interface StoredTurns {
  readonly turns: EncodedJson<Turn[]>;
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

export class StoredThreads {
  readonly #options: StoredThreadsOptions;

  constructor(options: StoredThreadsOptions) {
    this.#options = options;
  }

  /** Path of a thread's file that is not archived; null when there is none. */
  find(id: string): Promise<string | null> {
    return locate(join(this.#options.codexHome, FOLDERS.sessions), id);
  }

  /** A stored or loaded thread as the wire shows it. */
  async read(threadId: string, includeTurns: boolean): Promise<EncodedJson<Thread>> {
    const { id, loaded, path } = await this.#locate(threadId);
    if (!includeTurns && loaded?.described != null && path !== null && !existsSync(path)) return loaded.described;
    if (path === null) {
      if (includeTurns) throw new AppError('invalid-state', 'ephemeral threads do not support includeTurns');
      if (loaded === undefined || loaded.described === null) throw threadNotLoaded(id); // still being opened
      return loaded.described;
    }
    const { shards, defaultProvider: fallbackProvider } = this.#options;
    const request = { path, includeTurns, fallbackProvider, threadId: loaded === undefined ? null : id };
    return new EncodedJson<Thread>(contentOf(await shards.readStored(id, request), { id, path }));
  }

  /** Turns page by page. Throws AppError, for the cursor too. */
  async turns(threadId: string, { cursor, limit, direction, view }: TurnsQuery): Promise<StoredTurns> {
    const { id, loaded, path } = await this.#locate(threadId);
    if (cursor !== null && parseTurnCursor(cursor) === null) {
      throw new AppError('invalid-input', `invalid cursor: ${cursor}`);
    }
    if (path === null) throw new AppError('invalid-state', 'ephemeral threads do not support thread/turns/list');
    const held = Math.min(Math.max(limit ?? DEFAULT_TURNS, 1), MOST_TURNS);
    const request = { threadId: loaded === undefined ? null : id, path, cursor, limit: held, direction, view };
    const page = contentOf(await this.#options.shards.listTurns(id, request), { id, path });
    return { ...page, turns: new EncodedJson<Turn[]>(page.turns) };
  }

  /** The stored events of a loaded thread; none for one without a file. */
  async messages({ id, path }: LoadedThread): Promise<EncodedJson<EventMsg[]>> {
    if (path === null || !existsSync(path)) return new EncodedJson<EventMsg[]>([NOTHING]);
    return new EncodedJson<EventMsg[]>(contentOf(await this.#options.shards.readMessages(id, path), { id, path }));
  }

  /** Without a path: ephemeral threads. A file that somebody removed is missed by who reads it. Throws for no thread at all. */
  async #locate(threadId: string): Promise<{ id: string; loaded: LoadedThread | undefined; path: string | null }> {
    const id = parseThreadId(threadId);
    const loaded = this.#options.threads.find(id);
    if (loaded !== undefined) await this.#options.threads.storeLost([loaded]);
    const known = loaded?.path ?? null;
    const path =
      known !== null && existsSync(known)
        ? known
        : loaded?.ephemeral === true
          ? null
          : ((await this.find(id)) ?? known);
    if (path === null && loaded === undefined) throw threadNotLoaded(id);
    return { id, loaded, path };
  }
}

const NOTHING = new TextEncoder().encode('[]');

function contentOf<T>(outcome: Outcome<T>, { id, path }: { readonly id: string; readonly path: string }): T {
  if (outcome.kind === 'done') return outcome.value;
  const message = `failed to load rollout \`${path}\` for thread ${id}: ${outcome.message}`;
  throw new AppError('rollout-unreadable', message);
}

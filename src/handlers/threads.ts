/** Threads on the wire: started, resumed, forked, read, listed. */

import { resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import { parseUuid } from '../base/ids.ts';
import type { TypedOverrides } from '../config/derive.ts';
import type {
  ThreadForkParams,
  ThreadListParams,
  ThreadResumeParams,
  ThreadStartParams,
  ThreadTurnsListParams,
} from '../protocol/threads.ts';
import type { RequestContext } from '../rpc/application.ts';
import type { Outgoing } from '../rpc/outgoing.ts';
import type { SearchPool } from '../search-pool/search-pool.ts';
import type { History, OpenResult, Source, ThreadLifecycle, ThreadRequest } from '../threads/lifecycle.ts';
import type { ListQuery, ThreadListing } from '../threads/listing.ts';
import type { StoredThreads, TurnsQuery } from '../threads/stored-threads.ts';
import type { Threads } from '../threads/threads.ts';
import { defineHandlers } from './define.ts';

export interface ThreadHandlerDeps {
  readonly threads: Threads;
  readonly lifecycle: ThreadLifecycle;
  readonly stored: StoredThreads;
  readonly listing: ThreadListing;
  readonly outgoing: Pick<Outgoing, 'notify'>;
  readonly pool: Pick<SearchPool, 'warm'>;
  readonly processCwd: string;
}

export function threadHandlers(deps: ThreadHandlerDeps) {
  const { threads, lifecycle, stored, listing, outgoing, pool, processCwd } = deps;
  /** A thread that exists from now on. */
  const announce = (opened: OpenResult, context: RequestContext) => {
    context.afterReply(() => {
      outgoing.notify('thread/started', { thread: opened.encoded });
      opened.release();
    });
    return openedResponse(opened);
  };
  return defineHandlers({
    'thread/start': async (params, context) => {
      refuseDynamicTools(params);
      const { ephemeral, experimentalRawEvents: rawItems, cwd } = params;
      const request = requestOf(params, false);
      const opened = await lifecycle.start({ ...request, ephemeral: ephemeral ?? false, rawItems });
      // Who opens a folder soon looks for files in it.
      if (typeof cwd === 'string') context.afterReply(() => pool.warm(resolve(processCwd, cwd)));
      return announce(opened, context);
    },
    'thread/resume': async (params, context) => {
      const opened = await lifecycle.resume(requestOf(params, params.excludeTurns !== true), resumedFrom(params));
      context.afterReply(opened.release);
      return openedResponse(opened);
    },
    'thread/fork': async (params, context) => {
      const request = requestOf(params, params.excludeTurns !== true);
      return announce(await lifecycle.fork(request, sourceOf(params)), context);
    },
    'thread/read': async ({ threadId, includeTurns }) => ({ thread: await stored.read(threadId, includeTurns) }),
    'thread/turns/list': async (params) => {
      const { turns, nextCursor, backwardsCursor } = await stored.turns(params.threadId, turnsQuery(params));
      return { data: turns, nextCursor, backwardsCursor };
    },
    'thread/list': async (params, { signal }) => {
      const { threads: data, nextCursor } = await listing.encodedPage(listQuery(params), signal);
      return { data, nextCursor };
    },
    'thread/loaded/list': ({ cursor, limit }) => page(threads.ids(), cursor ?? null, limit ?? null),
  });
}

function refuseDynamicTools({ dynamicTools }: ThreadStartParams): void {
  if ((dynamicTools ?? []).length > 0) throw new AppError('io-failed', 'not supported yet: dynamicTools');
}

function requestOf(
  params: ThreadStartParams | ThreadResumeParams | ThreadForkParams,
  includeTurns: boolean,
): ThreadRequest {
  const typed: TypedOverrides = {
    model: params.model ?? undefined,
    modelProvider: params.modelProvider ?? undefined,
    approvalPolicy: params.approvalPolicy ?? undefined,
    sandboxMode: params.sandbox ?? undefined,
    baseInstructions: params.baseInstructions ?? undefined,
    developerInstructions: params.developerInstructions ?? undefined,
    personality: 'personality' in params ? (params.personality ?? undefined) : undefined,
  };
  return {
    cwd: params.cwd ?? undefined,
    config: params.config ?? undefined,
    typed,
    subscribe: true,
    noun: 'thread',
    includeTurns,
    includeMessages: false,
  };
}

/** A path beats the id, which then need not make sense. */
const sourceOf = ({ path, threadId }: ThreadResumeParams | ThreadForkParams): Source =>
  typeof path === 'string' ? { kind: 'path', path } : { kind: 'id', threadId };

/** A history beats both. */
const resumedFrom = (params: ThreadResumeParams): Source | History =>
  Array.isArray(params.history) ? { kind: 'history', items: params.history } : sourceOf(params);

const turnsQuery = (params: ThreadTurnsListParams): TurnsQuery => ({
  cursor: params.cursor ?? null,
  limit: params.limit ?? null,
  direction: params.sortDirection ?? 'desc',
  view: params.itemsView ?? 'summary',
});

const listQuery = (params: ThreadListParams): ListQuery => ({
  cursor: params.cursor ?? null,
  limit: params.limit ?? null,
  sortKey: params.sortKey ?? 'created_at',
  direction: params.sortDirection ?? 'desc',
  archived: params.archived ?? false,
  modelProviders: params.modelProviders ?? null,
  sourceKinds: params.sourceKinds ?? null,
  searchTerm: params.searchTerm ?? null,
  cwd: params.cwd ?? null,
});

function openedResponse({ thread, encoded }: OpenResult) {
  const { cwd, approvalPolicy, sandboxPolicy, collaborationMode } = thread.settings;
  return {
    thread: encoded,
    model: collaborationMode.settings.model,
    modelProvider: thread.config.provider.id,
    cwd,
    approvalPolicy,
    sandbox: sandboxPolicy,
    reasoningEffort: collaborationMode.settings.reasoning_effort ?? null,
  };
}

/** Ids in order; a page starts behind the cursor, which need not be loaded any more. */
function page(ids: readonly string[], cursor: string | null, limit: number | null) {
  const after = cursor === null ? null : cursorId(cursor);
  const rest = after === null ? ids : ids.filter((id) => id > after);
  const data = limit === null ? [...rest] : rest.slice(0, Math.max(limit, 1));
  return { data, nextCursor: data.length < rest.length ? (data.at(-1) ?? null) : null };
}

function cursorId(cursor: string): string {
  const parsed = parseUuid(cursor);
  if (!parsed.ok) throw new AppError('invalid-input', `invalid cursor: ${cursor}`);
  return parsed.value;
}

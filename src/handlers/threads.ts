/** Threads on the wire: started, resumed, read, listed. */

import { AppError } from '../base/errors.ts';
import { parseUuid } from '../base/ids.ts';
import type { TypedOverrides } from '../config/derive.ts';
import type { ThreadListParams, ThreadResumeParams, ThreadStartParams } from '../protocol/threads.ts';
import { threadOf } from '../rollout/thread.ts';
import type { HandlerTable } from '../rpc/application.ts';
import type { Outgoing } from '../rpc/outgoing.ts';
import type { OpenResult, ThreadLifecycle, ThreadRequest } from '../threads/lifecycle.ts';
import type { ListQuery, ThreadListing } from '../threads/listing.ts';
import type { Threads } from '../threads/threads.ts';

export interface ThreadHandlerDeps {
  readonly threads: Threads;
  readonly lifecycle: ThreadLifecycle;
  readonly listing: ThreadListing;
  /** Shown for stored threads that name no provider. */
  readonly defaultProvider: string;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

type ThreadHandlers = Pick<
  HandlerTable,
  'thread/start' | 'thread/resume' | 'thread/read' | 'thread/list' | 'thread/loaded/list'
>;

export function threadHandlers(deps: ThreadHandlerDeps): ThreadHandlers {
  const { threads, lifecycle, listing, defaultProvider, outgoing } = deps;
  return {
    'thread/start': async (params, context) => {
      refuseDynamicTools(params);
      const opened = await lifecycle.start({
        ...requestOf(params),
        ephemeral: params.ephemeral ?? false,
        rawItems: params.experimentalRawEvents,
      });
      context.afterReply(() => {
        outgoing.notify('thread/started', { thread: opened.encoded });
        opened.release();
      });
      return openedResponse(opened);
    },
    'thread/resume': async (params, context) => {
      const opened = await lifecycle.resume({
        ...requestOf(params),
        threadId: params.threadId,
        path: params.path ?? null,
        history: params.history ?? null,
        includeTurns: params.excludeTurns !== true,
      });
      context.afterReply(opened.release);
      return openedResponse(opened);
    },
    'thread/read': async ({ threadId, includeTurns }) => ({ thread: await lifecycle.read(threadId, includeTurns) }),
    'thread/list': async (params, { signal }) => {
      const page = await listing.page(listQuery(params), signal);
      return { data: page.threads.map((thread) => threadOf(thread, { defaultProvider })), nextCursor: page.nextCursor };
    },
    'thread/loaded/list': ({ cursor, limit }) => page(threads.ids(), cursor ?? null, limit ?? null),
  };
}

function refuseDynamicTools({ dynamicTools }: ThreadStartParams): void {
  if ((dynamicTools ?? []).length > 0) throw new AppError('io-failed', 'not supported yet: dynamicTools');
}

function requestOf(params: ThreadStartParams | ThreadResumeParams): ThreadRequest {
  const typed: TypedOverrides = {
    model: params.model ?? undefined,
    modelProvider: params.modelProvider ?? undefined,
    approvalPolicy: params.approvalPolicy ?? undefined,
    sandboxMode: params.sandbox ?? undefined,
    baseInstructions: params.baseInstructions ?? undefined,
    developerInstructions: params.developerInstructions ?? undefined,
    personality: params.personality ?? undefined,
  };
  return { cwd: params.cwd ?? undefined, config: params.config ?? undefined, typed };
}

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

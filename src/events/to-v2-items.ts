/** Items at their start, and the frames around items. Pure. */
import { quoteArgv } from '../command-analysis/quote.ts';
import type { EngineEvent } from '../contract/engine-events.ts';
import type { ThreadItem } from '../protocol/items.ts';
import type { Notice } from '../protocol/outbound.ts';

type StartEvent = EngineEvent & { readonly kind: 'commandStarted' | 'patchStarted' | 'mcpCallStarted' };

export const itemStarted = (item: ThreadItem, turnId: string, threadId: string): Notice => ({
  method: 'item/started',
  params: { item, threadId, turnId },
});

export const itemCompleted = (item: ThreadItem, turnId: string, threadId: string): Notice => ({
  method: 'item/completed',
  params: { item, threadId, turnId },
});

/** All members are there from the start; what is not known yet is null. */
export function startedItemOf(event: StartEvent): ThreadItem {
  switch (event.kind) {
    case 'commandStarted':
      return {
        type: 'commandExecution',
        id: event.callId,
        command: quoteArgv(event.command),
        cwd: event.cwd,
        processId: event.processId,
        status: 'inProgress',
        commandActions: [...event.actions],
        aggregatedOutput: null,
        exitCode: null,
        durationMs: null,
      };
    case 'patchStarted':
      return { type: 'fileChange', id: event.callId, changes: [...event.changes], status: 'inProgress' };
    case 'mcpCallStarted':
      return {
        type: 'mcpToolCall',
        id: event.callId,
        server: event.server,
        tool: event.tool,
        status: 'inProgress',
        arguments: event.args ?? null,
        result: null,
        error: null,
        durationMs: null,
      };
  }
}

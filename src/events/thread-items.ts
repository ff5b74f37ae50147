/** The item that an engine event completes, as clients of the second protocol see it, live and read back from a file. Pure. */
import { quoteArgv } from '../command-analysis/quote.ts';
import type { EngineEvent, EngineItem } from '../contract/engine-events.ts';
import { type EventOf, type EventTable, rowOf } from '../contract/event-table.ts';
import type { ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import type { WebSearchAction as ProviderSearchAction } from '../protocol/response-items.ts';

/** The item as clients of the second protocol see it. */
export function itemOf(item: EngineItem): ThreadItem {
  switch (item.type) {
    case 'userMessage':
      return { type: item.type, id: item.id, content: item.content.map(wireInput) };
    case 'agentMessage':
    case 'plan':
      return { type: item.type, id: item.id, text: item.text };
    case 'reasoning':
      return { type: item.type, id: item.id, summary: [...item.summary], content: [...item.content] };
    case 'webSearch':
      return { type: item.type, id: item.id, query: item.query, action: searchAction(item.action) };
    case 'contextCompaction':
      return { type: item.type, id: item.id };
  }
}

const noItem = (): null => null;

const ITEMS: EventTable<[], ThreadItem | null> = {
  turnStarted: noItem,
  turnEnded: noItem,
  turnAborted: noItem,
  itemStarted: noItem,
  itemCompleted: ({ item }) => itemOf(item),
  messageDelta: noItem,
  planDelta: noItem,
  summaryPartAdded: noItem,
  summaryDelta: noItem,
  reasoningDelta: noItem,
  tokenCount: noItem,
  commandStarted: noItem,
  commandOutput: noItem,
  commandEnded: endedCommand,
  patchStarted: noItem,
  patchEnded: ({ callId: id, changes, status }) => ({ type: 'fileChange', id, changes: [...changes], status }),
  turnDiff: noItem,
  planUpdated: noItem,
  imageViewed: ({ callId: id, path }) => ({ type: 'imageView', id, path }),
  mcpCallStarted: noItem,
  mcpCallEnded: endedMcpCall,
  rawItem: noItem,
  compacted: noItem,
  reviewEntered: ({ itemId: id, hint }) => ({ type: 'enteredReviewMode', id, review: hint }),
  reviewExited: ({ itemId: id, review }) => ({ type: 'exitedReviewMode', id, review }),
  rolledBack: noItem,
  nameUpdated: noItem,
  shutdownComplete: noItem,
  terminalInteraction: noItem,
  dynamicToolCall: noItem,
  background: noItem,
  error: noItem,
  warning: noItem,
  deprecation: noItem,
  mcpStartupComplete: noItem,
  commandApproval: noItem,
  patchApproval: noItem,
  userInputRequest: noItem,
};

/** The item that an event completes; null for events that complete none. */
export const threadItemOf = (event: EngineEvent): ThreadItem | null => rowOf(ITEMS, event)(event);

/** A command that nobody agreed to never ran: what its end reports is a remark, not output. */
function endedCommand(event: EventOf<'commandEnded'>): ThreadItem {
  const ran = event.status !== 'declined' && event.status !== 'unanswered';
  return {
    type: 'commandExecution',
    id: event.callId,
    command: quoteArgv(event.command),
    cwd: event.cwd,
    processId: event.processId,
    status: event.status === 'unanswered' ? 'failed' : event.status,
    commandActions: [...event.actions],
    aggregatedOutput: ran && event.aggregatedOutput !== '' ? event.aggregatedOutput : null,
    exitCode: ran ? event.exitCode : null,
    durationMs: ran ? Math.trunc(event.durationMs) : null,
  };
}

function endedMcpCall(event: EventOf<'mcpCallEnded'>): ThreadItem {
  const { outcome } = event;
  const failed = !outcome.ok || outcome.isError === true;
  return {
    type: 'mcpToolCall',
    id: event.callId,
    server: event.server,
    tool: event.tool,
    status: failed ? 'failed' : 'completed',
    arguments: event.args ?? null,
    result: outcome.ok ? toolResult([...outcome.content], outcome.structuredContent) : null,
    error: outcome.ok ? null : { message: outcome.message },
    durationMs: Math.trunc(event.durationMs),
  };
}

type ToolResult = NonNullable<(ThreadItem & { type: 'mcpToolCall' })['result']>;

const toolResult = (content: ToolResult['content'], structured: unknown): ToolResult => ({
  content,
  structuredContent: structured ?? null,
});

function wireInput(input: UserInput): UserInput {
  if (input.type !== 'text') return input;
  return { type: 'text', text: input.text, text_elements: input.text_elements ?? [] };
}

/** Upstream's spelling to the clients'; members that it left out are null. */
function searchAction(action: ProviderSearchAction): WebSearchAction {
  switch (action.type) {
    case 'search':
      return { type: 'search', query: action.query ?? null, queries: action.queries ?? null };
    case 'open_page':
      return { type: 'openPage', url: action.url ?? null };
    case 'find_in_page':
      return { type: 'findInPage', url: action.url ?? null, pattern: action.pattern ?? null };
    case 'other':
      return { type: 'other' };
  }
}

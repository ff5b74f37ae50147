/** What a user sends and what a turn consists of, with the notifications that stream it. */
import { notification } from './define.ts';
import { ContentBlock } from './mcp-content.ts';
import { ResponseItem } from './response-items.ts';
import * as t from './schema/types.ts';

export const WebSearchAction = t.tagged('WebSearchAction', 'type', {
  search: { query: t.orNull(t.string), queries: t.orNull(t.list(t.string)) },
  openPage: { url: t.orNull(t.string) },
  findInPage: { url: t.orNull(t.string), pattern: t.orNull(t.string) },
  other: {},
});
export type WebSearchAction = t.Infer<typeof WebSearchAction>;

export const ByteRange = t.struct('ByteRange', { start: t.uint, end: t.uint });
export type ByteRange = t.Infer<typeof ByteRange>;

export const TextElement = t.struct('TextElement', { byteRange: ByteRange, placeholder: t.orNull(t.string) });
export type TextElement = t.Infer<typeof TextElement>;

export const UserInput = t.tagged('UserInput', 'type', {
  text: { text: t.string, text_elements: t.withDefault(t.list(TextElement), []) },
  image: { url: t.string },
  localImage: { path: t.path },
  skill: { name: t.string, path: t.path },
  mention: { name: t.string, path: t.string },
});
export type UserInput = t.Infer<typeof UserInput>;

export const CommandAction = t.tagged('CommandAction', 'type', {
  read: { command: t.string, name: t.string, path: t.string },
  listFiles: { command: t.string, path: t.orNull(t.string) },
  search: { command: t.string, query: t.orNull(t.string), path: t.orNull(t.string) },
  unknown: { command: t.string },
});
export type CommandAction = t.Infer<typeof CommandAction>;

export const CommandExecutionStatus = t.words('CommandExecutionStatus', [
  'inProgress',
  'completed',
  'failed',
  'declined',
]);
export type CommandExecutionStatus = t.Infer<typeof CommandExecutionStatus>;

export const PatchChangeKind = t.tagged('PatchChangeKind', 'type', {
  add: {},
  delete: {},
  update: { move_path: t.orNull(t.string) },
});
export type PatchChangeKind = t.Infer<typeof PatchChangeKind>;

export const FileUpdateChange = t.struct('FileUpdateChange', { path: t.string, kind: PatchChangeKind, diff: t.string });
export type FileUpdateChange = t.Infer<typeof FileUpdateChange>;

export const PatchApplyStatus = t.words('PatchApplyStatus', ['inProgress', 'completed', 'failed', 'declined']);
export type PatchApplyStatus = t.Infer<typeof PatchApplyStatus>;

export const McpToolCallStatus = t.words('McpToolCallStatus', ['inProgress', 'completed', 'failed']);
export type McpToolCallStatus = t.Infer<typeof McpToolCallStatus>;

export const McpToolCallError = t.struct('McpToolCallError', { message: t.string });
export type McpToolCallError = t.Infer<typeof McpToolCallError>;

export const McpToolCallResult = t.struct('McpToolCallResult', {
  content: t.list(ContentBlock),
  structuredContent: t.anything,
});
export type McpToolCallResult = t.Infer<typeof McpToolCallResult>;

export const CollabAgentStatus = t.words('CollabAgentStatus', [
  'pendingInit',
  'running',
  'completed',
  'errored',
  'shutdown',
  'notFound',
]);
export type CollabAgentStatus = t.Infer<typeof CollabAgentStatus>;

export const CollabAgentState = t.struct('CollabAgentState', {
  status: CollabAgentStatus,
  message: t.orNull(t.string),
});
export type CollabAgentState = t.Infer<typeof CollabAgentState>;

export const CollabAgentTool = t.words('CollabAgentTool', ['spawnAgent', 'sendInput', 'wait', 'closeAgent']);
export type CollabAgentTool = t.Infer<typeof CollabAgentTool>;

export const CollabAgentToolCallStatus = t.words('CollabAgentToolCallStatus', ['inProgress', 'completed', 'failed']);
export type CollabAgentToolCallStatus = t.Infer<typeof CollabAgentToolCallStatus>;

export const ThreadItem = t.tagged('ThreadItem', 'type', {
  userMessage: { id: t.string, content: t.list(UserInput) },
  agentMessage: { id: t.string, text: t.string },
  plan: { id: t.string, text: t.string },
  reasoning: {
    id: t.string,
    summary: t.withDefault(t.list(t.string), []),
    content: t.withDefault(t.list(t.string), []),
  },
  commandExecution: {
    id: t.string,
    command: t.string,
    cwd: t.string,
    processId: t.orNull(t.string),
    status: CommandExecutionStatus,
    commandActions: t.list(CommandAction),
    aggregatedOutput: t.orNull(t.string),
    exitCode: t.orNull(t.int32),
    durationMs: t.orNull(t.int64),
  },
  fileChange: { id: t.string, changes: t.list(FileUpdateChange), status: PatchApplyStatus },
  mcpToolCall: {
    id: t.string,
    server: t.string,
    tool: t.string,
    status: McpToolCallStatus,
    arguments: t.json,
    result: t.orNull(McpToolCallResult),
    error: t.orNull(McpToolCallError),
    durationMs: t.orNull(t.int64),
  },
  collabAgentToolCall: {
    id: t.string,
    tool: CollabAgentTool,
    status: CollabAgentToolCallStatus,
    senderThreadId: t.string,
    receiverThreadIds: t.list(t.string),
    prompt: t.orNull(t.string),
    agentsStates: t.mapOf(CollabAgentState),
  },
  webSearch: { id: t.string, query: t.string, action: t.orNull(WebSearchAction) },
  imageView: { id: t.string, path: t.string },
  enteredReviewMode: { id: t.string, review: t.string },
  exitedReviewMode: { id: t.string, review: t.string },
  contextCompaction: { id: t.string },
});
export type ThreadItem = t.Infer<typeof ThreadItem>;

export const ItemStartedNotification = t.struct('ItemStartedNotification', {
  item: ThreadItem,
  threadId: t.string,
  turnId: t.string,
});
export type ItemStartedNotification = t.Infer<typeof ItemStartedNotification>;

export const ItemCompletedNotification = t.struct('ItemCompletedNotification', {
  item: ThreadItem,
  threadId: t.string,
  turnId: t.string,
});
export type ItemCompletedNotification = t.Infer<typeof ItemCompletedNotification>;

export const RawResponseItemCompletedNotification = t.struct('RawResponseItemCompletedNotification', {
  threadId: t.string,
  turnId: t.string,
  item: ResponseItem,
});
export type RawResponseItemCompletedNotification = t.Infer<typeof RawResponseItemCompletedNotification>;

export const AgentMessageDeltaNotification = t.struct('AgentMessageDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type AgentMessageDeltaNotification = t.Infer<typeof AgentMessageDeltaNotification>;

export const PlanDeltaNotification = t.struct('PlanDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type PlanDeltaNotification = t.Infer<typeof PlanDeltaNotification>;

export const CommandExecutionOutputDeltaNotification = t.struct('CommandExecutionOutputDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type CommandExecutionOutputDeltaNotification = t.Infer<typeof CommandExecutionOutputDeltaNotification>;

export const TerminalInteractionNotification = t.struct('TerminalInteractionNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  processId: t.string,
  stdin: t.string,
});
export type TerminalInteractionNotification = t.Infer<typeof TerminalInteractionNotification>;

export const FileChangeOutputDeltaNotification = t.struct('FileChangeOutputDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type FileChangeOutputDeltaNotification = t.Infer<typeof FileChangeOutputDeltaNotification>;

export const McpToolCallProgressNotification = t.struct('McpToolCallProgressNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  message: t.string,
});
export type McpToolCallProgressNotification = t.Infer<typeof McpToolCallProgressNotification>;

export const ReasoningSummaryTextDeltaNotification = t.struct('ReasoningSummaryTextDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
  summaryIndex: t.int64,
});
export type ReasoningSummaryTextDeltaNotification = t.Infer<typeof ReasoningSummaryTextDeltaNotification>;

export const ReasoningSummaryPartAddedNotification = t.struct('ReasoningSummaryPartAddedNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  summaryIndex: t.int64,
});
export type ReasoningSummaryPartAddedNotification = t.Infer<typeof ReasoningSummaryPartAddedNotification>;

export const ReasoningTextDeltaNotification = t.struct('ReasoningTextDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
  contentIndex: t.int64,
});
export type ReasoningTextDeltaNotification = t.Infer<typeof ReasoningTextDeltaNotification>;

export const itemStarted = notification('item/started', ItemStartedNotification);
export const itemCompleted = notification('item/completed', ItemCompletedNotification);
export const rawResponseItemCompleted = notification('rawResponseItem/completed', RawResponseItemCompletedNotification);
export const itemAgentMessageDelta = notification('item/agentMessage/delta', AgentMessageDeltaNotification);
export const itemPlanDelta = notification('item/plan/delta', PlanDeltaNotification);
export const itemCommandExecutionOutputDelta = notification(
  'item/commandExecution/outputDelta',
  CommandExecutionOutputDeltaNotification,
);
export const itemCommandExecutionTerminalInteraction = notification(
  'item/commandExecution/terminalInteraction',
  TerminalInteractionNotification,
);
export const itemFileChangeOutputDelta = notification('item/fileChange/outputDelta', FileChangeOutputDeltaNotification);
export const itemMcpToolCallProgress = notification('item/mcpToolCall/progress', McpToolCallProgressNotification);
export const itemReasoningSummaryTextDelta = notification(
  'item/reasoning/summaryTextDelta',
  ReasoningSummaryTextDeltaNotification,
);
export const itemReasoningSummaryPartAdded = notification(
  'item/reasoning/summaryPartAdded',
  ReasoningSummaryPartAddedNotification,
);
export const itemReasoningTextDelta = notification('item/reasoning/textDelta', ReasoningTextDeltaNotification);

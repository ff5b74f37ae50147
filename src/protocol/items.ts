/** What a user sends and what a turn consists of, with the notifications that stream it. */
import { notification } from './define.ts';
import { ContentBlock } from './mcp-content.ts';
import { ResponseItem } from './response-items.ts';
import * as t from './schema/types.ts';

/** What a web search does. */
export const WebSearchAction = t.tagged('WebSearchAction', 'type', {
  search: { query: t.orNull(t.string), queries: t.orNull(t.list(t.string)) },
  openPage: { url: t.orNull(t.string) },
  findInPage: { url: t.orNull(t.string), pattern: t.orNull(t.string) },
  other: {},
});
export type WebSearchAction = t.Infer<typeof WebSearchAction>;

/** A part of a text, in bytes of UTF-8. */
export const ByteRange = t.struct('ByteRange', {
  start: t.uint,
  /** Exclusive. */
  end: t.uint,
});
export type ByteRange = t.Infer<typeof ByteRange>;

/** A part of the user's text that a client shows specially. */
export const TextElement = t.struct('TextElement', {
  byteRange: ByteRange,
  /** The text that the client shows instead. */
  placeholder: t.orNull(t.string),
});
export type TextElement = t.Infer<typeof TextElement>;

/** One part of what the user sends. */
export const UserInput = t.tagged('UserInput', 'type', {
  text: {
    text: t.string,
    /** Parts of `text` that a client shows specially. */
    text_elements: t.withDefault(t.list(TextElement), []),
  },
  image: {
    /** A web address or a data URL. */
    url: t.string,
  },
  localImage: { path: t.path },
  skill: {
    name: t.string,
    /** The path of the skill's SKILL.md. */
    path: t.path,
  },
  mention: {
    name: t.string,
    /** The address of what is mentioned, such as `app://ID`. */
    path: t.string,
  },
});
export type UserInput = t.Infer<typeof UserInput>;

/** What a command does, as far as its words tell. */
export const CommandAction = t.tagged('CommandAction', 'type', {
  read: { command: t.string, name: t.string, path: t.string },
  listFiles: { command: t.string, path: t.orNull(t.string) },
  search: { command: t.string, query: t.orNull(t.string), path: t.orNull(t.string) },
  unknown: { command: t.string },
});
export type CommandAction = t.Infer<typeof CommandAction>;

/** How far a command has come, or how it ended. */
export const CommandExecutionStatus = t.words('CommandExecutionStatus', [
  'inProgress',
  'completed',
  'failed',
  'declined',
]);
export type CommandExecutionStatus = t.Infer<typeof CommandExecutionStatus>;

/** What a patch does to a file. */
export const PatchChangeKind = t.tagged('PatchChangeKind', 'type', {
  add: {},
  delete: {},
  update: {
    /** The new path of a renamed file. */
    move_path: t.orNull(t.string),
  },
});
export type PatchChangeKind = t.Infer<typeof PatchChangeKind>;

/** What a patch does to one file. */
export const FileUpdateChange = t.struct('FileUpdateChange', {
  path: t.string,
  kind: PatchChangeKind,
  /** The content of an added or deleted file, or a unified diff. */
  diff: t.string,
});
export type FileUpdateChange = t.Infer<typeof FileUpdateChange>;

/** How far a patch has come, or how it ended. */
export const PatchApplyStatus = t.words('PatchApplyStatus', ['inProgress', 'completed', 'failed', 'declined']);
export type PatchApplyStatus = t.Infer<typeof PatchApplyStatus>;

/** How far a call of an MCP tool has come, or how it ended. */
export const McpToolCallStatus = t.words('McpToolCallStatus', ['inProgress', 'completed', 'failed']);
export type McpToolCallStatus = t.Infer<typeof McpToolCallStatus>;

/** Why a call of an MCP tool failed. */
export const McpToolCallError = t.struct('McpToolCallError', { message: t.string });
export type McpToolCallError = t.Infer<typeof McpToolCallError>;

/** What an MCP tool returned. */
export const McpToolCallResult = t.struct('McpToolCallResult', {
  content: t.list(ContentBlock),
  structuredContent: t.anything,
});
export type McpToolCallResult = t.Infer<typeof McpToolCallResult>;

/** The state of an agent that another agent started. */
export const CollabAgentStatus = t.words('CollabAgentStatus', [
  'pendingInit',
  'running',
  'completed',
  'errored',
  'shutdown',
  'notFound',
]);
export type CollabAgentStatus = t.Infer<typeof CollabAgentStatus>;

/** The state of an agent, with its last message. */
export const CollabAgentState = t.struct('CollabAgentState', {
  status: CollabAgentStatus,
  message: t.orNull(t.string),
});
export type CollabAgentState = t.Infer<typeof CollabAgentState>;

/** What one agent asks of others. */
export const CollabAgentTool = t.words('CollabAgentTool', ['spawnAgent', 'sendInput', 'wait', 'closeAgent']);
export type CollabAgentTool = t.Infer<typeof CollabAgentTool>;

/** How far a call between agents has come, or how it ended. */
export const CollabAgentToolCallStatus = t.words('CollabAgentToolCallStatus', ['inProgress', 'completed', 'failed']);
export type CollabAgentToolCallStatus = t.Infer<typeof CollabAgentToolCallStatus>;

/** One thing that happens in a turn. */
export const ThreadItem = t.tagged('ThreadItem', 'type', {
  userMessage: { id: t.string, content: t.list(UserInput) },
  agentMessage: { id: t.string, text: t.string },
  plan: { id: t.string, text: t.string },
  reasoning: {
    id: t.string,
    summary: t.withDefault(t.list(t.string), []),
    /** The reasoning itself, where the model service shows it. */
    content: t.withDefault(t.list(t.string), []),
  },
  commandExecution: {
    id: t.string,
    command: t.string,
    cwd: t.string,
    processId: t.orNull(t.string),
    status: CommandExecutionStatus,
    /** What the command does, as far as its words tell. */
    commandActions: t.list(CommandAction),
    /** Standard output and standard error in the order they came; null while it runs. */
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
    /** The arguments as the model wrote them. */
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
    /** The state of each agent, by its thread id. */
    agentsStates: t.mapOf(CollabAgentState),
  },
  webSearch: { id: t.string, query: t.string, action: t.orNull(WebSearchAction) },
  imageView: { id: t.string, path: t.string },
  enteredReviewMode: {
    id: t.string,
    /** What is reviewed, in words. */
    review: t.string,
  },
  exitedReviewMode: {
    id: t.string,
    /** The findings, in words. */
    review: t.string,
  },
  contextCompaction: { id: t.string },
});
export type ThreadItem = t.Infer<typeof ThreadItem>;

/** Params of `item/started`. */
export const ItemStartedNotification = t.struct('ItemStartedNotification', {
  item: ThreadItem,
  threadId: t.string,
  turnId: t.string,
});
export type ItemStartedNotification = t.Infer<typeof ItemStartedNotification>;

/** Params of `item/completed`. */
export const ItemCompletedNotification = t.struct('ItemCompletedNotification', {
  item: ThreadItem,
  threadId: t.string,
  turnId: t.string,
});
export type ItemCompletedNotification = t.Infer<typeof ItemCompletedNotification>;

/** Params of `rawResponseItem/completed`. */
export const RawResponseItemCompletedNotification = t.struct('RawResponseItemCompletedNotification', {
  threadId: t.string,
  turnId: t.string,
  item: ResponseItem,
});
export type RawResponseItemCompletedNotification = t.Infer<typeof RawResponseItemCompletedNotification>;

/** Params of `item/agentMessage/delta`. */
export const AgentMessageDeltaNotification = t.struct('AgentMessageDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type AgentMessageDeltaNotification = t.Infer<typeof AgentMessageDeltaNotification>;

/** Params of `item/plan/delta`. */
export const PlanDeltaNotification = t.struct('PlanDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type PlanDeltaNotification = t.Infer<typeof PlanDeltaNotification>;

/** Params of `item/commandExecution/outputDelta`. */
export const CommandExecutionOutputDeltaNotification = t.struct('CommandExecutionOutputDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type CommandExecutionOutputDeltaNotification = t.Infer<typeof CommandExecutionOutputDeltaNotification>;

/** Params of `item/commandExecution/terminalInteraction`. */
export const TerminalInteractionNotification = t.struct('TerminalInteractionNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  processId: t.string,
  /** The input that the process received. */
  stdin: t.string,
});
export type TerminalInteractionNotification = t.Infer<typeof TerminalInteractionNotification>;

/** Params of `item/fileChange/outputDelta`. */
export const FileChangeOutputDeltaNotification = t.struct('FileChangeOutputDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
});
export type FileChangeOutputDeltaNotification = t.Infer<typeof FileChangeOutputDeltaNotification>;

/** Params of `item/mcpToolCall/progress`. */
export const McpToolCallProgressNotification = t.struct('McpToolCallProgressNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  message: t.string,
});
export type McpToolCallProgressNotification = t.Infer<typeof McpToolCallProgressNotification>;

/** Params of `item/reasoning/summaryTextDelta`. */
export const ReasoningSummaryTextDeltaNotification = t.struct('ReasoningSummaryTextDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
  summaryIndex: t.int64,
});
export type ReasoningSummaryTextDeltaNotification = t.Infer<typeof ReasoningSummaryTextDeltaNotification>;

/** Params of `item/reasoning/summaryPartAdded`. */
export const ReasoningSummaryPartAddedNotification = t.struct('ReasoningSummaryPartAddedNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  summaryIndex: t.int64,
});
export type ReasoningSummaryPartAddedNotification = t.Infer<typeof ReasoningSummaryPartAddedNotification>;

/** Params of `item/reasoning/textDelta`. */
export const ReasoningTextDeltaNotification = t.struct('ReasoningTextDeltaNotification', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  delta: t.string,
  contentIndex: t.int64,
});
export type ReasoningTextDeltaNotification = t.Infer<typeof ReasoningTextDeltaNotification>;

/** Messages about the items of turns. */
export const itemMessages = [
  /** Reports that an item has begun. */
  notification('item/started', ItemStartedNotification),
  /** Reports an item in its final form. */
  notification('item/completed', ItemCompletedNotification),
  /** Carries a history item as it goes to the model. */
  notification('rawResponseItem/completed', RawResponseItemCompletedNotification),
  /** Carries the next piece of a message. */
  notification('item/agentMessage/delta', AgentMessageDeltaNotification),
  /** Carries the next piece of a proposed plan. */
  notification('item/plan/delta', PlanDeltaNotification),
  /** Carries the next output of a command. */
  notification('item/commandExecution/outputDelta', CommandExecutionOutputDeltaNotification),
  /** Reports input to a running command. */
  notification('item/commandExecution/terminalInteraction', TerminalInteractionNotification),
  /** Carries the output of applying a patch. */
  notification('item/fileChange/outputDelta', FileChangeOutputDeltaNotification),
  /** Reports the progress of an MCP tool. */
  notification('item/mcpToolCall/progress', McpToolCallProgressNotification),
  /** Carries the next piece of a reasoning summary. */
  notification('item/reasoning/summaryTextDelta', ReasoningSummaryTextDeltaNotification),
  /** Reports that a new part of a reasoning summary begins. */
  notification('item/reasoning/summaryPartAdded', ReasoningSummaryPartAddedNotification),
  /** Carries the next piece of the model's reasoning. */
  notification('item/reasoning/textDelta', ReasoningTextDeltaNotification),
] as const;

/**
 * Engine events as `codex/event/*` notifications carry them and stored threads keep them; member names are snake
 * case. It is one file because it is one table of declarations: the union at its end has all of them.
 */
import { notification } from '../define.ts';
import { Resource, ResourceTemplate, Tool } from '../mcp-content.ts';
import { RequestId } from '../messages.ts';
import { AskForApproval, ModeKind, ReasoningEffort } from '../policies.ts';
import { ResponseItem, WebSearchAction } from '../response-items.ts';
import { ReviewTarget } from '../reviews.ts';
import type { AnySchema } from '../schema/schema.ts';
import * as t from '../schema/types.ts';
import { ThreadId } from '../threads.ts';
import { FileChange, ParsedCommand } from './approvals.ts';
import {
  CodexErrorInfo,
  McpAuthStatus,
  RateLimitSnapshot,
  SandboxPolicy,
  SkillsListEntry,
  TextElement,
} from './core.ts';
import {
  CustomPrompt,
  Duration,
  ExecCommandSource,
  ExecOutputStream,
  HistoryEntry,
  McpInvocation,
  McpStartupFailure,
  McpStartupStatus,
  PlanItemArg,
  RequestUserInputQuestion,
  Result_of_CallToolResult_or_String,
  ReviewOutputEvent,
  TokenUsageInfo,
  TurnAbortReason,
  TurnItem,
} from './event-types.ts';
import {
  AgentMessageContentDeltaEvent,
  CollabAgentInteractionBeginEvent,
  CollabAgentInteractionEndEvent,
  CollabAgentSpawnBeginEvent,
  CollabAgentSpawnEndEvent,
  CollabCloseBeginEvent,
  CollabCloseEndEvent,
  CollabWaitingBeginEvent,
  CollabWaitingEndEvent,
  PlanDeltaEvent,
  ReasoningContentDeltaEvent,
  ReasoningRawContentDeltaEvent,
} from './stream-events.ts';

/** An event inside another one; any `EventMsg` fits. */
export interface PriorEvent {
  readonly type: string;
}

/** The type is stated because an event can hold earlier events. */
const eventMsg = (): AnySchema => EventMsg;

/** Reports an error of a turn. */
export const ErrorEvent = t.struct('ErrorEvent', { message: t.string, codex_error_info: t.orNull(CodexErrorInfo) });
export type ErrorEvent = t.Infer<typeof ErrorEvent>;

/** Reports something that the user should know and that stops nothing. */
export const WarningEvent = t.struct('WarningEvent', { message: t.string });
export type WarningEvent = t.Infer<typeof WarningEvent>;

/** Reports that the history was summarised. */
export const ContextCompactedEvent = t.struct('ContextCompactedEvent', {});
export type ContextCompactedEvent = t.Infer<typeof ContextCompactedEvent>;

/** Reports that turns were removed from the end of the history. */
export const ThreadRolledBackEvent = t.struct('ThreadRolledBackEvent', { num_turns: t.uint32 });
export type ThreadRolledBackEvent = t.Infer<typeof ThreadRolledBackEvent>;

/** Reports that a turn has begun. */
export const TurnStartedEvent = t.struct('TurnStartedEvent', {
  model_context_window: t.orNull(t.int64),
  collaboration_mode_kind: t.withDefault(ModeKind, 'code'),
});
export type TurnStartedEvent = t.Infer<typeof TurnStartedEvent>;

/** Reports that a turn has ended by itself. */
export const TurnCompleteEvent = t.struct('TurnCompleteEvent', { last_agent_message: t.orNull(t.string) });
export type TurnCompleteEvent = t.Infer<typeof TurnCompleteEvent>;

/** Reports tokens used and rate limits. */
export const TokenCountEvent = t.struct('TokenCountEvent', {
  info: t.orNull(TokenUsageInfo),
  rate_limits: t.orNull(RateLimitSnapshot),
});
export type TokenCountEvent = t.Infer<typeof TokenCountEvent>;

/** Carries a message of the model. */
export const AgentMessageEvent = t.struct('AgentMessageEvent', { message: t.string });
export type AgentMessageEvent = t.Infer<typeof AgentMessageEvent>;

/** Carries a message of the user. */
export const UserMessageEvent = t.struct('UserMessageEvent', {
  message: t.string,
  /** Web addresses or data URLs. */
  images: t.orNull(t.list(t.string)),
  /** Paths. */
  local_images: t.withDefault(t.list(t.string), []),
  text_elements: t.withDefault(t.list(TextElement), []),
});
export type UserMessageEvent = t.Infer<typeof UserMessageEvent>;

/** Carries the next piece of a message. */
export const AgentMessageDeltaEvent = t.struct('AgentMessageDeltaEvent', { delta: t.string });
export type AgentMessageDeltaEvent = t.Infer<typeof AgentMessageDeltaEvent>;

/** Carries a part of a reasoning summary. */
export const AgentReasoningEvent = t.struct('AgentReasoningEvent', { text: t.string });
export type AgentReasoningEvent = t.Infer<typeof AgentReasoningEvent>;

/** Carries the next piece of a reasoning summary. */
export const AgentReasoningDeltaEvent = t.struct('AgentReasoningDeltaEvent', { delta: t.string });
export type AgentReasoningDeltaEvent = t.Infer<typeof AgentReasoningDeltaEvent>;

/** Carries the model's reasoning. */
export const AgentReasoningRawContentEvent = t.struct('AgentReasoningRawContentEvent', { text: t.string });
export type AgentReasoningRawContentEvent = t.Infer<typeof AgentReasoningRawContentEvent>;

/** Carries the next piece of the model's reasoning. */
export const AgentReasoningRawContentDeltaEvent = t.struct('AgentReasoningRawContentDeltaEvent', { delta: t.string });
export type AgentReasoningRawContentDeltaEvent = t.Infer<typeof AgentReasoningRawContentDeltaEvent>;

/** Reports that a new part of a reasoning summary begins. */
export const AgentReasoningSectionBreakEvent = t.struct('AgentReasoningSectionBreakEvent', {
  item_id: t.withDefault(t.string, ''),
  summary_index: t.withDefault(t.int64, 0),
});
export type AgentReasoningSectionBreakEvent = t.Infer<typeof AgentReasoningSectionBreakEvent>;

/** Reports the settings of a conversation that was loaded. */
export const SessionConfiguredEvent = t.struct('SessionConfiguredEvent', {
  session_id: ThreadId,
  forked_from_id: t.orNull(ThreadId),
  thread_name: t.opt(t.string),
  model: t.string,
  model_provider_id: t.string,
  approval_policy: AskForApproval,
  sandbox_policy: SandboxPolicy,
  cwd: t.string,
  reasoning_effort: t.orNull(ReasoningEffort),
  /** Names the file with the user's messages of all threads. */
  history_log_id: t.uint64,
  history_entry_count: t.uint,
  /** The stored events; null for a new conversation. */
  initial_messages: t.orNull(t.list(t.lazy<PriorEvent>(eventMsg))),
  rollout_path: t.orNull(t.string),
});
export type SessionConfiguredEvent = t.Infer<typeof SessionConfiguredEvent>;

/** Reports the new name of a thread. */
export const ThreadNameUpdatedEvent = t.struct('ThreadNameUpdatedEvent', {
  thread_id: ThreadId,
  thread_name: t.opt(t.string),
});
export type ThreadNameUpdatedEvent = t.Infer<typeof ThreadNameUpdatedEvent>;

/** Reports how far an MCP server has started. */
export const McpStartupUpdateEvent = t.struct('McpStartupUpdateEvent', { server: t.string, status: McpStartupStatus });
export type McpStartupUpdateEvent = t.Infer<typeof McpStartupUpdateEvent>;

/** Reports which MCP servers have started. */
export const McpStartupCompleteEvent = t.struct('McpStartupCompleteEvent', {
  ready: t.list(t.string),
  failed: t.list(McpStartupFailure),
  cancelled: t.list(t.string),
});
export type McpStartupCompleteEvent = t.Infer<typeof McpStartupCompleteEvent>;

/** Reports that a call of an MCP tool begins. */
export const McpToolCallBeginEvent = t.struct('McpToolCallBeginEvent', {
  call_id: t.string,
  invocation: McpInvocation,
});
export type McpToolCallBeginEvent = t.Infer<typeof McpToolCallBeginEvent>;

/** Reports how a call of an MCP tool ended. */
export const McpToolCallEndEvent = t.struct('McpToolCallEndEvent', {
  call_id: t.string,
  invocation: McpInvocation,
  duration: Duration,
  result: Result_of_CallToolResult_or_String,
});
export type McpToolCallEndEvent = t.Infer<typeof McpToolCallEndEvent>;

/** Reports that a web search begins. */
export const WebSearchBeginEvent = t.struct('WebSearchBeginEvent', { call_id: t.string });
export type WebSearchBeginEvent = t.Infer<typeof WebSearchBeginEvent>;

/** Reports that a web search ended. */
export const WebSearchEndEvent = t.struct('WebSearchEndEvent', {
  call_id: t.string,
  query: t.string,
  action: WebSearchAction,
});
export type WebSearchEndEvent = t.Infer<typeof WebSearchEndEvent>;

/** Reports that a command begins. */
export const ExecCommandBeginEvent = t.struct('ExecCommandBeginEvent', {
  call_id: t.string,
  process_id: t.opt(t.string),
  turn_id: t.string,
  command: t.list(t.string),
  cwd: t.string,
  parsed_cmd: t.list(ParsedCommand),
  source: t.withDefault(ExecCommandSource, 'agent'),
  /** The input that the process received. */
  interaction_input: t.opt(t.string),
});
export type ExecCommandBeginEvent = t.Infer<typeof ExecCommandBeginEvent>;

/** Carries the next output of a command. */
export const ExecCommandOutputDeltaEvent = t.struct('ExecCommandOutputDeltaEvent', {
  call_id: t.string,
  stream: ExecOutputStream,
  /** Base64. */
  chunk: t.string,
});
export type ExecCommandOutputDeltaEvent = t.Infer<typeof ExecCommandOutputDeltaEvent>;

/** Reports input to a running command. */
export const TerminalInteractionEvent = t.struct('TerminalInteractionEvent', {
  call_id: t.string,
  process_id: t.string,
  stdin: t.string,
});
export type TerminalInteractionEvent = t.Infer<typeof TerminalInteractionEvent>;

/** Reports how a command ended. */
export const ExecCommandEndEvent = t.struct('ExecCommandEndEvent', {
  call_id: t.string,
  process_id: t.opt(t.string),
  turn_id: t.string,
  command: t.list(t.string),
  cwd: t.string,
  parsed_cmd: t.list(ParsedCommand),
  source: t.withDefault(ExecCommandSource, 'agent'),
  interaction_input: t.opt(t.string),
  stdout: t.string,
  stderr: t.string,
  /** Standard output and standard error in the order they came. */
  aggregated_output: t.withDefault(t.string, ''),
  exit_code: t.int32,
  duration: Duration,
  /** The output as the model reads it. */
  formatted_output: t.string,
});
export type ExecCommandEndEvent = t.Infer<typeof ExecCommandEndEvent>;

/** Reports that the model looks at an image file. */
export const ViewImageToolCallEvent = t.struct('ViewImageToolCallEvent', { call_id: t.string, path: t.string });
export type ViewImageToolCallEvent = t.Infer<typeof ViewImageToolCallEvent>;

/** Reports that a command waits for approval. */
export const ExecApprovalRequestEvent = t.struct('ExecApprovalRequestEvent', {
  call_id: t.string,
  turn_id: t.withDefault(t.string, ''),
  command: t.list(t.string),
  cwd: t.string,
  reason: t.omitted(t.string),
  proposed_execpolicy_amendment: t.opt(t.list(t.string)),
  parsed_cmd: t.list(ParsedCommand),
});
export type ExecApprovalRequestEvent = t.Infer<typeof ExecApprovalRequestEvent>;

/** Reports that questions wait for the user. */
export const RequestUserInputEvent = t.struct('RequestUserInputEvent', {
  call_id: t.string,
  turn_id: t.withDefault(t.string, ''),
  questions: t.list(RequestUserInputQuestion),
});
export type RequestUserInputEvent = t.Infer<typeof RequestUserInputEvent>;

/** Reports that a call of a client's tool waits. */
export const DynamicToolCallRequest = t.struct('DynamicToolCallRequest', {
  callId: t.string,
  turnId: t.string,
  tool: t.string,
  arguments: t.json,
});
export type DynamicToolCallRequest = t.Infer<typeof DynamicToolCallRequest>;

/** Reports that an MCP server asks the user. */
export const ElicitationRequestEvent = t.struct('ElicitationRequestEvent', {
  server_name: t.string,
  id: RequestId,
  message: t.string,
});
export type ElicitationRequestEvent = t.Infer<typeof ElicitationRequestEvent>;

/** Reports that a patch waits for approval. */
export const ApplyPatchApprovalRequestEvent = t.struct('ApplyPatchApprovalRequestEvent', {
  call_id: t.string,
  turn_id: t.withDefault(t.string, ''),
  changes: t.mapOf(FileChange),
  reason: t.omitted(t.string),
  grant_root: t.omitted(t.string),
});
export type ApplyPatchApprovalRequestEvent = t.Infer<typeof ApplyPatchApprovalRequestEvent>;

/** Reports a setting or feature that is going away. */
export const DeprecationNoticeEvent = t.struct('DeprecationNoticeEvent', {
  summary: t.string,
  details: t.omitted(t.string),
});
export type DeprecationNoticeEvent = t.Infer<typeof DeprecationNoticeEvent>;

/** Reports something that happens beside a turn. */
export const BackgroundEventEvent = t.struct('BackgroundEventEvent', { message: t.string });
export type BackgroundEventEvent = t.Infer<typeof BackgroundEventEvent>;

/** Reports that an undo begins. */
export const UndoStartedEvent = t.struct('UndoStartedEvent', { message: t.orNull(t.string) });
export type UndoStartedEvent = t.Infer<typeof UndoStartedEvent>;

/** Reports how an undo ended. */
export const UndoCompletedEvent = t.struct('UndoCompletedEvent', { success: t.boolean, message: t.orNull(t.string) });
export type UndoCompletedEvent = t.Infer<typeof UndoCompletedEvent>;

/** Reports that a stream of the model service broke off and is tried again. */
export const StreamErrorEvent = t.struct('StreamErrorEvent', {
  message: t.string,
  codex_error_info: t.orNull(CodexErrorInfo),
  additional_details: t.orNull(t.string),
});
export type StreamErrorEvent = t.Infer<typeof StreamErrorEvent>;

/** Reports that a patch is being applied. */
export const PatchApplyBeginEvent = t.struct('PatchApplyBeginEvent', {
  call_id: t.string,
  turn_id: t.withDefault(t.string, ''),
  /** Whether nobody was asked. */
  auto_approved: t.boolean,
  changes: t.mapOf(FileChange),
});
export type PatchApplyBeginEvent = t.Infer<typeof PatchApplyBeginEvent>;

/** Reports how applying a patch ended. */
export const PatchApplyEndEvent = t.struct('PatchApplyEndEvent', {
  call_id: t.string,
  turn_id: t.withDefault(t.string, ''),
  stdout: t.string,
  stderr: t.string,
  success: t.boolean,
  changes: t.withDefault(t.mapOf(FileChange), {}),
});
export type PatchApplyEndEvent = t.Infer<typeof PatchApplyEndEvent>;

/** Carries the changes that a turn has made so far. */
export const TurnDiffEvent = t.struct('TurnDiffEvent', { unified_diff: t.string });
export type TurnDiffEvent = t.Infer<typeof TurnDiffEvent>;

/** Carries one message of the user from the history of all threads. */
export const GetHistoryEntryResponseEvent = t.struct('GetHistoryEntryResponseEvent', {
  offset: t.uint,
  log_id: t.uint64,
  entry: t.orNull(HistoryEntry),
});
export type GetHistoryEntryResponseEvent = t.Infer<typeof GetHistoryEntryResponseEvent>;

/** Carries what MCP servers offer. */
export const McpListToolsResponseEvent = t.struct('McpListToolsResponseEvent', {
  tools: t.mapOf(Tool),
  resources: t.mapOf(t.list(Resource)),
  resource_templates: t.mapOf(t.list(ResourceTemplate)),
  auth_statuses: t.mapOf(McpAuthStatus),
});
export type McpListToolsResponseEvent = t.Infer<typeof McpListToolsResponseEvent>;

/** Carries the prompts that the user has stored. */
export const ListCustomPromptsResponseEvent = t.struct('ListCustomPromptsResponseEvent', {
  custom_prompts: t.list(CustomPrompt),
});
export type ListCustomPromptsResponseEvent = t.Infer<typeof ListCustomPromptsResponseEvent>;

/** Carries the skills by folder. */
export const ListSkillsResponseEvent = t.struct('ListSkillsResponseEvent', { skills: t.list(SkillsListEntry) });
export type ListSkillsResponseEvent = t.Infer<typeof ListSkillsResponseEvent>;

/** Carries the model's plan for a turn. */
export const UpdatePlanArgs = t.struct('UpdatePlanArgs', {
  explanation: t.orNull(t.string),
  plan: t.list(PlanItemArg),
});
export type UpdatePlanArgs = t.Infer<typeof UpdatePlanArgs>;

/** Reports that a turn was aborted. */
export const TurnAbortedEvent = t.struct('TurnAbortedEvent', { reason: TurnAbortReason });
export type TurnAbortedEvent = t.Infer<typeof TurnAbortedEvent>;

/** Reports that a review begins. */
export const ReviewRequest = t.struct('ReviewRequest', {
  target: ReviewTarget,
  /** What is reviewed, in words. */
  user_facing_hint: t.opt(t.string),
});
export type ReviewRequest = t.Infer<typeof ReviewRequest>;

/** Reports that a review ended. */
export const ExitedReviewModeEvent = t.struct('ExitedReviewModeEvent', {
  /** Null when the review was stopped. */
  review_output: t.orNull(ReviewOutputEvent),
});
export type ExitedReviewModeEvent = t.Infer<typeof ExitedReviewModeEvent>;

/** Carries a history item as it goes to the model. */
export const RawResponseItemEvent = t.struct('RawResponseItemEvent', { item: ResponseItem });
export type RawResponseItemEvent = t.Infer<typeof RawResponseItemEvent>;

/** Reports that an item has begun. */
export const ItemStartedEvent = t.struct('ItemStartedEvent', {
  thread_id: ThreadId,
  turn_id: t.string,
  item: TurnItem,
});
export type ItemStartedEvent = t.Infer<typeof ItemStartedEvent>;

/** Reports an item in its final form. */
export const ItemCompletedEvent = t.struct('ItemCompletedEvent', {
  thread_id: ThreadId,
  turn_id: t.string,
  item: TurnItem,
});
export type ItemCompletedEvent = t.Infer<typeof ItemCompletedEvent>;

/** An event of the first generation. */
export const EventMsg = t.tagged('EventMsg', 'type', {
  error: ErrorEvent,
  warning: WarningEvent,
  context_compacted: ContextCompactedEvent,
  thread_rolled_back: ThreadRolledBackEvent,
  task_started: TurnStartedEvent,
  task_complete: TurnCompleteEvent,
  token_count: TokenCountEvent,
  agent_message: AgentMessageEvent,
  user_message: UserMessageEvent,
  agent_message_delta: AgentMessageDeltaEvent,
  agent_reasoning: AgentReasoningEvent,
  agent_reasoning_delta: AgentReasoningDeltaEvent,
  agent_reasoning_raw_content: AgentReasoningRawContentEvent,
  agent_reasoning_raw_content_delta: AgentReasoningRawContentDeltaEvent,
  agent_reasoning_section_break: AgentReasoningSectionBreakEvent,
  session_configured: SessionConfiguredEvent,
  thread_name_updated: ThreadNameUpdatedEvent,
  mcp_startup_update: McpStartupUpdateEvent,
  mcp_startup_complete: McpStartupCompleteEvent,
  mcp_tool_call_begin: McpToolCallBeginEvent,
  mcp_tool_call_end: McpToolCallEndEvent,
  web_search_begin: WebSearchBeginEvent,
  web_search_end: WebSearchEndEvent,
  exec_command_begin: ExecCommandBeginEvent,
  exec_command_output_delta: ExecCommandOutputDeltaEvent,
  terminal_interaction: TerminalInteractionEvent,
  exec_command_end: ExecCommandEndEvent,
  view_image_tool_call: ViewImageToolCallEvent,
  exec_approval_request: ExecApprovalRequestEvent,
  request_user_input: RequestUserInputEvent,
  dynamic_tool_call_request: DynamicToolCallRequest,
  elicitation_request: ElicitationRequestEvent,
  apply_patch_approval_request: ApplyPatchApprovalRequestEvent,
  deprecation_notice: DeprecationNoticeEvent,
  background_event: BackgroundEventEvent,
  undo_started: UndoStartedEvent,
  undo_completed: UndoCompletedEvent,
  stream_error: StreamErrorEvent,
  patch_apply_begin: PatchApplyBeginEvent,
  patch_apply_end: PatchApplyEndEvent,
  turn_diff: TurnDiffEvent,
  get_history_entry_response: GetHistoryEntryResponseEvent,
  mcp_list_tools_response: McpListToolsResponseEvent,
  list_custom_prompts_response: ListCustomPromptsResponseEvent,
  list_skills_response: ListSkillsResponseEvent,
  skills_update_available: {},
  plan_update: UpdatePlanArgs,
  turn_aborted: TurnAbortedEvent,
  shutdown_complete: {},
  entered_review_mode: ReviewRequest,
  exited_review_mode: ExitedReviewModeEvent,
  raw_response_item: RawResponseItemEvent,
  item_started: ItemStartedEvent,
  item_completed: ItemCompletedEvent,
  agent_message_content_delta: AgentMessageContentDeltaEvent,
  plan_delta: PlanDeltaEvent,
  reasoning_content_delta: ReasoningContentDeltaEvent,
  reasoning_raw_content_delta: ReasoningRawContentDeltaEvent,
  collab_agent_spawn_begin: CollabAgentSpawnBeginEvent,
  collab_agent_spawn_end: CollabAgentSpawnEndEvent,
  collab_agent_interaction_begin: CollabAgentInteractionBeginEvent,
  collab_agent_interaction_end: CollabAgentInteractionEndEvent,
  collab_waiting_begin: CollabWaitingBeginEvent,
  collab_waiting_end: CollabWaitingEndEvent,
  collab_close_begin: CollabCloseBeginEvent,
  collab_close_end: CollabCloseEndEvent,
});
export type EventMsg = t.Infer<typeof EventMsg>;

/** Params of `sessionConfigured`. */
export const SessionConfiguredNotification = t.struct('SessionConfiguredNotification', {
  sessionId: ThreadId,
  model: t.string,
  reasoningEffort: t.orNull(ReasoningEffort),
  /** Names the file with the user's messages of all threads. */
  historyLogId: t.uint64,
  historyEntryCount: t.uint,
  initialMessages: t.orNull(t.list(t.lazy<PriorEvent>(eventMsg))),
  rolloutPath: t.string,
});
export type SessionConfiguredNotification = t.Infer<typeof SessionConfiguredNotification>;

/** Messages of the first generation that report events. */
export const legacyEventMessages = [
  /** Reports the settings of a conversation that was resumed or forked. */
  notification('sessionConfigured', SessionConfiguredNotification, { folder: 'v1' }),
] as const;

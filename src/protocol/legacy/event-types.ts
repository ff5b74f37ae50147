/** What the events of `events.ts` are made of. */
import { ContentBlock } from '../mcp-content.ts';
import { WebSearchAction } from '../response-items.ts';
import * as t from '../schema/types.ts';
import { UserInput } from './core.ts';

/** One part of a message of the model. */
export const AgentMessageContent = t.tagged('AgentMessageContent', 'type', { Text: { text: t.string } });
export type AgentMessageContent = t.Infer<typeof AgentMessageContent>;

/** The state of an agent that another agent started. */
export const AgentStatus = t.external('AgentStatus', {
  pending_init: t.unit,
  running: t.unit,
  /** The last message of the agent. */
  completed: t.nullable(t.string),
  errored: t.string,
  shutdown: t.unit,
  not_found: t.unit,
});
export type AgentStatus = t.Infer<typeof AgentStatus>;

/** What an MCP tool returned. */
export const CallToolResult = t.struct('CallToolResult', {
  content: t.list(ContentBlock),
  isError: t.opt(t.boolean),
  structuredContent: t.anything,
});
export type CallToolResult = t.Infer<typeof CallToolResult>;

/** A prompt that the user has stored. */
export const CustomPrompt = t.struct('CustomPrompt', {
  name: t.string,
  path: t.string,
  content: t.string,
  description: t.orNull(t.string),
  argument_hint: t.orNull(t.string),
});
export type CustomPrompt = t.Infer<typeof CustomPrompt>;

/** A length of time. */
export const Duration = t.struct('Duration', { secs: t.uint64, nanos: t.uint32 });
export type Duration = t.Infer<typeof Duration>;

/** Who started a command. */
export const ExecCommandSource = t.words('ExecCommandSource', [
  'agent',
  'user_shell',
  'unified_exec_startup',
  'unified_exec_interaction',
]);
export type ExecCommandSource = t.Infer<typeof ExecCommandSource>;

/** The stream that output came from. */
export const ExecOutputStream = t.words('ExecOutputStream', ['stdout', 'stderr']);
export type ExecOutputStream = t.Infer<typeof ExecOutputStream>;

/** One message of the user in the history of all threads. */
export const HistoryEntry = t.struct('HistoryEntry', {
  conversation_id: t.string,
  /** Seconds since 1970. */
  ts: t.uint64,
  text: t.string,
});
export type HistoryEntry = t.Infer<typeof HistoryEntry>;

/** A call of an MCP tool. */
export const McpInvocation = t.struct('McpInvocation', { server: t.string, tool: t.string, arguments: t.anything });
export type McpInvocation = t.Infer<typeof McpInvocation>;

/** An MCP server that did not start. */
export const McpStartupFailure = t.struct('McpStartupFailure', { server: t.string, error: t.string });
export type McpStartupFailure = t.Infer<typeof McpStartupFailure>;

/** How far an MCP server has started. */
export const McpStartupStatus = t.tagged('McpStartupStatus', 'state', {
  starting: {},
  ready: {},
  failed: { error: t.string },
  cancelled: {},
});
export type McpStartupStatus = t.Infer<typeof McpStartupStatus>;

/** How far a step of a plan has come. */
export const StepStatus = t.words('StepStatus', ['pending', 'in_progress', 'completed']);
export type StepStatus = t.Infer<typeof StepStatus>;

/** One step of a plan. */
export const PlanItemArg = t.closedStruct('PlanItemArg', { step: t.string, status: StepStatus });
export type PlanItemArg = t.Infer<typeof PlanItemArg>;

/** One answer that a question offers. */
export const RequestUserInputQuestionOption = t.struct('RequestUserInputQuestionOption', {
  label: t.string,
  description: t.string,
});
export type RequestUserInputQuestionOption = t.Infer<typeof RequestUserInputQuestionOption>;

/** One question of the model to the user. */
export const RequestUserInputQuestion = t.struct('RequestUserInputQuestion', {
  id: t.string,
  header: t.string,
  question: t.string,
  isOther: t.withDefault(t.boolean, false),
  isSecret: t.withDefault(t.boolean, false),
  /** Null when the answer is free text. */
  options: t.orNull(t.list(RequestUserInputQuestionOption)),
});
export type RequestUserInputQuestion = t.Infer<typeof RequestUserInputQuestion>;

/** The result of an MCP tool, or why it failed. */
export const Result_of_CallToolResult_or_String = t.untagged('Result_of_CallToolResult_or_String', [
  t.part({ Ok: CallToolResult }),
  t.part({ Err: t.string }),
]);
export type Result_of_CallToolResult_or_String = t.Infer<typeof Result_of_CallToolResult_or_String>;

/** A range of lines. */
export const ReviewLineRange = t.struct('ReviewLineRange', { start: t.uint32, end: t.uint32 });
export type ReviewLineRange = t.Infer<typeof ReviewLineRange>;

/** A place in the code. */
export const ReviewCodeLocation = t.struct('ReviewCodeLocation', {
  absolute_file_path: t.string,
  line_range: ReviewLineRange,
});
export type ReviewCodeLocation = t.Infer<typeof ReviewCodeLocation>;

/** One finding of a review. */
export const ReviewFinding = t.struct('ReviewFinding', {
  title: t.string,
  body: t.string,
  /** From 0 to 1. */
  confidence_score: t.float,
  /** 0 is the most urgent. */
  priority: t.int32,
  code_location: ReviewCodeLocation,
});
export type ReviewFinding = t.Infer<typeof ReviewFinding>;

/** The result of a review. */
export const ReviewOutputEvent = t.struct('ReviewOutputEvent', {
  findings: t.list(ReviewFinding),
  overall_correctness: t.string,
  overall_explanation: t.string,
  /** From 0 to 1. */
  overall_confidence_score: t.float,
});
export type ReviewOutputEvent = t.Infer<typeof ReviewOutputEvent>;

/** Counts of tokens. */
export const TokenUsage = t.struct('TokenUsage', {
  input_tokens: t.int64,
  cached_input_tokens: t.int64,
  output_tokens: t.int64,
  reasoning_output_tokens: t.int64,
  total_tokens: t.int64,
});
export type TokenUsage = t.Infer<typeof TokenUsage>;

/** Tokens that a thread has used. */
export const TokenUsageInfo = t.struct('TokenUsageInfo', {
  total_token_usage: TokenUsage,
  /** Tokens of the last request to the model. */
  last_token_usage: TokenUsage,
  model_context_window: t.orNull(t.int64),
});
export type TokenUsageInfo = t.Infer<typeof TokenUsageInfo>;

/** A message of the user. */
export const UserMessageItem = t.struct('UserMessageItem', { id: t.string, content: t.list(UserInput) });
export type UserMessageItem = t.Infer<typeof UserMessageItem>;

/** A message of the model. */
export const AgentMessageItem = t.struct('AgentMessageItem', { id: t.string, content: t.list(AgentMessageContent) });
export type AgentMessageItem = t.Infer<typeof AgentMessageItem>;

/** A plan that the model proposes. */
export const PlanItem = t.struct('PlanItem', { id: t.string, text: t.string });
export type PlanItem = t.Infer<typeof PlanItem>;

/** The reasoning of the model. */
export const ReasoningItem = t.struct('ReasoningItem', {
  id: t.string,
  summary_text: t.list(t.string),
  raw_content: t.withDefault(t.list(t.string), []),
});
export type ReasoningItem = t.Infer<typeof ReasoningItem>;

/** A web search. */
export const WebSearchItem = t.struct('WebSearchItem', { id: t.string, query: t.string, action: WebSearchAction });
export type WebSearchItem = t.Infer<typeof WebSearchItem>;

/** A summary that replaced the history. */
export const ContextCompactionItem = t.struct('ContextCompactionItem', { id: t.string });
export type ContextCompactionItem = t.Infer<typeof ContextCompactionItem>;

/** One thing that happens in a turn. */
export const TurnItem = t.tagged('TurnItem', 'type', {
  UserMessage: UserMessageItem,
  AgentMessage: AgentMessageItem,
  Plan: PlanItem,
  Reasoning: ReasoningItem,
  WebSearch: WebSearchItem,
  ContextCompaction: ContextCompactionItem,
});
export type TurnItem = t.Infer<typeof TurnItem>;

/** Why a turn was aborted. */
export const TurnAbortReason = t.words('TurnAbortReason', ['interrupted', 'replaced', 'review_ended']);
export type TurnAbortReason = t.Infer<typeof TurnAbortReason>;

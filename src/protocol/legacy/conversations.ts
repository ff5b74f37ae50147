/** Conversations, which are threads in generation one. */
import { request } from '../define.ts';
import { AskForApproval, ReasoningEffort, ReasoningSummary, SandboxMode } from '../policies.ts';
import { ResponseItem } from '../response-items.ts';
import { prefixedUuidProblem } from '../schema/texts.ts';
import * as t from '../schema/types.ts';
import { ThreadId } from '../threads.ts';
import { SandboxPolicy, SessionSource } from './core.ts';
import { TurnAbortReason } from './event-types.ts';
import { EventMsg } from './events.ts';

export const V1ByteRange = t.struct('V1ByteRange', { start: t.uint, end: t.uint });
export type V1ByteRange = t.Infer<typeof V1ByteRange>;

export const V1TextElement = t.struct('V1TextElement', { byteRange: V1ByteRange, placeholder: t.orNull(t.string) });
export type V1TextElement = t.Infer<typeof V1TextElement>;

export const InputItem = t.tagged(
  'InputItem',
  'type',
  {
    text: { data: t.part({ text: t.string, text_elements: t.withDefault(t.list(V1TextElement), []) }) },
    image: { data: t.part({ image_url: t.string }) },
    localImage: { data: t.part({ path: t.path }) },
  },
  { union: 'adjacent' },
);
export type InputItem = t.Infer<typeof InputItem>;

export const NewConversationParams = t.struct('NewConversationParams', {
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  profile: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  config: t.opt(t.mapOf(t.json)),
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  compactPrompt: t.opt(t.string),
  includeApplyPatchTool: t.opt(t.boolean),
});
export type NewConversationParams = t.Infer<typeof NewConversationParams>;

export const NewConversationResponse = t.struct('NewConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  reasoningEffort: t.orNull(ReasoningEffort),
  rolloutPath: t.string,
});
export type NewConversationResponse = t.Infer<typeof NewConversationResponse>;

export const ResumeConversationParams = t.struct('ResumeConversationParams', {
  path: t.opt(t.path),
  conversationId: t.opt(ThreadId),
  history: t.opt(t.list(ResponseItem)),
  overrides: t.opt(NewConversationParams),
});
export type ResumeConversationParams = t.Infer<typeof ResumeConversationParams>;

export const ResumeConversationResponse = t.struct('ResumeConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  initialMessages: t.orNull(t.list(EventMsg)),
  rolloutPath: t.string,
});
export type ResumeConversationResponse = t.Infer<typeof ResumeConversationResponse>;

export const ForkConversationParams = t.struct('ForkConversationParams', {
  path: t.opt(t.path),
  conversationId: t.opt(ThreadId),
  overrides: t.opt(NewConversationParams),
});
export type ForkConversationParams = t.Infer<typeof ForkConversationParams>;

export const ForkConversationResponse = t.struct('ForkConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  initialMessages: t.orNull(t.list(EventMsg)),
  rolloutPath: t.string,
});
export type ForkConversationResponse = t.Infer<typeof ForkConversationResponse>;

export const ConversationGitInfo = t.struct('ConversationGitInfo', {
  sha: t.orNull(t.string),
  branch: t.orNull(t.string),
  origin_url: t.orNull(t.string),
});
export type ConversationGitInfo = t.Infer<typeof ConversationGitInfo>;

export const ConversationSummary = t.struct('ConversationSummary', {
  conversationId: ThreadId,
  path: t.string,
  preview: t.string,
  timestamp: t.orNull(t.string),
  updatedAt: t.orNull(t.string),
  modelProvider: t.string,
  cwd: t.string,
  cliVersion: t.string,
  source: SessionSource,
  gitInfo: t.orNull(ConversationGitInfo),
});
export type ConversationSummary = t.Infer<typeof ConversationSummary>;

export const GetConversationSummaryParams = t.untagged('GetConversationSummaryParams', [
  t.part({ rolloutPath: t.string }),
  t.part({ conversationId: ThreadId }),
]);
export type GetConversationSummaryParams = t.Infer<typeof GetConversationSummaryParams>;

export const GetConversationSummaryResponse = t.struct('GetConversationSummaryResponse', {
  summary: ConversationSummary,
});
export type GetConversationSummaryResponse = t.Infer<typeof GetConversationSummaryResponse>;

export const ListConversationsParams = t.struct('ListConversationsParams', {
  pageSize: t.opt(t.uint),
  cursor: t.opt(t.string),
  modelProviders: t.opt(t.list(t.string)),
});
export type ListConversationsParams = t.Infer<typeof ListConversationsParams>;

export const ListConversationsResponse = t.struct('ListConversationsResponse', {
  items: t.list(ConversationSummary),
  nextCursor: t.orNull(t.string),
});
export type ListConversationsResponse = t.Infer<typeof ListConversationsResponse>;

export const ArchiveConversationParams = t.struct('ArchiveConversationParams', {
  conversationId: ThreadId,
  rolloutPath: t.path,
});
export type ArchiveConversationParams = t.Infer<typeof ArchiveConversationParams>;

export const ArchiveConversationResponse = t.struct('ArchiveConversationResponse', {});
export type ArchiveConversationResponse = t.Infer<typeof ArchiveConversationResponse>;

export const SendUserMessageParams = t.struct('SendUserMessageParams', {
  conversationId: ThreadId,
  items: t.list(InputItem),
});
export type SendUserMessageParams = t.Infer<typeof SendUserMessageParams>;

export const SendUserMessageResponse = t.struct('SendUserMessageResponse', {});
export type SendUserMessageResponse = t.Infer<typeof SendUserMessageResponse>;

export const SendUserTurnParams = t.struct('SendUserTurnParams', {
  conversationId: ThreadId,
  items: t.list(InputItem),
  cwd: t.path,
  approvalPolicy: AskForApproval,
  sandboxPolicy: SandboxPolicy,
  model: t.string,
  effort: t.opt(ReasoningEffort),
  summary: ReasoningSummary,
  outputSchema: t.anything,
});
export type SendUserTurnParams = t.Infer<typeof SendUserTurnParams>;

export const SendUserTurnResponse = t.struct('SendUserTurnResponse', {});
export type SendUserTurnResponse = t.Infer<typeof SendUserTurnResponse>;

export const InterruptConversationParams = t.struct('InterruptConversationParams', { conversationId: ThreadId });
export type InterruptConversationParams = t.Infer<typeof InterruptConversationParams>;

export const InterruptConversationResponse = t.struct('InterruptConversationResponse', {
  abortReason: TurnAbortReason,
});
export type InterruptConversationResponse = t.Infer<typeof InterruptConversationResponse>;

export const AddConversationListenerParams = t.struct('AddConversationListenerParams', {
  conversationId: ThreadId,
  experimentalRawEvents: t.withDefault(t.boolean, false),
});
export type AddConversationListenerParams = t.Infer<typeof AddConversationListenerParams>;

export const AddConversationSubscriptionResponse = t.struct('AddConversationSubscriptionResponse', {
  subscriptionId: t.string,
});
export type AddConversationSubscriptionResponse = t.Infer<typeof AddConversationSubscriptionResponse>;

export const RemoveConversationListenerParams = t.struct('RemoveConversationListenerParams', {
  subscriptionId: t.textWith(prefixedUuidProblem, 'a UUID string'),
});
export type RemoveConversationListenerParams = t.Infer<typeof RemoveConversationListenerParams>;

export const RemoveConversationSubscriptionResponse = t.struct('RemoveConversationSubscriptionResponse', {});
export type RemoveConversationSubscriptionResponse = t.Infer<typeof RemoveConversationSubscriptionResponse>;

export const newConversation = request('newConversation', NewConversationParams, NewConversationResponse, {
  folder: 'v1',
});
export const getConversationSummary = request(
  'getConversationSummary',
  GetConversationSummaryParams,
  GetConversationSummaryResponse,
  { folder: 'v1' },
);
export const listConversations = request('listConversations', ListConversationsParams, ListConversationsResponse, {
  folder: 'v1',
});
export const resumeConversation = request('resumeConversation', ResumeConversationParams, ResumeConversationResponse, {
  folder: 'v1',
});
export const forkConversation = request('forkConversation', ForkConversationParams, ForkConversationResponse, {
  folder: 'v1',
});
export const archiveConversation = request(
  'archiveConversation',
  ArchiveConversationParams,
  ArchiveConversationResponse,
  { folder: 'v1' },
);
export const sendUserMessage = request('sendUserMessage', SendUserMessageParams, SendUserMessageResponse, {
  folder: 'v1',
});
export const sendUserTurn = request('sendUserTurn', SendUserTurnParams, SendUserTurnResponse, { folder: 'v1' });
export const interruptConversation = request(
  'interruptConversation',
  InterruptConversationParams,
  InterruptConversationResponse,
  { folder: 'v1' },
);
export const addConversationListener = request(
  'addConversationListener',
  AddConversationListenerParams,
  AddConversationSubscriptionResponse,
  { folder: 'v1' },
);
export const removeConversationListener = request(
  'removeConversationListener',
  RemoveConversationListenerParams,
  RemoveConversationSubscriptionResponse,
  { folder: 'v1' },
);

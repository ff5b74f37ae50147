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

/** A part of a text, in bytes of UTF-8. */
export const V1ByteRange = t.struct('V1ByteRange', {
  start: t.uint,
  /** Exclusive. */
  end: t.uint,
});
export type V1ByteRange = t.Infer<typeof V1ByteRange>;

/** A part of the user's text that a client shows specially. */
export const V1TextElement = t.struct('V1TextElement', { byteRange: V1ByteRange, placeholder: t.orNull(t.string) });
export type V1TextElement = t.Infer<typeof V1TextElement>;

/** One part of what the user sends. */
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

/** Settings of a new conversation; the configuration supplies what is absent. */
export const NewConversationParams = t.struct('NewConversationParams', {
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  /** The name of a profile of the configuration. */
  profile: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  /** Overrides of configuration keys. */
  config: t.opt(t.mapOf(t.json)),
  /** Replaces the system prompt. */
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  compactPrompt: t.opt(t.string),
  includeApplyPatchTool: t.opt(t.boolean),
});
export type NewConversationParams = t.Infer<typeof NewConversationParams>;

/** Answers `newConversation`. */
export const NewConversationResponse = t.struct('NewConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  reasoningEffort: t.orNull(ReasoningEffort),
  rolloutPath: t.string,
});
export type NewConversationResponse = t.Infer<typeof NewConversationResponse>;

/** Names a stored conversation in one of three ways and overrides its settings. */
export const ResumeConversationParams = t.struct('ResumeConversationParams', {
  path: t.opt(t.path),
  conversationId: t.opt(ThreadId),
  /** A history to start from instead of a stored one. */
  history: t.opt(t.list(ResponseItem)),
  overrides: t.opt(NewConversationParams),
});
export type ResumeConversationParams = t.Infer<typeof ResumeConversationParams>;

/** Answers `resumeConversation`. */
export const ResumeConversationResponse = t.struct('ResumeConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  /** The stored events. */
  initialMessages: t.orNull(t.list(EventMsg)),
  rolloutPath: t.string,
});
export type ResumeConversationResponse = t.Infer<typeof ResumeConversationResponse>;

/** Names the conversation to copy and overrides settings of the copy. */
export const ForkConversationParams = t.struct('ForkConversationParams', {
  path: t.opt(t.path),
  conversationId: t.opt(ThreadId),
  overrides: t.opt(NewConversationParams),
});
export type ForkConversationParams = t.Infer<typeof ForkConversationParams>;

/** Answers `forkConversation`. */
export const ForkConversationResponse = t.struct('ForkConversationResponse', {
  conversationId: ThreadId,
  model: t.string,
  /** The stored events. */
  initialMessages: t.orNull(t.list(EventMsg)),
  rolloutPath: t.string,
});
export type ForkConversationResponse = t.Infer<typeof ForkConversationResponse>;

/** The repository of a conversation's folder when the conversation started. */
export const ConversationGitInfo = t.struct('ConversationGitInfo', {
  sha: t.orNull(t.string),
  branch: t.orNull(t.string),
  origin_url: t.orNull(t.string),
});
export type ConversationGitInfo = t.Infer<typeof ConversationGitInfo>;

/** A stored conversation as lists show it. */
export const ConversationSummary = t.struct('ConversationSummary', {
  conversationId: ThreadId,
  path: t.string,
  /** The beginning of the first user message. */
  preview: t.string,
  /** When the conversation started, as RFC 3339. */
  timestamp: t.orNull(t.string),
  /** When the file last changed, as RFC 3339. */
  updatedAt: t.orNull(t.string),
  modelProvider: t.string,
  cwd: t.string,
  cliVersion: t.string,
  source: SessionSource,
  gitInfo: t.orNull(ConversationGitInfo),
});
export type ConversationSummary = t.Infer<typeof ConversationSummary>;

/** Names a stored conversation by its id or its file. */
export const GetConversationSummaryParams = t.untagged('GetConversationSummaryParams', [
  t.part({ rolloutPath: t.string }),
  t.part({ conversationId: ThreadId }),
]);
export type GetConversationSummaryParams = t.Infer<typeof GetConversationSummaryParams>;

/** Answers `getConversationSummary`. */
export const GetConversationSummaryResponse = t.struct('GetConversationSummaryResponse', {
  summary: ConversationSummary,
});
export type GetConversationSummaryResponse = t.Infer<typeof GetConversationSummaryResponse>;

/** Params of `listConversations`. */
export const ListConversationsParams = t.struct('ListConversationsParams', {
  pageSize: t.opt(t.uint),
  cursor: t.opt(t.string),
  modelProviders: t.opt(t.list(t.string)),
});
export type ListConversationsParams = t.Infer<typeof ListConversationsParams>;

/** Answers `listConversations`. */
export const ListConversationsResponse = t.struct('ListConversationsResponse', {
  items: t.list(ConversationSummary),
  /** Null on the last page. */
  nextCursor: t.orNull(t.string),
});
export type ListConversationsResponse = t.Infer<typeof ListConversationsResponse>;

/** Names the conversation to archive. */
export const ArchiveConversationParams = t.struct('ArchiveConversationParams', {
  conversationId: ThreadId,
  rolloutPath: t.path,
});
export type ArchiveConversationParams = t.Infer<typeof ArchiveConversationParams>;

/** Answers `archiveConversation`; it has no members. */
export const ArchiveConversationResponse = t.struct('ArchiveConversationResponse', {});
export type ArchiveConversationResponse = t.Infer<typeof ArchiveConversationResponse>;

/** Params of `sendUserMessage`. */
export const SendUserMessageParams = t.struct('SendUserMessageParams', {
  conversationId: ThreadId,
  items: t.list(InputItem),
});
export type SendUserMessageParams = t.Infer<typeof SendUserMessageParams>;

/** Answers `sendUserMessage`; it has no members. */
export const SendUserMessageResponse = t.struct('SendUserMessageResponse', {});
export type SendUserMessageResponse = t.Infer<typeof SendUserMessageResponse>;

/** User input, with all settings of the turn. */
export const SendUserTurnParams = t.struct('SendUserTurnParams', {
  conversationId: ThreadId,
  items: t.list(InputItem),
  cwd: t.path,
  approvalPolicy: AskForApproval,
  sandboxPolicy: SandboxPolicy,
  model: t.string,
  effort: t.opt(ReasoningEffort),
  summary: ReasoningSummary,
  /** A JSON Schema for the final message of this turn. */
  outputSchema: t.anything,
});
export type SendUserTurnParams = t.Infer<typeof SendUserTurnParams>;

/** Answers `sendUserTurn`; it has no members. */
export const SendUserTurnResponse = t.struct('SendUserTurnResponse', {});
export type SendUserTurnResponse = t.Infer<typeof SendUserTurnResponse>;

/** Names the conversation to interrupt. */
export const InterruptConversationParams = t.struct('InterruptConversationParams', { conversationId: ThreadId });
export type InterruptConversationParams = t.Infer<typeof InterruptConversationParams>;

/** Answers `interruptConversation` when the turn has ended. */
export const InterruptConversationResponse = t.struct('InterruptConversationResponse', {
  abortReason: TurnAbortReason,
});
export type InterruptConversationResponse = t.Infer<typeof InterruptConversationResponse>;

/** Params of `addConversationListener`. */
export const AddConversationListenerParams = t.struct('AddConversationListenerParams', {
  conversationId: ThreadId,
  /** Also sends each history item as it goes to the model. */
  experimentalRawEvents: t.withDefault(t.boolean, false),
});
export type AddConversationListenerParams = t.Infer<typeof AddConversationListenerParams>;

/** Answers `addConversationListener`. */
export const AddConversationSubscriptionResponse = t.struct('AddConversationSubscriptionResponse', {
  /** Ends the subscription in `removeConversationListener`. */
  subscriptionId: t.string,
});
export type AddConversationSubscriptionResponse = t.Infer<typeof AddConversationSubscriptionResponse>;

/** Params of `removeConversationListener`. */
export const RemoveConversationListenerParams = t.struct('RemoveConversationListenerParams', {
  subscriptionId: t.textWith(prefixedUuidProblem, 'a UUID string'),
});
export type RemoveConversationListenerParams = t.Infer<typeof RemoveConversationListenerParams>;

/** Answers `removeConversationListener`; it has no members. */
export const RemoveConversationSubscriptionResponse = t.struct('RemoveConversationSubscriptionResponse', {});
export type RemoveConversationSubscriptionResponse = t.Infer<typeof RemoveConversationSubscriptionResponse>;

/** Messages of the first generation about conversations. */
export const legacyConversationMessages = [
  /** Starts a conversation; its events need a listener. */
  request('newConversation', NewConversationParams, NewConversationResponse, {
    folder: 'v1',
  }),
  /** Reads the summary of one stored conversation. */
  request('getConversationSummary', GetConversationSummaryParams, GetConversationSummaryResponse, { folder: 'v1' }),
  /** Lists stored conversations, page by page. */
  request('listConversations', ListConversationsParams, ListConversationsResponse, {
    folder: 'v1',
  }),
  /** Loads a stored conversation. */
  request('resumeConversation', ResumeConversationParams, ResumeConversationResponse, {
    folder: 'v1',
  }),
  /** Copies a conversation into a new one. */
  request('forkConversation', ForkConversationParams, ForkConversationResponse, {
    folder: 'v1',
  }),
  /** Moves a conversation to the archive. */
  request('archiveConversation', ArchiveConversationParams, ArchiveConversationResponse, { folder: 'v1' }),
  /** Starts a turn with the settings of the conversation. */
  request('sendUserMessage', SendUserMessageParams, SendUserMessageResponse, {
    folder: 'v1',
  }),
  /** Starts a turn with settings of its own. */
  request('sendUserTurn', SendUserTurnParams, SendUserTurnResponse, { folder: 'v1' }),
  /** Interrupts the running turn and answers when it has ended. */
  request('interruptConversation', InterruptConversationParams, InterruptConversationResponse, { folder: 'v1' }),
  /** Subscribes the client to the events of a conversation. */
  request('addConversationListener', AddConversationListenerParams, AddConversationSubscriptionResponse, {
    folder: 'v1',
  }),
  /** Ends a subscription. */
  request('removeConversationListener', RemoveConversationListenerParams, RemoveConversationSubscriptionResponse, {
    folder: 'v1',
  }),
] as const;

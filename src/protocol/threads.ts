/** Threads: start, resume, fork, list, read and change. */
import { notification, request } from './define.ts';
import { AskForApproval, Personality, ReasoningEffort, SandboxMode, SandboxPolicy } from './policies.ts';
import { ResponseItem } from './response-items.ts';
import { uuidProblem } from './schema/texts.ts';
import * as t from './schema/types.ts';
import { Turn } from './turns.ts';

/** The id of a thread, a UUID. */
export const ThreadId = t.alias('ThreadId', t.textWith(uuidProblem));
export type ThreadId = t.Infer<typeof ThreadId>;

/** Why an agent started another one. */
export const SubAgentSource = t.external('SubAgentSource', {
  review: t.unit,
  compact: t.unit,
  thread_spawn: t.part({ parent_thread_id: ThreadId, depth: t.int32 }),
  other: t.string,
});
export type SubAgentSource = t.Infer<typeof SubAgentSource>;

/** The kind of program that started a thread. */
export const SessionSource = t.external('SessionSource', {
  cli: t.unit,
  vscode: t.unit,
  exec: t.unit,
  appServer: t.unit,
  subAgent: SubAgentSource,
  unknown: t.unit,
});
export type SessionSource = t.Infer<typeof SessionSource>;

/** The repository of a thread's folder when the thread started. */
export const GitInfo = t.struct('GitInfo', {
  sha: t.orNull(t.string),
  branch: t.orNull(t.string),
  originUrl: t.orNull(t.string),
});
export type GitInfo = t.Infer<typeof GitInfo>;

/** A thread as clients see it. */
export const Thread = t.struct('Thread', {
  id: t.string,
  /** The beginning of the first user message. */
  preview: t.string,
  modelProvider: t.string,
  /** Seconds since 1970. */
  createdAt: t.int64,
  /** Seconds since 1970. */
  updatedAt: t.int64,
  /** The path of the rollout; null for ephemeral threads. */
  path: t.orNull(t.string),
  cwd: t.string,
  /** The version of the server that started the thread. */
  cliVersion: t.string,
  source: SessionSource,
  gitInfo: t.orNull(GitInfo),
  /** Empty unless the answer includes turns. */
  turns: t.list(Turn),
});
export type Thread = t.Infer<typeof Thread>;

/** A tool that the client provides. */
export const DynamicToolSpec = t.struct('DynamicToolSpec', {
  name: t.string,
  description: t.string,
  inputSchema: t.json,
});
export type DynamicToolSpec = t.Infer<typeof DynamicToolSpec>;

/** Settings of a new thread; the configuration supplies what is absent. */
export const ThreadStartParams = t.struct('ThreadStartParams', {
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  /** Overrides of configuration keys. */
  config: t.opt(t.mapOf(t.json)),
  /** Replaces the system prompt. */
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  personality: t.opt(Personality),
  /** Keeps the thread in memory only. */
  ephemeral: t.opt(t.boolean),
  dynamicTools: t.opt(t.list(DynamicToolSpec)),
  /** Also sends each history item as it goes to the model. */
  experimentalRawEvents: t.withDefault(t.boolean, false),
});
export type ThreadStartParams = t.Infer<typeof ThreadStartParams>;

/** A thread that was opened, and the settings of its next turn. */
const openedThread = {
  thread: Thread,
  model: t.string,
  modelProvider: t.string,
  cwd: t.string,
  approvalPolicy: AskForApproval,
  sandbox: SandboxPolicy,
  reasoningEffort: t.orNull(ReasoningEffort),
} as const;

/** Answers `thread/start`. */
export const ThreadStartResponse = t.struct('ThreadStartResponse', openedThread);
export type ThreadStartResponse = t.Infer<typeof ThreadStartResponse>;

/** Names a stored thread in one of three ways and overrides its settings. */
export const ThreadResumeParams = t.struct('ThreadResumeParams', {
  /** Ignored when `history` or `path` is present. */
  threadId: t.string,
  /** A history to start from instead of a stored one. */
  history: t.opt(t.list(ResponseItem)),
  /** The path of a rollout. */
  path: t.opt(t.path),
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  /** Overrides of configuration keys. */
  config: t.opt(t.mapOf(t.json)),
  /** Replaces the system prompt. */
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  personality: t.opt(Personality),
  /** Leaves the turns out of the answer. */
  excludeTurns: t.addition(t.opt(t.boolean)),
});
export type ThreadResumeParams = t.Infer<typeof ThreadResumeParams>;

/** Answers `thread/resume`. */
export const ThreadResumeResponse = t.struct('ThreadResumeResponse', openedThread);
export type ThreadResumeResponse = t.Infer<typeof ThreadResumeResponse>;

/** Names the thread to copy and overrides settings of the copy. */
export const ThreadForkParams = t.struct('ThreadForkParams', {
  /** Ignored when `path` is present. */
  threadId: t.string,
  /** The path of a rollout. */
  path: t.opt(t.path),
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  /** Overrides of configuration keys. */
  config: t.opt(t.mapOf(t.json)),
  /** Replaces the system prompt. */
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  /** Leaves the turns out of the answer. */
  excludeTurns: t.addition(t.opt(t.boolean)),
});
export type ThreadForkParams = t.Infer<typeof ThreadForkParams>;

/** Answers `thread/fork`. */
export const ThreadForkResponse = t.struct('ThreadForkResponse', openedThread);
export type ThreadForkResponse = t.Infer<typeof ThreadForkResponse>;

/** Names the thread to archive. */
export const ThreadArchiveParams = t.struct('ThreadArchiveParams', { threadId: t.string });
export type ThreadArchiveParams = t.Infer<typeof ThreadArchiveParams>;

/** Answers `thread/archive`; it has no members. */
export const ThreadArchiveResponse = t.struct('ThreadArchiveResponse', {});
export type ThreadArchiveResponse = t.Infer<typeof ThreadArchiveResponse>;

/** The new name of a thread. */
export const ThreadSetNameParams = t.struct('ThreadSetNameParams', { threadId: t.string, name: t.string });
export type ThreadSetNameParams = t.Infer<typeof ThreadSetNameParams>;

/** Answers `thread/name/set`; it has no members. */
export const ThreadSetNameResponse = t.struct('ThreadSetNameResponse', {});
export type ThreadSetNameResponse = t.Infer<typeof ThreadSetNameResponse>;

/** Names the thread to bring back. */
export const ThreadUnarchiveParams = t.struct('ThreadUnarchiveParams', { threadId: t.string });
export type ThreadUnarchiveParams = t.Infer<typeof ThreadUnarchiveParams>;

/** Answers `thread/unarchive`. */
export const ThreadUnarchiveResponse = t.struct('ThreadUnarchiveResponse', { thread: Thread });
export type ThreadUnarchiveResponse = t.Infer<typeof ThreadUnarchiveResponse>;

/** Params of `thread/rollback`. */
export const ThreadRollbackParams = t.struct('ThreadRollbackParams', {
  threadId: t.string,
  /** How many turns to remove from the end; at least 1. */
  numTurns: t.uint32,
});
export type ThreadRollbackParams = t.Infer<typeof ThreadRollbackParams>;

/** Answers `thread/rollback` with the turns that are left. */
export const ThreadRollbackResponse = t.struct('ThreadRollbackResponse', { thread: Thread });
export type ThreadRollbackResponse = t.Infer<typeof ThreadRollbackResponse>;

/** What a list of threads is sorted by. */
export const ThreadSortKey = t.words('ThreadSortKey', ['created_at', 'updated_at']);
export type ThreadSortKey = t.Infer<typeof ThreadSortKey>;

/** The kind of program that started a thread, with the reasons for agents. */
export const ThreadSourceKind = t.words('ThreadSourceKind', [
  'cli',
  'vscode',
  'exec',
  'appServer',
  'subAgent',
  'subAgentReview',
  'subAgentCompact',
  'subAgentThreadSpawn',
  'subAgentOther',
  'unknown',
]);
export type ThreadSourceKind = t.Infer<typeof ThreadSourceKind>;

/** The direction of a list. */
export const SortDirection = t.addition(t.words('SortDirection', ['asc', 'desc']));
export type SortDirection = t.Infer<typeof SortDirection>;

/** Params of `thread/list`. */
export const ThreadListParams = t.struct('ThreadListParams', {
  cursor: t.opt(t.string),
  /** From 1 to 100; 25 when absent. */
  limit: t.opt(t.uint32),
  sortKey: t.opt(ThreadSortKey),
  /** Only threads of these providers; the default one when absent, all when empty. */
  modelProviders: t.opt(t.list(t.string)),
  /** Only threads that these programs started. */
  sourceKinds: t.opt(t.list(ThreadSourceKind)),
  /** Lists archived threads instead of the others. */
  archived: t.opt(t.boolean),
  /** Only threads whose name or preview contains this text. */
  searchTerm: t.addition(t.opt(t.string)),
  sortDirection: t.addition(t.opt(SortDirection)),
  /** Only threads of this folder. */
  cwd: t.addition(t.opt(t.string)),
});
export type ThreadListParams = t.Infer<typeof ThreadListParams>;

/** Answers `thread/list`. */
export const ThreadListResponse = t.struct('ThreadListResponse', {
  data: t.list(Thread),
  /** Null on the last page. */
  nextCursor: t.orNull(t.string),
});
export type ThreadListResponse = t.Infer<typeof ThreadListResponse>;

/** Params of `thread/loaded/list`. */
export const ThreadLoadedListParams = t.struct('ThreadLoadedListParams', {
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
});
export type ThreadLoadedListParams = t.Infer<typeof ThreadLoadedListParams>;

/** Answers `thread/loaded/list` with ids. */
export const ThreadLoadedListResponse = t.struct('ThreadLoadedListResponse', {
  data: t.list(t.string),
  /** Null on the last page. */
  nextCursor: t.orNull(t.string),
});
export type ThreadLoadedListResponse = t.Infer<typeof ThreadLoadedListResponse>;

/** Params of `thread/read`. */
export const ThreadReadParams = t.struct('ThreadReadParams', {
  threadId: t.string,
  includeTurns: t.withDefault(t.boolean, false),
});
export type ThreadReadParams = t.Infer<typeof ThreadReadParams>;

/** Answers `thread/read`. */
export const ThreadReadResponse = t.struct('ThreadReadResponse', { thread: Thread });
export type ThreadReadResponse = t.Infer<typeof ThreadReadResponse>;

/** Params of `thread/started`. */
export const ThreadStartedNotification = t.struct('ThreadStartedNotification', { thread: Thread });
export type ThreadStartedNotification = t.Infer<typeof ThreadStartedNotification>;

/** Params of `thread/name/updated`. */
export const ThreadNameUpdatedNotification = t.struct('ThreadNameUpdatedNotification', {
  threadId: t.string,
  /** Absent when the thread has no name any more. */
  threadName: t.opt(t.string),
});
export type ThreadNameUpdatedNotification = t.Infer<typeof ThreadNameUpdatedNotification>;

/** Names the thread to compact. */
export const ThreadCompactStartParams = t.struct('ThreadCompactStartParams', { threadId: t.string });
export type ThreadCompactStartParams = t.Infer<typeof ThreadCompactStartParams>;

/** Answers `thread/compact/start`; it has no members. */
export const ThreadCompactStartResponse = t.struct('ThreadCompactStartResponse', {});
export type ThreadCompactStartResponse = t.Infer<typeof ThreadCompactStartResponse>;

/** Names the thread to unsubscribe from. */
export const ThreadUnsubscribeParams = t.struct('ThreadUnsubscribeParams', { threadId: t.string });
export type ThreadUnsubscribeParams = t.Infer<typeof ThreadUnsubscribeParams>;

/** Whether the client was subscribed. */
export const ThreadUnsubscribeStatus = t.words('ThreadUnsubscribeStatus', [
  'unsubscribed',
  'notSubscribed',
  'notLoaded',
]);
export type ThreadUnsubscribeStatus = t.Infer<typeof ThreadUnsubscribeStatus>;

/** Answers `thread/unsubscribe`. */
export const ThreadUnsubscribeResponse = t.struct('ThreadUnsubscribeResponse', { status: ThreadUnsubscribeStatus });
export type ThreadUnsubscribeResponse = t.Infer<typeof ThreadUnsubscribeResponse>;

/** Which items a list of turns includes: none, the first and the last message, or all. */
export const TurnItemsView = t.words('TurnItemsView', ['notLoaded', 'summary', 'full']);
export type TurnItemsView = t.Infer<typeof TurnItemsView>;

/** Params of `thread/turns/list`. */
export const ThreadTurnsListParams = t.struct('ThreadTurnsListParams', {
  threadId: t.string,
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
  /** Newest first when absent. */
  sortDirection: t.opt(SortDirection),
  /** A summary when absent. */
  itemsView: t.opt(TurnItemsView),
});
export type ThreadTurnsListParams = t.Infer<typeof ThreadTurnsListParams>;

/** Answers `thread/turns/list`. */
export const ThreadTurnsListResponse = t.struct('ThreadTurnsListResponse', {
  data: t.list(Turn),
  /** Null on the last page. */
  nextCursor: t.orNull(t.string),
  /** Starts a page in the other direction at the first turn of this one. */
  backwardsCursor: t.orNull(t.string),
});
export type ThreadTurnsListResponse = t.Infer<typeof ThreadTurnsListResponse>;

/** Messages about threads. */
export const threadMessages = [
  /** Starts a thread and subscribes the client to it. */
  request('thread/start', ThreadStartParams, ThreadStartResponse),
  /** Loads a stored thread and subscribes the client to it. */
  request('thread/resume', ThreadResumeParams, ThreadResumeResponse),
  /** Copies a thread into a new one. */
  request('thread/fork', ThreadForkParams, ThreadForkResponse),
  /** Moves a thread to the archive. */
  request('thread/archive', ThreadArchiveParams, ThreadArchiveResponse),
  /** Names a thread. */
  request('thread/name/set', ThreadSetNameParams, ThreadSetNameResponse),
  /** Brings a thread back from the archive. */
  request('thread/unarchive', ThreadUnarchiveParams, ThreadUnarchiveResponse),
  /** Removes the last turns from a thread's history; files stay as they are. */
  request('thread/rollback', ThreadRollbackParams, ThreadRollbackResponse),
  /** Lists stored threads, page by page. */
  request('thread/list', ThreadListParams, ThreadListResponse),
  /** Lists the ids of loaded threads, page by page. */
  request('thread/loaded/list', ThreadLoadedListParams, ThreadLoadedListResponse),
  /** Reads a thread without loading it. */
  request('thread/read', ThreadReadParams, ThreadReadResponse),
  /** Starts a turn that summarises the history to free context. */
  request('thread/compact/start', ThreadCompactStartParams, ThreadCompactStartResponse),
  /** Ends the client's subscription to a thread. */
  request('thread/unsubscribe', ThreadUnsubscribeParams, ThreadUnsubscribeResponse),
  /** Lists the turns of a thread, page by page. */
  request('thread/turns/list', ThreadTurnsListParams, ThreadTurnsListResponse),
  /** Reports a new thread. */
  notification('thread/started', ThreadStartedNotification),
  /** Reports the new name of a thread. */
  notification('thread/name/updated', ThreadNameUpdatedNotification),
] as const;

/** Threads: start, resume, fork, list, read and change. */
import { notification, request } from './define.ts';
import { AskForApproval, Personality, ReasoningEffort, SandboxMode, SandboxPolicy } from './policies.ts';
import { ResponseItem } from './response-items.ts';
import { uuidProblem } from './schema/texts.ts';
import * as t from './schema/types.ts';
import { Turn } from './turns.ts';

export const ThreadId = t.alias('ThreadId', t.textWith(uuidProblem));
export type ThreadId = t.Infer<typeof ThreadId>;

export const SubAgentSource = t.external('SubAgentSource', {
  review: t.unit,
  compact: t.unit,
  thread_spawn: t.part({ parent_thread_id: ThreadId, depth: t.int32 }),
  other: t.string,
});
export type SubAgentSource = t.Infer<typeof SubAgentSource>;

export const SessionSource = t.external('SessionSource', {
  cli: t.unit,
  vscode: t.unit,
  exec: t.unit,
  appServer: t.unit,
  subAgent: SubAgentSource,
  unknown: t.unit,
});
export type SessionSource = t.Infer<typeof SessionSource>;

export const GitInfo = t.struct('GitInfo', {
  sha: t.orNull(t.string),
  branch: t.orNull(t.string),
  originUrl: t.orNull(t.string),
});
export type GitInfo = t.Infer<typeof GitInfo>;

export const Thread = t.struct('Thread', {
  id: t.string,
  preview: t.string,
  modelProvider: t.string,
  createdAt: t.int64,
  updatedAt: t.int64,
  path: t.orNull(t.string),
  cwd: t.string,
  cliVersion: t.string,
  source: SessionSource,
  gitInfo: t.orNull(GitInfo),
  turns: t.list(Turn),
});
export type Thread = t.Infer<typeof Thread>;

export const DynamicToolSpec = t.struct('DynamicToolSpec', {
  name: t.string,
  description: t.string,
  inputSchema: t.json,
});
export type DynamicToolSpec = t.Infer<typeof DynamicToolSpec>;

export const ThreadStartParams = t.struct('ThreadStartParams', {
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  config: t.opt(t.mapOf(t.json)),
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  personality: t.opt(Personality),
  ephemeral: t.opt(t.boolean),
  dynamicTools: t.opt(t.list(DynamicToolSpec)),
  experimentalRawEvents: t.withDefault(t.boolean, false),
});
export type ThreadStartParams = t.Infer<typeof ThreadStartParams>;

export const ThreadStartResponse = t.struct('ThreadStartResponse', {
  thread: Thread,
  model: t.string,
  modelProvider: t.string,
  cwd: t.string,
  approvalPolicy: AskForApproval,
  sandbox: SandboxPolicy,
  reasoningEffort: t.orNull(ReasoningEffort),
});
export type ThreadStartResponse = t.Infer<typeof ThreadStartResponse>;

export const ThreadResumeParams = t.struct('ThreadResumeParams', {
  threadId: t.string,
  history: t.opt(t.list(ResponseItem)),
  path: t.opt(t.path),
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  config: t.opt(t.mapOf(t.json)),
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  personality: t.opt(Personality),
  excludeTurns: t.addition(t.opt(t.boolean)),
});
export type ThreadResumeParams = t.Infer<typeof ThreadResumeParams>;

export const ThreadResumeResponse = t.struct('ThreadResumeResponse', {
  thread: Thread,
  model: t.string,
  modelProvider: t.string,
  cwd: t.string,
  approvalPolicy: AskForApproval,
  sandbox: SandboxPolicy,
  reasoningEffort: t.orNull(ReasoningEffort),
});
export type ThreadResumeResponse = t.Infer<typeof ThreadResumeResponse>;

export const ThreadForkParams = t.struct('ThreadForkParams', {
  threadId: t.string,
  path: t.opt(t.path),
  model: t.opt(t.string),
  modelProvider: t.opt(t.string),
  cwd: t.opt(t.string),
  approvalPolicy: t.opt(AskForApproval),
  sandbox: t.opt(SandboxMode),
  config: t.opt(t.mapOf(t.json)),
  baseInstructions: t.opt(t.string),
  developerInstructions: t.opt(t.string),
  excludeTurns: t.addition(t.opt(t.boolean)),
});
export type ThreadForkParams = t.Infer<typeof ThreadForkParams>;

export const ThreadForkResponse = t.struct('ThreadForkResponse', {
  thread: Thread,
  model: t.string,
  modelProvider: t.string,
  cwd: t.string,
  approvalPolicy: AskForApproval,
  sandbox: SandboxPolicy,
  reasoningEffort: t.orNull(ReasoningEffort),
});
export type ThreadForkResponse = t.Infer<typeof ThreadForkResponse>;

export const ThreadArchiveParams = t.struct('ThreadArchiveParams', { threadId: t.string });
export type ThreadArchiveParams = t.Infer<typeof ThreadArchiveParams>;

export const ThreadArchiveResponse = t.struct('ThreadArchiveResponse', {});
export type ThreadArchiveResponse = t.Infer<typeof ThreadArchiveResponse>;

export const ThreadSetNameParams = t.struct('ThreadSetNameParams', { threadId: t.string, name: t.string });
export type ThreadSetNameParams = t.Infer<typeof ThreadSetNameParams>;

export const ThreadSetNameResponse = t.struct('ThreadSetNameResponse', {});
export type ThreadSetNameResponse = t.Infer<typeof ThreadSetNameResponse>;

export const ThreadUnarchiveParams = t.struct('ThreadUnarchiveParams', { threadId: t.string });
export type ThreadUnarchiveParams = t.Infer<typeof ThreadUnarchiveParams>;

export const ThreadUnarchiveResponse = t.struct('ThreadUnarchiveResponse', { thread: Thread });
export type ThreadUnarchiveResponse = t.Infer<typeof ThreadUnarchiveResponse>;

export const ThreadRollbackParams = t.struct('ThreadRollbackParams', { threadId: t.string, numTurns: t.uint32 });
export type ThreadRollbackParams = t.Infer<typeof ThreadRollbackParams>;

export const ThreadRollbackResponse = t.struct('ThreadRollbackResponse', { thread: Thread });
export type ThreadRollbackResponse = t.Infer<typeof ThreadRollbackResponse>;

export const ThreadSortKey = t.words('ThreadSortKey', ['created_at', 'updated_at']);
export type ThreadSortKey = t.Infer<typeof ThreadSortKey>;

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

export const SortDirection = t.addition(t.words('SortDirection', ['asc', 'desc']));
export type SortDirection = t.Infer<typeof SortDirection>;

export const ThreadListParams = t.struct('ThreadListParams', {
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
  sortKey: t.opt(ThreadSortKey),
  modelProviders: t.opt(t.list(t.string)),
  sourceKinds: t.opt(t.list(ThreadSourceKind)),
  archived: t.opt(t.boolean),
  searchTerm: t.addition(t.opt(t.string)),
  sortDirection: t.addition(t.opt(SortDirection)),
  cwd: t.addition(t.opt(t.string)),
});
export type ThreadListParams = t.Infer<typeof ThreadListParams>;

export const ThreadListResponse = t.struct('ThreadListResponse', {
  data: t.list(Thread),
  nextCursor: t.orNull(t.string),
});
export type ThreadListResponse = t.Infer<typeof ThreadListResponse>;

export const ThreadLoadedListParams = t.struct('ThreadLoadedListParams', {
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
});
export type ThreadLoadedListParams = t.Infer<typeof ThreadLoadedListParams>;

export const ThreadLoadedListResponse = t.struct('ThreadLoadedListResponse', {
  data: t.list(t.string),
  nextCursor: t.orNull(t.string),
});
export type ThreadLoadedListResponse = t.Infer<typeof ThreadLoadedListResponse>;

export const ThreadReadParams = t.struct('ThreadReadParams', {
  threadId: t.string,
  includeTurns: t.withDefault(t.boolean, false),
});
export type ThreadReadParams = t.Infer<typeof ThreadReadParams>;

export const ThreadReadResponse = t.struct('ThreadReadResponse', { thread: Thread });
export type ThreadReadResponse = t.Infer<typeof ThreadReadResponse>;

export const ThreadStartedNotification = t.struct('ThreadStartedNotification', { thread: Thread });
export type ThreadStartedNotification = t.Infer<typeof ThreadStartedNotification>;

export const ThreadNameUpdatedNotification = t.struct('ThreadNameUpdatedNotification', {
  threadId: t.string,
  threadName: t.opt(t.string),
});
export type ThreadNameUpdatedNotification = t.Infer<typeof ThreadNameUpdatedNotification>;

export const ThreadCompactStartParams = t.struct('ThreadCompactStartParams', { threadId: t.string });
export type ThreadCompactStartParams = t.Infer<typeof ThreadCompactStartParams>;

export const ThreadCompactStartResponse = t.struct('ThreadCompactStartResponse', {});
export type ThreadCompactStartResponse = t.Infer<typeof ThreadCompactStartResponse>;

export const ThreadUnsubscribeParams = t.struct('ThreadUnsubscribeParams', { threadId: t.string });
export type ThreadUnsubscribeParams = t.Infer<typeof ThreadUnsubscribeParams>;

export const ThreadUnsubscribeStatus = t.words('ThreadUnsubscribeStatus', [
  'unsubscribed',
  'notSubscribed',
  'notLoaded',
]);
export type ThreadUnsubscribeStatus = t.Infer<typeof ThreadUnsubscribeStatus>;

export const ThreadUnsubscribeResponse = t.struct('ThreadUnsubscribeResponse', { status: ThreadUnsubscribeStatus });
export type ThreadUnsubscribeResponse = t.Infer<typeof ThreadUnsubscribeResponse>;

export const TurnItemsView = t.words('TurnItemsView', ['notLoaded', 'summary', 'full']);
export type TurnItemsView = t.Infer<typeof TurnItemsView>;

export const ThreadTurnsListParams = t.struct('ThreadTurnsListParams', {
  threadId: t.string,
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
  sortDirection: t.opt(SortDirection),
  itemsView: t.opt(TurnItemsView),
});
export type ThreadTurnsListParams = t.Infer<typeof ThreadTurnsListParams>;

export const ThreadTurnsListResponse = t.struct('ThreadTurnsListResponse', {
  data: t.list(Turn),
  nextCursor: t.orNull(t.string),
  backwardsCursor: t.orNull(t.string),
});
export type ThreadTurnsListResponse = t.Infer<typeof ThreadTurnsListResponse>;

export const threadStart = request('thread/start', ThreadStartParams, ThreadStartResponse);
export const threadResume = request('thread/resume', ThreadResumeParams, ThreadResumeResponse);
export const threadFork = request('thread/fork', ThreadForkParams, ThreadForkResponse);
export const threadArchive = request('thread/archive', ThreadArchiveParams, ThreadArchiveResponse);
export const threadNameSet = request('thread/name/set', ThreadSetNameParams, ThreadSetNameResponse);
export const threadUnarchive = request('thread/unarchive', ThreadUnarchiveParams, ThreadUnarchiveResponse);
export const threadRollback = request('thread/rollback', ThreadRollbackParams, ThreadRollbackResponse);
export const threadList = request('thread/list', ThreadListParams, ThreadListResponse);
export const threadLoadedList = request('thread/loaded/list', ThreadLoadedListParams, ThreadLoadedListResponse);
export const threadRead = request('thread/read', ThreadReadParams, ThreadReadResponse);
export const threadCompactStart = request('thread/compact/start', ThreadCompactStartParams, ThreadCompactStartResponse);
export const threadUnsubscribe = request('thread/unsubscribe', ThreadUnsubscribeParams, ThreadUnsubscribeResponse);
export const threadTurnsList = request('thread/turns/list', ThreadTurnsListParams, ThreadTurnsListResponse);
export const threadStarted = notification('thread/started', ThreadStartedNotification);
export const threadNameUpdated = notification('thread/name/updated', ThreadNameUpdatedNotification);

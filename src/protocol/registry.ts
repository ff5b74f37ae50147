/**
 * All that can be said on the wire, each method once and in the order in which codex app-server 0.94.0 lists its methods
 * (the order shows in the text for unknown methods); additions come after. In: the declarations of the area files.
 * Out: the lists, the unions of method names and the table types that make a missing handler a compile error. No state.
 */

import {
  accountLoginCancel,
  accountLoginCompleted,
  accountLoginStart,
  accountLogout,
  accountRead,
  accountUpdated,
} from './account.ts';
import {
  accountChatgptAuthTokensRefresh,
  itemCommandExecutionRequestApproval,
  itemFileChangeRequestApproval,
  itemToolCall,
  itemToolRequestUserInput,
} from './approvals.ts';
import { appList } from './apps.ts';
import { commandExec } from './command.ts';
import {
  configBatchWrite,
  configRead,
  configRequirementsRead,
  configValueWrite,
  configWarning,
  deprecationNotice,
  windowsWorldWritableWarning,
} from './config.ts';
import type { ParamsOfDeclaration, RequestDeclaration, ResultOfDeclaration } from './define.ts';
import { feedbackUpload } from './feedback.ts';
import { initialize, initialized } from './initialize.ts';
import {
  itemAgentMessageDelta,
  itemCommandExecutionOutputDelta,
  itemCommandExecutionTerminalInteraction,
  itemCompleted,
  itemFileChangeOutputDelta,
  itemMcpToolCallProgress,
  itemPlanDelta,
  itemReasoningSummaryPartAdded,
  itemReasoningSummaryTextDelta,
  itemReasoningTextDelta,
  itemStarted,
  rawResponseItemCompleted,
} from './items.ts';
import { applyPatchApproval, execCommandApproval } from './legacy/approvals.ts';
import {
  authStatusChange,
  cancelLoginChatGpt,
  getAuthStatus,
  loginApiKey,
  loginChatGpt,
  loginChatGptComplete,
  logoutChatGpt,
  userInfo,
} from './legacy/auth.ts';
import {
  addConversationListener,
  archiveConversation,
  forkConversation,
  getConversationSummary,
  interruptConversation,
  listConversations,
  newConversation,
  removeConversationListener,
  resumeConversation,
  sendUserMessage,
  sendUserTurn,
} from './legacy/conversations.ts';
import { sessionConfigured } from './legacy/events.ts';
import {
  execOneOffCommand,
  getUserAgent,
  getUserSavedConfig,
  gitDiffToRemote,
  setDefaultModel,
} from './legacy/misc.ts';
import {
  configMcpServerReload,
  mcpServerOauthLogin,
  mcpServerOauthLoginCompleted,
  mcpServerStatusList,
} from './mcp.ts';
import { collaborationModeList, modelList } from './models.ts';
import { reviewStart } from './reviews.ts';
import {
  fuzzyFileSearch,
  fuzzyFileSearchSessionCompleted,
  fuzzyFileSearchSessionStart,
  fuzzyFileSearchSessionStop,
  fuzzyFileSearchSessionUpdate,
  fuzzyFileSearchSessionUpdated,
} from './search.ts';
import { skillsConfigWrite, skillsList } from './skills.ts';
import {
  threadArchive,
  threadCompactStart,
  threadFork,
  threadList,
  threadLoadedList,
  threadNameSet,
  threadNameUpdated,
  threadRead,
  threadResume,
  threadRollback,
  threadStart,
  threadStarted,
  threadTurnsList,
  threadUnarchive,
  threadUnsubscribe,
} from './threads.ts';
import {
  errorEvent,
  threadCompacted,
  turnCompleted,
  turnDiffUpdated,
  turnInterrupt,
  turnPlanUpdated,
  turnStart,
  turnStarted,
  turnSteer,
} from './turns.ts';
import { accountRateLimitsRead, accountRateLimitsUpdated, threadTokenUsageUpdated } from './usage.ts';

export const clientRequests = [
  initialize,
  threadStart,
  threadResume,
  threadFork,
  threadArchive,
  threadNameSet,
  threadUnarchive,
  threadRollback,
  threadList,
  threadLoadedList,
  threadRead,
  skillsList,
  appList,
  skillsConfigWrite,
  turnStart,
  turnInterrupt,
  reviewStart,
  modelList,
  collaborationModeList,
  mcpServerOauthLogin,
  configMcpServerReload,
  mcpServerStatusList,
  accountLoginStart,
  accountLoginCancel,
  accountLogout,
  accountRateLimitsRead,
  feedbackUpload,
  commandExec,
  configRead,
  configValueWrite,
  configBatchWrite,
  configRequirementsRead,
  accountRead,
  newConversation,
  getConversationSummary,
  listConversations,
  resumeConversation,
  forkConversation,
  archiveConversation,
  sendUserMessage,
  sendUserTurn,
  interruptConversation,
  addConversationListener,
  removeConversationListener,
  gitDiffToRemote,
  loginApiKey,
  loginChatGpt,
  cancelLoginChatGpt,
  logoutChatGpt,
  getAuthStatus,
  getUserSavedConfig,
  setDefaultModel,
  getUserAgent,
  userInfo,
  fuzzyFileSearch,
  execOneOffCommand,
] as const;

export const addedClientRequests = [
  turnSteer,
  threadCompactStart,
  threadUnsubscribe,
  threadTurnsList,
  fuzzyFileSearchSessionStart,
  fuzzyFileSearchSessionUpdate,
  fuzzyFileSearchSessionStop,
] as const;

export const serverRequests = [
  itemCommandExecutionRequestApproval,
  itemFileChangeRequestApproval,
  itemToolRequestUserInput,
  itemToolCall,
  accountChatgptAuthTokensRefresh,
  applyPatchApproval,
  execCommandApproval,
] as const;

export const notifications = [
  errorEvent,
  threadStarted,
  threadNameUpdated,
  threadTokenUsageUpdated,
  turnStarted,
  turnCompleted,
  turnDiffUpdated,
  turnPlanUpdated,
  itemStarted,
  itemCompleted,
  rawResponseItemCompleted,
  itemAgentMessageDelta,
  itemPlanDelta,
  itemCommandExecutionOutputDelta,
  itemCommandExecutionTerminalInteraction,
  itemFileChangeOutputDelta,
  itemMcpToolCallProgress,
  mcpServerOauthLoginCompleted,
  accountUpdated,
  accountRateLimitsUpdated,
  itemReasoningSummaryTextDelta,
  itemReasoningSummaryPartAdded,
  itemReasoningTextDelta,
  threadCompacted,
  deprecationNotice,
  configWarning,
  windowsWorldWritableWarning,
  accountLoginCompleted,
  authStatusChange,
  loginChatGptComplete,
  sessionConfigured,
] as const;

export const addedNotifications = [fuzzyFileSearchSessionUpdated, fuzzyFileSearchSessionCompleted] as const;

export const clientNotifications = [initialized] as const;

/** Every client request that is answered, additions included. */
export const allClientRequests = [...clientRequests, ...addedClientRequests] as const;
export const allNotifications = [...notifications, ...addedNotifications] as const;

type ClientDeclaration = (typeof allClientRequests)[number];
type ServerDeclaration = (typeof serverRequests)[number];
type NoticeDeclaration = (typeof allNotifications)[number];
type WithMethod<D, M> = Extract<D, { readonly method: M }>;

export type ClientMethod = ClientDeclaration['method'];
export type ParamsOf<M extends ClientMethod> = ParamsOfDeclaration<WithMethod<ClientDeclaration, M>>;
export type ResultOf<M extends ClientMethod> = ResultOfDeclaration<WithMethod<ClientDeclaration, M>>;

export type ServerRequestMethod = ServerDeclaration['method'];
export type ServerRequestParams<M extends ServerRequestMethod> = ParamsOfDeclaration<WithMethod<ServerDeclaration, M>>;
export type ServerRequestResult<M extends ServerRequestMethod> = ResultOfDeclaration<WithMethod<ServerDeclaration, M>>;

export type NotificationMethod = NoticeDeclaration['method'];
export type NotificationParams<M extends NotificationMethod> = ParamsOfDeclaration<WithMethod<NoticeDeclaration, M>>;

/** One entry per client method: `Context` is whatever the router hands on beside the decoded params. */
export type HandlerTable<Context> = {
  readonly [M in ClientMethod]: (params: ParamsOf<M>, context: Context) => Promise<ResultOf<M>> | ResultOf<M>;
};
/** The part of the table that one area provides. */
export type HandlersFor<M extends ClientMethod, Context> = Pick<HandlerTable<Context>, M>;

export type ClientRequestDeclaration = RequestDeclaration<ClientMethod>;

const byMethod: ReadonlyMap<string, ClientRequestDeclaration> = new Map(
  allClientRequests.map((declaration): [string, ClientRequestDeclaration] => [declaration.method, declaration]),
);
/** The declaration of a client method; undefined when there is none of that name. */
export const findClientRequest = (method: string): ClientRequestDeclaration | undefined => byMethod.get(method);

/** Says that a method does not exist, and which do. */
export const unknownMethodMessage = (method: string): string => {
  const known = clientRequests.map((declaration) => `\`${declaration.method}\``).join(', ');
  return `Invalid request: unknown variant \`${method}\`, expected one of ${known}`;
};

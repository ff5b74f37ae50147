/** What the server asks the client: leave for commands and patches, answers, tool results, fresh tokens. */
import { serverRequest } from './define.ts';
import { CommandAction } from './items.ts';
import * as t from './schema/types.ts';

/** The command that needs approval. */
export const CommandExecutionRequestApprovalParams = t.struct('CommandExecutionRequestApprovalParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  /** Why approval is needed, such as a retry outside the sandbox. */
  reason: t.orNull(t.string),
  command: t.opt(t.string),
  cwd: t.opt(t.string),
  /** What the command does, as far as its words tell. */
  commandActions: t.opt(t.list(CommandAction)),
  /** The first words of a command; an accepted amendment allows all commands that start so. */
  proposedExecpolicyAmendment: t.orNull(t.list(t.string)),
});
export type CommandExecutionRequestApprovalParams = t.Infer<typeof CommandExecutionRequestApprovalParams>;

/** The user's decision on a command. */
export const CommandExecutionApprovalDecision = t.external('CommandExecutionApprovalDecision', {
  accept: t.unit,
  acceptForSession: t.unit,
  acceptWithExecpolicyAmendment: t.part({ execpolicy_amendment: t.list(t.string) }),
  decline: t.unit,
  cancel: t.unit,
});
export type CommandExecutionApprovalDecision = t.Infer<typeof CommandExecutionApprovalDecision>;

/** Answers `item/commandExecution/requestApproval`. */
export const CommandExecutionRequestApprovalResponse = t.struct('CommandExecutionRequestApprovalResponse', {
  decision: CommandExecutionApprovalDecision,
});
export type CommandExecutionRequestApprovalResponse = t.Infer<typeof CommandExecutionRequestApprovalResponse>;

/** The patch that needs approval; its item has the changes. */
export const FileChangeRequestApprovalParams = t.struct('FileChangeRequestApprovalParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  /** Why approval is needed. */
  reason: t.orNull(t.string),
  /** A folder that becomes writable for the rest of the session if the user agrees. */
  grantRoot: t.orNull(t.string),
});
export type FileChangeRequestApprovalParams = t.Infer<typeof FileChangeRequestApprovalParams>;

/** The user's decision on a patch. */
export const FileChangeApprovalDecision = t.words('FileChangeApprovalDecision', [
  'accept',
  'acceptForSession',
  'decline',
  'cancel',
]);
export type FileChangeApprovalDecision = t.Infer<typeof FileChangeApprovalDecision>;

/** Answers `item/fileChange/requestApproval`. */
export const FileChangeRequestApprovalResponse = t.struct('FileChangeRequestApprovalResponse', {
  decision: FileChangeApprovalDecision,
});
export type FileChangeRequestApprovalResponse = t.Infer<typeof FileChangeRequestApprovalResponse>;

/** One answer that a question offers. */
export const ToolRequestUserInputOption = t.struct('ToolRequestUserInputOption', {
  label: t.string,
  description: t.string,
});
export type ToolRequestUserInputOption = t.Infer<typeof ToolRequestUserInputOption>;

/** One question of the model to the user. */
export const ToolRequestUserInputQuestion = t.struct('ToolRequestUserInputQuestion', {
  id: t.string,
  /** A label of a few words. */
  header: t.string,
  question: t.string,
  /** Whether the user may answer in their own words. */
  isOther: t.withDefault(t.boolean, false),
  /** Whether the client must hide what the user types. */
  isSecret: t.withDefault(t.boolean, false),
  /** Null when the answer is free text. */
  options: t.orNull(t.list(ToolRequestUserInputOption)),
});
export type ToolRequestUserInputQuestion = t.Infer<typeof ToolRequestUserInputQuestion>;

/** Questions that a turn waits for. */
export const ToolRequestUserInputParams = t.struct('ToolRequestUserInputParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  questions: t.list(ToolRequestUserInputQuestion),
});
export type ToolRequestUserInputParams = t.Infer<typeof ToolRequestUserInputParams>;

/** The answers to one question. */
export const ToolRequestUserInputAnswer = t.struct('ToolRequestUserInputAnswer', { answers: t.list(t.string) });
export type ToolRequestUserInputAnswer = t.Infer<typeof ToolRequestUserInputAnswer>;

/** Answers `item/tool/requestUserInput`. */
export const ToolRequestUserInputResponse = t.struct('ToolRequestUserInputResponse', {
  /** Answers by the id of their question. */
  answers: t.mapOf(ToolRequestUserInputAnswer),
});
export type ToolRequestUserInputResponse = t.Infer<typeof ToolRequestUserInputResponse>;

/** A call of a tool that the client provides. */
export const DynamicToolCallParams = t.struct('DynamicToolCallParams', {
  threadId: t.string,
  turnId: t.string,
  /** The id that the model gave the call. */
  callId: t.string,
  tool: t.string,
  arguments: t.json,
});
export type DynamicToolCallParams = t.Infer<typeof DynamicToolCallParams>;

/** One part of a tool's result. */
export const DynamicToolContentItem = t.addition(
  t.tagged('DynamicToolContentItem', 'type', { inputText: { text: t.string }, inputImage: { imageUrl: t.string } }),
);
export type DynamicToolContentItem = t.Infer<typeof DynamicToolContentItem>;

/** Answers `item/tool/call`. */
export const DynamicToolCallResponse = t.struct('DynamicToolCallResponse', {
  /** Must be present unless `contentItems` is. */
  output: t.requiredUnless('contentItems', t.string),
  success: t.boolean,
  contentItems: t.addition(t.opt(t.list(DynamicToolContentItem))),
});
export type DynamicToolCallResponse = t.Infer<typeof DynamicToolCallResponse>;

/** Why new tokens are needed. */
export const ChatgptAuthTokensRefreshReason = t.words('ChatgptAuthTokensRefreshReason', ['unauthorized']);
export type ChatgptAuthTokensRefreshReason = t.Infer<typeof ChatgptAuthTokensRefreshReason>;

/** Params of `account/chatgptAuthTokens/refresh`. */
export const ChatgptAuthTokensRefreshParams = t.struct('ChatgptAuthTokensRefreshParams', {
  reason: ChatgptAuthTokensRefreshReason,
  /** The workspace of the tokens that were refused; null when it is unknown. */
  previousAccountId: t.orNull(t.string),
});
export type ChatgptAuthTokensRefreshParams = t.Infer<typeof ChatgptAuthTokensRefreshParams>;

/** Answers `account/chatgptAuthTokens/refresh` with new tokens. */
export const ChatgptAuthTokensRefreshResponse = t.struct('ChatgptAuthTokensRefreshResponse', {
  /** Must be present unless `chatgptAccountId` is. */
  idToken: t.requiredUnless('chatgptAccountId', t.string),
  accessToken: t.string,
  chatgptAccountId: t.addition(t.opt(t.string)),
  chatgptPlanType: t.addition(t.opt(t.string)),
});
export type ChatgptAuthTokensRefreshResponse = t.Infer<typeof ChatgptAuthTokensRefreshResponse>;

/** Messages that ask the user or the client. */
export const approvalMessages = [
  /** Asks whether a command may run. */
  serverRequest(
    'item/commandExecution/requestApproval',
    CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse,
  ),
  /** Asks whether a patch may be applied. */
  serverRequest('item/fileChange/requestApproval', FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse),
  /** Asks the user questions of the model. */
  serverRequest('item/tool/requestUserInput', ToolRequestUserInputParams, ToolRequestUserInputResponse),
  /** Asks the client to run one of its own tools. */
  serverRequest('item/tool/call', DynamicToolCallParams, DynamicToolCallResponse),
  /** Asks the client for new ChatGPT tokens after the old ones were refused. */
  serverRequest('account/chatgptAuthTokens/refresh', ChatgptAuthTokensRefreshParams, ChatgptAuthTokensRefreshResponse),
] as const;

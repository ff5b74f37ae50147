/** What the server asks the client: leave for commands and patches, answers, tool results, fresh tokens. */
import { serverRequest } from './define.ts';
import { CommandAction } from './items.ts';
import * as t from './schema/types.ts';

export const CommandExecutionRequestApprovalParams = t.struct('CommandExecutionRequestApprovalParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  reason: t.orNull(t.string),
  command: t.opt(t.string),
  cwd: t.opt(t.string),
  commandActions: t.opt(t.list(CommandAction)),
  proposedExecpolicyAmendment: t.orNull(t.list(t.string)),
});
export type CommandExecutionRequestApprovalParams = t.Infer<typeof CommandExecutionRequestApprovalParams>;

export const CommandExecutionApprovalDecision = t.external('CommandExecutionApprovalDecision', {
  accept: t.unit,
  acceptForSession: t.unit,
  acceptWithExecpolicyAmendment: t.part({ execpolicy_amendment: t.list(t.string) }),
  decline: t.unit,
  cancel: t.unit,
});
export type CommandExecutionApprovalDecision = t.Infer<typeof CommandExecutionApprovalDecision>;

export const CommandExecutionRequestApprovalResponse = t.struct('CommandExecutionRequestApprovalResponse', {
  decision: CommandExecutionApprovalDecision,
});
export type CommandExecutionRequestApprovalResponse = t.Infer<typeof CommandExecutionRequestApprovalResponse>;

export const FileChangeRequestApprovalParams = t.struct('FileChangeRequestApprovalParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  reason: t.orNull(t.string),
  grantRoot: t.orNull(t.string),
});
export type FileChangeRequestApprovalParams = t.Infer<typeof FileChangeRequestApprovalParams>;

export const FileChangeApprovalDecision = t.words('FileChangeApprovalDecision', [
  'accept',
  'acceptForSession',
  'decline',
  'cancel',
]);
export type FileChangeApprovalDecision = t.Infer<typeof FileChangeApprovalDecision>;

export const FileChangeRequestApprovalResponse = t.struct('FileChangeRequestApprovalResponse', {
  decision: FileChangeApprovalDecision,
});
export type FileChangeRequestApprovalResponse = t.Infer<typeof FileChangeRequestApprovalResponse>;

export const ToolRequestUserInputOption = t.struct('ToolRequestUserInputOption', {
  label: t.string,
  description: t.string,
});
export type ToolRequestUserInputOption = t.Infer<typeof ToolRequestUserInputOption>;

export const ToolRequestUserInputQuestion = t.struct('ToolRequestUserInputQuestion', {
  id: t.string,
  header: t.string,
  question: t.string,
  isOther: t.withDefault(t.boolean, false),
  isSecret: t.withDefault(t.boolean, false),
  options: t.orNull(t.list(ToolRequestUserInputOption)),
});
export type ToolRequestUserInputQuestion = t.Infer<typeof ToolRequestUserInputQuestion>;

export const ToolRequestUserInputParams = t.struct('ToolRequestUserInputParams', {
  threadId: t.string,
  turnId: t.string,
  itemId: t.string,
  questions: t.list(ToolRequestUserInputQuestion),
});
export type ToolRequestUserInputParams = t.Infer<typeof ToolRequestUserInputParams>;

export const ToolRequestUserInputAnswer = t.struct('ToolRequestUserInputAnswer', { answers: t.list(t.string) });
export type ToolRequestUserInputAnswer = t.Infer<typeof ToolRequestUserInputAnswer>;

export const ToolRequestUserInputResponse = t.struct('ToolRequestUserInputResponse', {
  answers: t.mapOf(ToolRequestUserInputAnswer),
});
export type ToolRequestUserInputResponse = t.Infer<typeof ToolRequestUserInputResponse>;

export const DynamicToolCallParams = t.struct('DynamicToolCallParams', {
  threadId: t.string,
  turnId: t.string,
  callId: t.string,
  tool: t.string,
  arguments: t.json,
});
export type DynamicToolCallParams = t.Infer<typeof DynamicToolCallParams>;

export const DynamicToolContentItem = t.addition(
  t.tagged('DynamicToolContentItem', 'type', { inputText: { text: t.string }, inputImage: { imageUrl: t.string } }),
);
export type DynamicToolContentItem = t.Infer<typeof DynamicToolContentItem>;

export const DynamicToolCallResponse = t.struct('DynamicToolCallResponse', {
  output: t.requiredUnless('contentItems', t.string),
  success: t.boolean,
  contentItems: t.addition(t.opt(t.list(DynamicToolContentItem))),
});
export type DynamicToolCallResponse = t.Infer<typeof DynamicToolCallResponse>;

export const ChatgptAuthTokensRefreshReason = t.words('ChatgptAuthTokensRefreshReason', ['unauthorized']);
export type ChatgptAuthTokensRefreshReason = t.Infer<typeof ChatgptAuthTokensRefreshReason>;

export const ChatgptAuthTokensRefreshParams = t.struct('ChatgptAuthTokensRefreshParams', {
  reason: ChatgptAuthTokensRefreshReason,
  previousAccountId: t.orNull(t.string),
});
export type ChatgptAuthTokensRefreshParams = t.Infer<typeof ChatgptAuthTokensRefreshParams>;

export const ChatgptAuthTokensRefreshResponse = t.struct('ChatgptAuthTokensRefreshResponse', {
  idToken: t.requiredUnless('chatgptAccountId', t.string),
  accessToken: t.string,
  chatgptAccountId: t.addition(t.opt(t.string)),
  chatgptPlanType: t.addition(t.opt(t.string)),
});
export type ChatgptAuthTokensRefreshResponse = t.Infer<typeof ChatgptAuthTokensRefreshResponse>;

export const itemCommandExecutionRequestApproval = serverRequest(
  'item/commandExecution/requestApproval',
  CommandExecutionRequestApprovalParams,
  CommandExecutionRequestApprovalResponse,
);
export const itemFileChangeRequestApproval = serverRequest(
  'item/fileChange/requestApproval',
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
);
export const itemToolRequestUserInput = serverRequest(
  'item/tool/requestUserInput',
  ToolRequestUserInputParams,
  ToolRequestUserInputResponse,
);
export const itemToolCall = serverRequest('item/tool/call', DynamicToolCallParams, DynamicToolCallResponse);
export const accountChatgptAuthTokensRefresh = serverRequest(
  'account/chatgptAuthTokens/refresh',
  ChatgptAuthTokensRefreshParams,
  ChatgptAuthTokensRefreshResponse,
);

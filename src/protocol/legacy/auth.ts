/** Login and account, generation one. */
import { AuthMode } from '../account.ts';
import { notification, request } from '../define.ts';
import { prefixedUuidProblem } from '../schema/texts.ts';
import * as t from '../schema/types.ts';

export const LoginApiKeyParams = t.struct('LoginApiKeyParams', { apiKey: t.string });
export type LoginApiKeyParams = t.Infer<typeof LoginApiKeyParams>;

export const LoginApiKeyResponse = t.struct('LoginApiKeyResponse', {});
export type LoginApiKeyResponse = t.Infer<typeof LoginApiKeyResponse>;

export const LoginChatGptResponse = t.struct('LoginChatGptResponse', { loginId: t.string, authUrl: t.string });
export type LoginChatGptResponse = t.Infer<typeof LoginChatGptResponse>;

export const CancelLoginChatGptParams = t.struct('CancelLoginChatGptParams', {
  loginId: t.textWith(prefixedUuidProblem, 'a UUID string'),
});
export type CancelLoginChatGptParams = t.Infer<typeof CancelLoginChatGptParams>;

export const CancelLoginChatGptResponse = t.struct('CancelLoginChatGptResponse', {});
export type CancelLoginChatGptResponse = t.Infer<typeof CancelLoginChatGptResponse>;

export const LogoutChatGptResponse = t.struct('LogoutChatGptResponse', {});
export type LogoutChatGptResponse = t.Infer<typeof LogoutChatGptResponse>;

export const GetAuthStatusParams = t.struct('GetAuthStatusParams', {
  includeToken: t.opt(t.boolean),
  refreshToken: t.opt(t.boolean),
});
export type GetAuthStatusParams = t.Infer<typeof GetAuthStatusParams>;

export const GetAuthStatusResponse = t.struct('GetAuthStatusResponse', {
  authMethod: t.orNull(AuthMode),
  authToken: t.orNull(t.string),
  requiresOpenaiAuth: t.orNull(t.boolean),
});
export type GetAuthStatusResponse = t.Infer<typeof GetAuthStatusResponse>;

export const AuthStatusChangeNotification = t.struct('AuthStatusChangeNotification', {
  authMethod: t.orNull(AuthMode),
});
export type AuthStatusChangeNotification = t.Infer<typeof AuthStatusChangeNotification>;

export const LoginChatGptCompleteNotification = t.struct('LoginChatGptCompleteNotification', {
  loginId: t.string,
  success: t.boolean,
  error: t.orNull(t.string),
});
export type LoginChatGptCompleteNotification = t.Infer<typeof LoginChatGptCompleteNotification>;

export const UserInfoResponse = t.struct('UserInfoResponse', { allegedUserEmail: t.orNull(t.string) });
export type UserInfoResponse = t.Infer<typeof UserInfoResponse>;

export const loginApiKey = request('loginApiKey', LoginApiKeyParams, LoginApiKeyResponse, { folder: 'v1' });
export const loginChatGpt = request('loginChatGpt', null, LoginChatGptResponse, { folder: 'v1' });
export const cancelLoginChatGpt = request('cancelLoginChatGpt', CancelLoginChatGptParams, CancelLoginChatGptResponse, {
  folder: 'v1',
});
export const logoutChatGpt = request('logoutChatGpt', null, LogoutChatGptResponse, { folder: 'v1' });
export const getAuthStatus = request('getAuthStatus', GetAuthStatusParams, GetAuthStatusResponse, { folder: 'v1' });
export const userInfo = request('userInfo', null, UserInfoResponse, { folder: 'v1' });
export const authStatusChange = notification('authStatusChange', AuthStatusChangeNotification, { folder: 'v1' });
export const loginChatGptComplete = notification('loginChatGptComplete', LoginChatGptCompleteNotification, {
  folder: 'v1',
});

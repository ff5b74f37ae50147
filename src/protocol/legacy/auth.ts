/** Login and account, generation one. */
import { AuthMode } from '../account.ts';
import { notification, request } from '../define.ts';
import { prefixedUuidProblem } from '../schema/texts.ts';
import * as t from '../schema/types.ts';

/** Params of `loginApiKey`. */
export const LoginApiKeyParams = t.struct('LoginApiKeyParams', { apiKey: t.string });
export type LoginApiKeyParams = t.Infer<typeof LoginApiKeyParams>;

/** Answers `loginApiKey`; it has no members. */
export const LoginApiKeyResponse = t.struct('LoginApiKeyResponse', {});
export type LoginApiKeyResponse = t.Infer<typeof LoginApiKeyResponse>;

/** Answers `loginChatGpt`; the login goes on in a browser. */
export const LoginChatGptResponse = t.struct('LoginChatGptResponse', {
  loginId: t.string,
  /** The address to open in a browser. */
  authUrl: t.string,
});
export type LoginChatGptResponse = t.Infer<typeof LoginChatGptResponse>;

/** Names the login to cancel. */
export const CancelLoginChatGptParams = t.struct('CancelLoginChatGptParams', {
  loginId: t.textWith(prefixedUuidProblem, 'a UUID string'),
});
export type CancelLoginChatGptParams = t.Infer<typeof CancelLoginChatGptParams>;

/** Answers `cancelLoginChatGpt`; it has no members. */
export const CancelLoginChatGptResponse = t.struct('CancelLoginChatGptResponse', {});
export type CancelLoginChatGptResponse = t.Infer<typeof CancelLoginChatGptResponse>;

/** Answers `logoutChatGpt`; it has no members. */
export const LogoutChatGptResponse = t.struct('LogoutChatGptResponse', {});
export type LogoutChatGptResponse = t.Infer<typeof LogoutChatGptResponse>;

/** Params of `getAuthStatus`. */
export const GetAuthStatusParams = t.struct('GetAuthStatusParams', {
  includeToken: t.opt(t.boolean),
  /** Requests a new access token before the answer. */
  refreshToken: t.opt(t.boolean),
});
export type GetAuthStatusParams = t.Infer<typeof GetAuthStatusParams>;

/** Answers `getAuthStatus`. */
export const GetAuthStatusResponse = t.struct('GetAuthStatusResponse', {
  /** Null when nobody is logged in. */
  authMethod: t.orNull(AuthMode),
  /** Null unless requested. */
  authToken: t.orNull(t.string),
  requiresOpenaiAuth: t.orNull(t.boolean),
});
export type GetAuthStatusResponse = t.Infer<typeof GetAuthStatusResponse>;

/** Params of `authStatusChange`. */
export const AuthStatusChangeNotification = t.struct('AuthStatusChangeNotification', {
  /** Null after a logout. */
  authMethod: t.orNull(AuthMode),
});
export type AuthStatusChangeNotification = t.Infer<typeof AuthStatusChangeNotification>;

/** Params of `loginChatGptComplete`. */
export const LoginChatGptCompleteNotification = t.struct('LoginChatGptCompleteNotification', {
  loginId: t.string,
  success: t.boolean,
  error: t.orNull(t.string),
});
export type LoginChatGptCompleteNotification = t.Infer<typeof LoginChatGptCompleteNotification>;

/** Answers `userInfo`. */
export const UserInfoResponse = t.struct('UserInfoResponse', {
  /** As the token says, without a check. */
  allegedUserEmail: t.orNull(t.string),
});
export type UserInfoResponse = t.Infer<typeof UserInfoResponse>;

/** Messages of the first generation about logins. */
export const legacyAuthMessages = [
  /** Logs in with an API key. */
  request('loginApiKey', LoginApiKeyParams, LoginApiKeyResponse, { folder: 'v1' }),
  /** Starts a ChatGPT login in a browser. */
  request('loginChatGpt', null, LoginChatGptResponse, { folder: 'v1' }),
  /** Cancels a login that waits for the browser. */
  request('cancelLoginChatGpt', CancelLoginChatGptParams, CancelLoginChatGptResponse, {
    folder: 'v1',
  }),
  /** Logs out and deletes the stored credentials. */
  request('logoutChatGpt', null, LogoutChatGptResponse, { folder: 'v1' }),
  /** Reads how the server is logged in. */
  request('getAuthStatus', GetAuthStatusParams, GetAuthStatusResponse, { folder: 'v1' }),
  /** Reads the email address of the account. */
  request('userInfo', null, UserInfoResponse, { folder: 'v1' }),
  /** Reports that the login mode changed. */
  notification('authStatusChange', AuthStatusChangeNotification, { folder: 'v1' }),
  /** Reports how a login in a browser ended. */
  notification('loginChatGptComplete', LoginChatGptCompleteNotification, {
    folder: 'v1',
  }),
] as const;

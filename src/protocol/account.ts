/** Who is logged in, and how to log in and out. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';
import { PlanType } from './usage.ts';

/** How the server is logged in; `chatgptAuthTokens` means that the client supplies the tokens. */
export const AuthMode = t.words('AuthMode', ['apikey', 'chatgpt', 'chatgptAuthTokens']);
export type AuthMode = t.Infer<typeof AuthMode>;

/** Names a way to log in and carries what it needs. */
export const LoginAccountParams = t.tagged('LoginAccountParams', 'type', {
  apiKey: { apiKey: t.string },
  chatgpt: {},
  chatgptAuthTokens: {
    /** Must be present unless `chatgptAccountId` is. */
    idToken: t.requiredUnless('chatgptAccountId', t.string),
    accessToken: t.string,
    /** Names the workspace, in place of the claims of an ID token. */
    chatgptAccountId: t.addition(t.opt(t.string)),
    chatgptPlanType: t.addition(t.opt(t.string)),
  },
});
export type LoginAccountParams = t.Infer<typeof LoginAccountParams>;

/** Answers `account/login/start`; a ChatGPT login goes on in a browser. */
export const LoginAccountResponse = t.tagged('LoginAccountResponse', 'type', {
  apiKey: {},
  chatgpt: {
    loginId: t.string,
    /** The address to open in a browser. */
    authUrl: t.string,
  },
  chatgptAuthTokens: {},
});
export type LoginAccountResponse = t.Infer<typeof LoginAccountResponse>;

/** Names the login to cancel. */
export const CancelLoginAccountParams = t.struct('CancelLoginAccountParams', { loginId: t.string });
export type CancelLoginAccountParams = t.Infer<typeof CancelLoginAccountParams>;

/** Whether the login was still pending. */
export const CancelLoginAccountStatus = t.words('CancelLoginAccountStatus', ['canceled', 'notFound']);
export type CancelLoginAccountStatus = t.Infer<typeof CancelLoginAccountStatus>;

/** Answers `account/login/cancel`. */
export const CancelLoginAccountResponse = t.struct('CancelLoginAccountResponse', { status: CancelLoginAccountStatus });
export type CancelLoginAccountResponse = t.Infer<typeof CancelLoginAccountResponse>;

/** Answers `account/logout`; it has no members. */
export const LogoutAccountResponse = t.struct('LogoutAccountResponse', {});
export type LogoutAccountResponse = t.Infer<typeof LogoutAccountResponse>;

/** The account that is logged in. */
export const Account = t.tagged('Account', 'type', { apiKey: {}, chatgpt: { email: t.string, planType: PlanType } });
export type Account = t.Infer<typeof Account>;

/** Params of `account/read`. */
export const GetAccountParams = t.struct('GetAccountParams', {
  /** Requests a new access token before the answer. */
  refreshToken: t.withDefault(t.boolean, false),
});
export type GetAccountParams = t.Infer<typeof GetAccountParams>;

/** Answers `account/read`. */
export const GetAccountResponse = t.struct('GetAccountResponse', {
  /** Null when nobody is logged in. */
  account: t.orNull(Account),
  /** Whether the configured provider works only with a login. */
  requiresOpenaiAuth: t.boolean,
});
export type GetAccountResponse = t.Infer<typeof GetAccountResponse>;

/** Params of `account/updated`. */
export const AccountUpdatedNotification = t.struct('AccountUpdatedNotification', {
  /** Null after a logout. */
  authMode: t.orNull(AuthMode),
});
export type AccountUpdatedNotification = t.Infer<typeof AccountUpdatedNotification>;

/** Params of `account/login/completed`. */
export const AccountLoginCompletedNotification = t.struct('AccountLoginCompletedNotification', {
  /** Null for logins that do not use a browser. */
  loginId: t.orNull(t.string),
  success: t.boolean,
  /** Why the login failed; null when it succeeded. */
  error: t.orNull(t.string),
});
export type AccountLoginCompletedNotification = t.Infer<typeof AccountLoginCompletedNotification>;

/** Messages about the account. */
export const accountMessages = [
  /** Logs in with an API key or tokens, or starts a login in a browser. */
  request('account/login/start', LoginAccountParams, LoginAccountResponse),
  /** Cancels a login that waits for the browser. */
  request('account/login/cancel', CancelLoginAccountParams, CancelLoginAccountResponse),
  /** Logs out and deletes the stored credentials. */
  request('account/logout', null, LogoutAccountResponse),
  /** Reads who is logged in. */
  request('account/read', GetAccountParams, GetAccountResponse),
  /** Reports that the login mode changed. */
  notification('account/updated', AccountUpdatedNotification),
  /** Reports how a login ended. */
  notification('account/login/completed', AccountLoginCompletedNotification),
] as const;

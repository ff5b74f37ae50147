/** Who is logged in, and how to log in and out. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';
import { PlanType } from './usage.ts';

export const AuthMode = t.words('AuthMode', ['apikey', 'chatgpt', 'chatgptAuthTokens']);
export type AuthMode = t.Infer<typeof AuthMode>;

export const LoginAccountParams = t.tagged('LoginAccountParams', 'type', {
  apiKey: { apiKey: t.string },
  chatgpt: {},
  chatgptAuthTokens: {
    idToken: t.requiredUnless('chatgptAccountId', t.string),
    accessToken: t.string,
    chatgptAccountId: t.addition(t.opt(t.string)),
    chatgptPlanType: t.addition(t.opt(t.string)),
  },
});
export type LoginAccountParams = t.Infer<typeof LoginAccountParams>;

export const LoginAccountResponse = t.tagged('LoginAccountResponse', 'type', {
  apiKey: {},
  chatgpt: { loginId: t.string, authUrl: t.string },
  chatgptAuthTokens: {},
});
export type LoginAccountResponse = t.Infer<typeof LoginAccountResponse>;

export const CancelLoginAccountParams = t.struct('CancelLoginAccountParams', { loginId: t.string });
export type CancelLoginAccountParams = t.Infer<typeof CancelLoginAccountParams>;

export const CancelLoginAccountStatus = t.words('CancelLoginAccountStatus', ['canceled', 'notFound']);
export type CancelLoginAccountStatus = t.Infer<typeof CancelLoginAccountStatus>;

export const CancelLoginAccountResponse = t.struct('CancelLoginAccountResponse', { status: CancelLoginAccountStatus });
export type CancelLoginAccountResponse = t.Infer<typeof CancelLoginAccountResponse>;

export const LogoutAccountResponse = t.struct('LogoutAccountResponse', {});
export type LogoutAccountResponse = t.Infer<typeof LogoutAccountResponse>;

export const Account = t.tagged('Account', 'type', { apiKey: {}, chatgpt: { email: t.string, planType: PlanType } });
export type Account = t.Infer<typeof Account>;

export const GetAccountParams = t.struct('GetAccountParams', { refreshToken: t.withDefault(t.boolean, false) });
export type GetAccountParams = t.Infer<typeof GetAccountParams>;

export const GetAccountResponse = t.struct('GetAccountResponse', {
  account: t.orNull(Account),
  requiresOpenaiAuth: t.boolean,
});
export type GetAccountResponse = t.Infer<typeof GetAccountResponse>;

export const AccountUpdatedNotification = t.struct('AccountUpdatedNotification', { authMode: t.orNull(AuthMode) });
export type AccountUpdatedNotification = t.Infer<typeof AccountUpdatedNotification>;

export const AccountLoginCompletedNotification = t.struct('AccountLoginCompletedNotification', {
  loginId: t.orNull(t.string),
  success: t.boolean,
  error: t.orNull(t.string),
});
export type AccountLoginCompletedNotification = t.Infer<typeof AccountLoginCompletedNotification>;

export const accountLoginStart = request('account/login/start', LoginAccountParams, LoginAccountResponse);
export const accountLoginCancel = request('account/login/cancel', CancelLoginAccountParams, CancelLoginAccountResponse);
export const accountLogout = request('account/logout', null, LogoutAccountResponse);
export const accountRead = request('account/read', GetAccountParams, GetAccountResponse);
export const accountUpdated = notification('account/updated', AccountUpdatedNotification);
export const accountLoginCompleted = notification('account/login/completed', AccountLoginCompletedNotification);

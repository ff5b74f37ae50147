/** The kinds of login, and what follows from each. Pure: no state, no files. */
import { AppError } from '../base/errors.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import { type Claims, claimsIfAny, planOf, readClaims } from './claims.ts';
import { refreshTime, type StoredCredentials, type StoredTokens } from './stored-credentials.ts';

export interface KeyLogin {
  readonly mode: 'apikey';
  readonly key: string;
}

/** The server holds and renews the tokens. */
export interface ManagedLogin {
  readonly mode: 'chatgpt';
  /** null for stored credentials without tokens. */
  readonly tokens: StoredTokens | null;
  readonly claims: Claims;
  /** Unix milliseconds of the last renewal; null if unknown, in which case the tokens never count as stale. */
  readonly refreshedAtMs: number | null;
}

/** The client holds the tokens and renews them on request. */
export interface ExternalLogin {
  readonly mode: 'chatgptAuthTokens';
  readonly accessToken: string;
  /** `accountId` is sent in a header of every request. */
  readonly claims: Claims;
}

export type Login = { readonly mode: 'none' } | KeyLogin | ManagedLogin | ExternalLogin;

export const NO_LOGIN: Login = { mode: 'none' };

/** Tokens are renewed when they are older than this. Observed on codex app-server 0.94.0. */
const STALE_AFTER_MS = 8 * 24 * 60 * 60 * 1000;

/** The forms in which a client sends its tokens. */
export interface ExternalTokens {
  readonly idToken?: string | null | undefined;
  readonly accessToken: string;
  readonly chatgptAccountId?: string | null | undefined;
  readonly chatgptPlanType?: string | null | undefined;
}

/**
 * Throws AppError `invalid-input` for an unreadable id token. The id token takes precedence over the other members.
 */
export function externalLogin(tokens: ExternalTokens): ExternalLogin {
  const { idToken = null, accessToken, chatgptAccountId = null, chatgptPlanType = null } = tokens;
  if (idToken !== null) return { mode: 'chatgptAuthTokens', accessToken, claims: readClaims(idToken) };
  const claims = {
    email: claimsIfAny(accessToken).email ?? '',
    planType: planOf(chatgptPlanType ?? 'unknown'),
    accountId: chatgptAccountId,
  };
  return { mode: 'chatgptAuthTokens', accessToken, claims };
}

/** Throws AppError `invalid-input` if the stored id token is unreadable. */
export function storedLogin(stored: StoredCredentials): Login {
  const key = stored.OPENAI_API_KEY ?? null;
  const mode = stored.auth_mode ?? (key === null ? 'chatgpt' : 'apikey');
  if (mode === 'apikey') return key === null ? NO_LOGIN : { mode, key };
  const tokens = stored.tokens ?? null;
  const accountId = tokens?.account_id ?? null;
  const claims =
    tokens === null ? { email: null, planType: null, accountId } : { ...readClaims(tokens.id_token), accountId }; // the stored account counts
  if (mode === 'chatgptAuthTokens') {
    return tokens === null ? NO_LOGIN : { mode, accessToken: tokens.access_token, claims };
  }
  const refreshed = stored.last_refresh ?? null;
  return { mode, tokens, claims, refreshedAtMs: refreshed === null ? null : Date.parse(refreshed) };
}

export const storedKey = (key: string): StoredCredentials => ({ auth_mode: 'apikey', OPENAI_API_KEY: key });

export const storedTokens = (tokens: StoredTokens, key: string | null, nowMs: number): StoredCredentials => ({
  auth_mode: 'chatgpt',
  OPENAI_API_KEY: key,
  tokens,
  last_refresh: refreshTime(nowMs),
});

/** The part of a login that shards need. */
export function snapshotOf(login: Login, generation: number): AuthSnapshot {
  switch (login.mode) {
    case 'none':
      return { generation, mode: 'none', token: null, accountId: null };
    case 'apikey':
      return { generation, mode: 'apikey', token: login.key, accountId: null };
    case 'chatgpt':
      return {
        generation,
        mode: 'chatgpt',
        token: login.tokens?.access_token ?? null,
        accountId: login.claims.accountId,
      };
    case 'chatgptAuthTokens':
      return { generation, mode: login.mode, token: login.accessToken, accountId: login.claims.accountId };
  }
}

/** Unix milliseconds from which the tokens are renewed before use; null for never. */
export const staleAtMs = (login: Login): number | null =>
  login.mode === 'chatgpt' && login.tokens !== null && login.refreshedAtMs !== null
    ? login.refreshedAtMs + STALE_AFTER_MS
    : null;

export interface Restrictions {
  readonly forcedLoginMethod: 'chatgpt' | 'api' | null;
  readonly forcedWorkspaceId: string | null;
}

/** Why a stored login must not be used; null if it may be used. */
export function forbidden(login: Login, { forcedLoginMethod, forcedWorkspaceId }: Restrictions): string | null {
  if (login.mode === 'none') return null;
  if (login.mode === 'apikey') {
    return forcedLoginMethod === 'chatgpt' ? 'they are an API key, and forced_login_method is "chatgpt"' : null;
  }
  if (forcedLoginMethod === 'api') return 'they are a ChatGPT login, and forced_login_method is "api"';
  if (forcedWorkspaceId === null || forcedWorkspaceId === login.claims.accountId) return null;
  return 'they belong to another workspace than forced_chatgpt_workspace_id';
}

/** A workspace in the format of the protocol's messages. */
export const formatWorkspace = (id: string | null): string => (id === null ? 'None' : `Some(${JSON.stringify(id)})`);

export const refused = (message: string): AppError => new AppError('refused', message);

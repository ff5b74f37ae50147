/**
 * Chooses the key of a request. In: provider, login, environment. Out: a token, or a failure that names what is
 * missing.
 */
import type { Env } from '../base/paths.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import { missingEnvironmentVariable, UpstreamError } from './errors.ts';

export interface Credentials {
  readonly token: string | null;
  /** Only with the account's own token. */
  readonly accountId: string | null;
}

/** The value of a variable that is not blank, unchanged. */
export function envValue(env: Env, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === '' ? undefined : value;
}

export const isBuiltInOpenai = (provider: ProviderConfig): boolean => provider.isBuiltIn && provider.id === 'openai';

/** The account's token is sent only to the service that issued it, and to providers that require it. */
export const usesLogin = (provider: ProviderConfig): boolean =>
  isBuiltInOpenai(provider) || provider.requiresOpenaiAuth;

/** Whether requests carry the account's own token: only then does a refusal concern the account. */
export const sendsLogin = (provider: ProviderConfig): boolean =>
  usesLogin(provider) && provider.envKey === null && provider.bearerToken === null;

/**
 * The provider's variable, else its bearer token, else the login. Throws `UpstreamError` if the variable is not set.
 */
export function credentialsFor(provider: ProviderConfig, auth: AuthSnapshot, env: Env): Credentials {
  if (provider.envKey !== null) {
    const token = envValue(env, provider.envKey);
    if (token !== undefined) return { token: token.trim(), accountId: null };
    throw new UpstreamError(missingEnvironmentVariable(provider.envKey, provider.envKeyInstructions));
  }
  if (provider.bearerToken !== null) return { token: provider.bearerToken, accountId: null };
  if (!usesLogin(provider) || auth.mode === 'none') return { token: null, accountId: null };
  return { token: auth.token, accountId: isChatgpt(auth) ? auth.accountId : null };
}

export const isChatgpt = (auth: AuthSnapshot): boolean => auth.mode === 'chatgpt' || auth.mode === 'chatgptAuthTokens';

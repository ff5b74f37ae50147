/**
 * Removes keys from messages, because a service may quote the key it refuses. In: a request's secrets. Out: texts
 * without them.
 */
import type { Env } from '../base/paths.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import { type Credentials, envValue } from './credentials.ts';

/** Shorter values are words like `true` or a region, and too common to be removed from a text. */
const MIN_SECRET_LENGTH = 8;

const SECRET_NAME = /key|token|secret|sig|code|pass|auth|cred|cookie/i;

/** Whether a header or parameter of this name may contain a key. */
export const looksSecret = (name: string): boolean => SECRET_NAME.test(name);

/** All values of a request that must not be displayed, longest first. */
export function secretsOf(provider: ProviderConfig, credentials: Credentials | null, env: Env): string[] {
  const named = { ...provider.httpHeaders, ...provider.queryParams };
  const values = [
    credentials?.token,
    ...Object.values(provider.envHttpHeaders).map((variable) => envValue(env, variable)),
    ...Object.entries(named).flatMap(([name, value]) => (looksSecret(name) ? [value] : [])),
  ];
  const bare = values.map((value) => value?.trim().replace(/^Bearer\s+/i, '') ?? '');
  return bare.filter((value) => value.length >= MIN_SECRET_LENGTH).sort((one, other) => other.length - one.length);
}

export const redactSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((display, secret) => display.replaceAll(secret, '***'), text);

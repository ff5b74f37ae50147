/**
 * The URL and the body encoding of a request. In: provider and login. Out: a URL, bytes, and a URL that is safe to
 * display.
 */
import * as zlib from 'node:zlib';
import type { Env } from '../base/paths.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import { envValue, isBuiltInOpenai, isChatgpt, usesLogin } from './credentials.ts';
import { failure, UpstreamError } from './errors.ts';
import { looksSecret } from './secrets.ts';
import type { SamplingRequest } from './types.ts';

const API_BASE_URL = 'https://api.openai.com/v1';
const CHATGPT_BASE_URL = 'https://chatgpt.com/backend-api/codex';

/** The provider's address, else that of the service the login belongs to. No trailing slash. */
function baseUrlOf(provider: ProviderConfig, auth: AuthSnapshot, env: Env): string {
  const own = provider.baseUrl ?? (isBuiltInOpenai(provider) ? envValue(env, 'OPENAI_BASE_URL')?.trim() : undefined);
  const fallback = usesLogin(provider) && isChatgpt(auth) ? CHATGPT_BASE_URL : API_BASE_URL;
  return withoutClosingSlashes(own ?? fallback);
}

function withoutClosingSlashes(address: string): string {
  let end = address.length;
  while (address.charAt(end - 1) === '/') end -= 1;
  return address.slice(0, end);
}

/** `path` below the provider's address, with its query. Throws `UpstreamError` if that is not an http(s) URL. */
export function endpoint(provider: ProviderConfig, auth: AuthSnapshot, env: Env, path: string): URL {
  const pairs = Object.entries(provider.queryParams).map(([name, value]) => `${name}=${value}`);
  const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  const text = `${baseUrlOf(provider, auth, env)}/${path}${query}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && isHttp(url)) return url;
  throw new UpstreamError(failure({ message: `invalid base_url of model provider \`${provider.id}\`` }));
}

/** The authorization header for a user and password in an address; null without them. */
export function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const pair = [username, password].map((part) => percentDecoded(part));
  return `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a password may contain a bare percent sign
  }
}

export const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:';

/** The URL for messages: without user and password, and without values of parameters that look like a key. */
export function displayUrl(url: URL): string {
  const display = new URL(url);
  display.username = '';
  display.password = '';
  for (const name of new Set(display.searchParams.keys())) {
    if (looksSecret(name)) display.searchParams.set(name, '***');
  }
  return display.href;
}

export type Compress = (bytes: Uint8Array) => Promise<Uint8Array>;

type ZstdCompress = (
  bytes: Uint8Array,
  options: { readonly params: Readonly<Record<number, number>> },
  done: (error: Error | null, result: Uint8Array) => void,
) => void;

/** The level of the reference. Observed on codex app-server 0.94.0. */
const ZSTD_LEVEL = 3;

/** Compression with zstd where this Node supports it (22.15 and later), else null. */
export function zstd(library: object = zlib): Compress | null {
  const compress: unknown = Reflect.get(library, 'zstdCompress');
  const constants: unknown = Reflect.get(library, 'constants');
  if (typeof compress !== 'function' || typeof constants !== 'object' || constants === null) return null;
  const level: unknown = Reflect.get(constants, 'ZSTD_c_compressionLevel');
  const params = typeof level === 'number' ? { [level]: ZSTD_LEVEL } : {};
  // The types of the oldest supported Node do not know it.
  const run: ZstdCompress = (...inputs) => Reflect.apply(compress, library, inputs);
  return (bytes) =>
    new Promise((resolve, reject) => {
      run(bytes, { params }, (error, result) => (error === null ? resolve(result) : reject(error)));
    });
}

/** Only the service itself is known to accept compressed bodies, and only from its own accounts. */
export const mayCompress = ({ compress, auth, provider }: SamplingRequest): boolean =>
  compress && isChatgpt(auth) && provider.name === 'OpenAI';

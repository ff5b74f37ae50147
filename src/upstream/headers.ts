/** The headers of a request, in the order they are sent, names in lower case. */
import type { Env } from '../base/paths.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { UpstreamIdentity } from '../contract/turn-shard.ts';
import { type Credentials, envValue, isBuiltInOpenai } from './credentials.ts';
import type { SamplingRequest } from './types.ts';

export type HeaderMap = Map<string, string>;

export interface HeaderInputs {
  readonly provider: ProviderConfig;
  readonly credentials: Credentials;
  readonly identity: UpstreamIdentity;
  readonly env: Env;
  readonly subagent: string | null;
}

/** Headers of `POST …/responses`. */
export function samplingHeaders(inputs: HeaderInputs, request: SamplingRequest, encoding: string | null): HeaderMap {
  const headers = providerHeaders(inputs);
  if (request.betaFeatures.length > 0) set(headers, 'x-codex-beta-features', request.betaFeatures.join(','));
  set(headers, 'x-oai-web-search-eligible', String(request.webSearchEligible));
  if (request.turnState !== null) set(headers, 'x-codex-turn-state', request.turnState);
  set(headers, 'session_id', request.threadId);
  return closing(headers, inputs, 'text/event-stream', encoding);
}

/** Headers of `POST …/chat/completions`: without those that only the Responses API knows. */
export function chatHeaders(inputs: HeaderInputs, request: SamplingRequest): HeaderMap {
  const headers = providerHeaders(inputs);
  set(headers, 'session_id', request.threadId);
  return closing(headers, inputs, 'text/event-stream', null);
}

/** Headers of `POST …/responses/compact`. */
export const compactHeaders = (inputs: HeaderInputs): HeaderMap =>
  closing(providerHeaders(inputs), inputs, '*/*', null);

/** Names of headers that may contain a key: they are sent to the provider's own host only. */
export const privateHeaders = ({ httpHeaders, envHttpHeaders }: ProviderConfig): ReadonlySet<string> =>
  new Set([
    'authorization',
    'chatgpt-account-id',
    'cookie',
    ...Object.keys({ ...httpHeaders, ...envHttpHeaders }).map((name) => name.toLowerCase()),
  ]);

function providerHeaders({ provider, identity, env }: HeaderInputs): HeaderMap {
  const headers: HeaderMap = new Map();
  if (isBuiltInOpenai(provider)) set(headers, 'version', identity.version);
  for (const [name, value] of Object.entries(provider.httpHeaders)) set(headers, name, value);
  for (const [name, variable] of Object.entries(provider.envHttpHeaders)) {
    const value = envValue(env, variable);
    if (value !== undefined) set(headers, name, value);
  }
  return headers;
}

function closing(headers: HeaderMap, inputs: HeaderInputs, accept: string, encoding: string | null): HeaderMap {
  const { credentials, identity, subagent } = inputs;
  if (subagent !== null) set(headers, 'x-openai-subagent', subagent);
  set(headers, 'accept', accept);
  if (credentials.token !== null) set(headers, 'authorization', `Bearer ${credentials.token}`);
  if (credentials.accountId !== null) set(headers, 'chatgpt-account-id', credentials.accountId);
  if (encoding !== null) set(headers, 'content-encoding', encoding);
  setIfAbsent(headers, 'content-type', 'application/json');
  setIfAbsent(headers, 'user-agent', identity.userAgent);
  setIfAbsent(headers, 'originator', identity.originator);
  return headers;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;
/** These belong to the connection; the HTTP library writes them. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Sets a header if it can be sent unchanged; otherwise leaves it out. */
function set(headers: HeaderMap, name: string, value: string): void {
  const key = name.toLowerCase();
  const bytes = headerBytes(value.trim());
  if (NAME.test(key) && !UNSENDABLE.test(bytes) && !RESERVED.has(key)) headers.set(key, bytes);
}

/** A header's value for the HTTP library, which sends one byte per character: UTF-8, as the user wrote it. */
export const headerBytes = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');

function setIfAbsent(headers: HeaderMap, name: string, value: string): void {
  if (!headers.has(name)) set(headers, name, value);
}

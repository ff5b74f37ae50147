/**
 * Fetches the model list of the OpenAI provider. One request, no retries: the current list is used until the next
 * try.
 */
import type { Env } from '../base/paths.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { ModelList, UpstreamIdentity } from '../contract/turn-shard.ts';
import { credentialsFor } from './credentials.ts';
import type { Connections } from './dispatcher.ts';
import { compactHeaders } from './headers.ts';
import { recordIn } from './json-text.ts';
import { endpoint } from './request.ts';
import { collect } from './transport.ts';

/** Far above any list; an endless body must be cut off. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const SILENCE_LIMIT_MS = 5000;
const WHOLE_LIMIT_MS = 30_000;

export interface ModelListRequest {
  /** The built-in OpenAI provider, whichever one threads use. */
  readonly provider: ProviderConfig;
  readonly auth: AuthSnapshot;
  readonly identity: UpstreamIdentity;
  readonly env: Env;
  readonly connections: Connections;
}

/** The undecoded list and its ETag. Rejects with the original error; no part of it is for clients. */
export async function fetchModelList(
  { provider, auth, identity, env, connections }: ModelListRequest,
  signal: AbortSignal,
): Promise<ModelList> {
  const url = endpoint(provider, auth, env, 'models');
  url.searchParams.set('client_version', identity.version);
  const inputs = { provider, credentials: credentialsFor(provider, auth, env), identity, env, subagent: null };
  const headers = Object.fromEntries(compactHeaders(inputs));
  delete headers['content-type'];
  const response = await connections.request(url, { method: 'GET', headers, signal });
  const chunks: Uint8Array[] = [];
  await collect(
    { url, response },
    { idleTimeoutMs: SILENCE_LIMIT_MS, totalMs: WHOLE_LIMIT_MS, maxBytes: MAX_LIST_BYTES, signal },
    chunks,
  );
  const body = recordIn(Buffer.concat(chunks).toString('utf8'));
  if (response.statusCode !== 200 || body === null || !('models' in body)) {
    throw new Error(`the model list was answered with status ${response.statusCode}`);
  }
  const { etag } = response.headers;
  return { models: body.models, etag: typeof etag === 'string' ? etag : null };
}

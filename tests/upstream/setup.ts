/** A client, providers and requests for the tests of this folder; whatever matters to a test it states itself. */

import type { AuthSnapshot } from '../../src/contract/auth-state.ts';
import type { ProviderConfig } from '../../src/contract/effective-config.ts';
import { UpstreamClient, type UpstreamClientOptions } from '../../src/upstream/client.ts';
import { UpstreamError } from '../../src/upstream/errors.ts';
import type { CompactRequest, SamplingRequest, UpstreamEvent, UpstreamFailure } from '../../src/upstream/types.ts';
import { silentLogger } from '../support/silent-logger.ts';

export const NO_LOGIN: AuthSnapshot = { generation: 0, mode: 'none', token: null, accountId: null };
export const API_KEY_LOGIN: AuthSnapshot = {
  generation: 1,
  mode: 'apikey',
  token: 'sk-login-0123456789',
  accountId: null,
};
export const CHATGPT_LOGIN: AuthSnapshot = {
  generation: 1,
  mode: 'chatgpt',
  token: 'account-token-0123456789',
  accountId: 'acct-1',
};

/** A user's provider without retries and without a key. */
export const provider = (fields: Partial<ProviderConfig> = {}): ProviderConfig => ({
  id: 'local',
  name: 'Local',
  baseUrl: 'http://127.0.0.1:9/v1',
  wireApi: 'responses',
  envKey: null,
  envKeyInstructions: null,
  bearerToken: null,
  requiresOpenaiAuth: false,
  queryParams: {},
  httpHeaders: {},
  envHttpHeaders: {},
  requestMaxRetries: 0,
  streamMaxRetries: 0,
  streamIdleTimeoutMs: 10_000,
  isBuiltIn: false,
  ...fields,
});

export const openai = (fields: Partial<ProviderConfig> = {}): ProviderConfig =>
  provider({
    id: 'openai',
    name: 'OpenAI',
    requiresOpenaiAuth: true,
    isBuiltIn: true,
    envHttpHeaders: { 'OpenAI-Organization': 'OPENAI_ORGANIZATION', 'OpenAI-Project': 'OPENAI_PROJECT' },
    ...fields,
  });

export const samplingRequest = (fields: Partial<SamplingRequest> = {}): SamplingRequest => ({
  provider: provider(),
  auth: NO_LOGIN,
  threadId: 'thread-1',
  body: {
    model: 'some-model',
    instructions: 'be brief',
    input: [],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: null,
    store: false,
    stream: true,
    include: [],
    prompt_cache_key: 'thread-1',
  },
  webSearchEligible: true,
  betaFeatures: [],
  turnState: null,
  subagent: null,
  compress: false,
  ...fields,
});

export const compactRequest = (fields: Partial<CompactRequest> = {}): CompactRequest => ({
  provider: provider(),
  auth: NO_LOGIN,
  body: { model: 'some-model', input: [{ type: 'message' }], instructions: 'be brief' },
  subagent: null,
  ...fields,
});

/** Retries wait the least that the formula allows. */
export const upstreamClient = (options: Partial<UpstreamClientOptions> = {}): UpstreamClient =>
  new UpstreamClient({
    identity: { originator: 'test-client', userAgent: 'test-client/1.0', version: '9.9.9' },
    env: {},
    log: silentLogger,
    now: () => Date.UTC(2026, 10, 24, 12),
    random: () => 0,
    ...options,
  });

export const never = (): AbortSignal => new AbortController().signal;

export async function eventsOf(stream: AsyncIterable<UpstreamEvent>): Promise<UpstreamEvent[]> {
  const events: UpstreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** What a stream fails with; a stream that does not fail is an error. */
export async function failureOf(work: AsyncIterable<UpstreamEvent> | Promise<unknown>): Promise<UpstreamFailure> {
  try {
    await (work instanceof Promise ? work : eventsOf(work));
  } catch (error) {
    if (error instanceof UpstreamError) return error.failure;
    throw error;
  }
  throw new Error('it did not fail');
}

/** The failure of one request to `baseUrl`. */
export async function failureFrom(baseUrl: string, fields: Partial<ProviderConfig> = {}): Promise<UpstreamFailure> {
  await using client = upstreamClient();
  return await failureOf(client.stream(samplingRequest({ provider: provider({ baseUrl, ...fields }) }), never()));
}

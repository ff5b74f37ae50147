/**
 * Client of a model provider. In: a request with provider and credentials. Out: decoded events, or the items of a
 * compaction; failures as `UpstreamError`, an abort as the signal's reason. Owns its connections (opened on first
 * use, kept between requests); keeps no credentials beyond a request and no state between turns.
 */
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import { stringifyWellFormed } from '../base/well-formed.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { ModelList, UpstreamIdentity } from '../contract/turn-shard.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { chatBody } from './chat-body.ts';
import { ChatDecoder } from './chat-stream.ts';
import { compactedItems } from './compaction.ts';
import { type Credentials, credentialsFor, envValue } from './credentials.ts';
import type { Decoder } from './decoder.ts';
import type { Connections } from './dispatcher.ts';
import { UpstreamError, unexpectedAnswer } from './errors.ts';
import {
  chatHeaders,
  compactHeaders,
  type HeaderInputs,
  type HeaderMap,
  privateHeaders,
  samplingHeaders,
} from './headers.ts';
import { httpFailure, unexpectedStatus } from './http-errors.ts';
import { fetchModelList } from './model-list.ts';
import { headerOf, rateLimitsOf } from './rate-limits.ts';
import { basicAuthorization, type Compress, displayUrl, endpoint, mayCompress, zstd } from './request.ts';
import { ResponseEvents } from './response-events.ts';
import { withRetries } from './retry.ts';
import { redactSecrets, secretsOf } from './secrets.ts';
import { SseDecoder } from './sse.ts';
import { collect, errorText, type FinalResponse, isCompressed, send } from './transport.ts';
import type { CompactRequest, SamplingRequest, UpstreamEvent, UpstreamFailure } from './types.ts';

export interface UpstreamClientOptions {
  readonly identity: UpstreamIdentity;
  readonly env: Env;
  readonly log: Logger;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** [0, 1), for the jitter of retries. */
  readonly random: () => number;
  /** null: bodies are not compressed. Absent: zstd where this Node supports it. */
  readonly compress?: Compress | null;
  /** How long a stream stays open after the last event that matters; 1000 ms by default. */
  readonly graceMs?: number;
  /** Called with the tag that the provider's list of models has, as far as its answers tell. */
  readonly onModelsEtag?: (providerId: string, etag: string) => void;
}

type AnyRequest = SamplingRequest | CompactRequest;
type Report = (found: UpstreamFailure) => UpstreamError;

/** Far above any history a service accepts; an endless body must be cut off. */
const MAX_COMPACTION_BYTES = 32 * 1024 * 1024;
const COMPACTION_FAILED = 'Error running remote compact task: ';
const GRACE_MS = 1000;
/**
 * A response may start, and a non-streamed one may end, as late as after this many idle timeouts. A model that reads
 * a long conversation on a small machine takes minutes, however short the idle timeout is.
 */
const MAX_SILENCES = 4;
const MIN_HEAD_LIMIT_MS = 30_000;

export class UpstreamClient implements AsyncDisposable {
  readonly #options: UpstreamClientOptions;
  readonly #compress: Compress | null;
  #connections: Promise<Connections> | undefined;

  constructor(options: UpstreamClientOptions) {
    this.#options = options;
    this.#compress = options.compress === undefined ? zstd() : options.compress;
  }

  /**
   * One sampling request. The first event is `headers`, the last `completed`. Iteration throws `UpstreamError` or the
   * signal's reason; leaving it early closes the connection. The request is sent when iteration begins.
   */
  stream(request: SamplingRequest, signal: AbortSignal): AsyncIterable<UpstreamEvent> {
    return { [Symbol.asyncIterator]: () => new SamplingStream(() => this.#open(request, signal)) };
  }

  /**
   * One remote compaction: the items that replace the history. Rejects with `UpstreamError` or the signal's reason.
   */
  async compact(request: CompactRequest, signal: AbortSignal): Promise<ResponseItem[]> {
    return this.#reported(request, COMPACTION_FAILED, async (inputs) => {
      const answer = await this.#send(request, 'responses/compact', compactHeaders(inputs), encode(request), signal);
      const limits = { idleTimeoutMs: request.provider.streamIdleTimeoutMs, signal };
      if (!isSuccess(answer)) throw await this.#failureOf(answer, limits, 'whole');
      const chunks: Uint8Array[] = [];
      const totalMs = MAX_SILENCES * limits.idleTimeoutMs;
      await collect(answer, { ...limits, totalMs, maxBytes: MAX_COMPACTION_BYTES }, chunks);
      return compactedItems(Buffer.concat(chunks).toString('utf8'));
    });
  }

  /** Lists the models of a provider. Rejects with the original error, or the signal's reason. */
  async models(provider: ProviderConfig, auth: AuthSnapshot, signal: AbortSignal): Promise<ModelList> {
    const { identity, env, log } = this.#options;
    this.#connections ??= connect(env, log);
    return fetchModelList({ provider, auth, identity, env, connections: await this.#connections }, signal);
  }

  /** Drops all connections; pending requests fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    const connections = await this.#connections;
    await connections?.[Symbol.asyncDispose]();
  }

  #open(request: SamplingRequest, signal: AbortSignal): Promise<OpenStream> {
    return this.#reported(request, '', async (inputs, report) => {
      const { path, headers, body, decoder } = await encodeRequest(request, inputs, this.#compress);
      const answer = await this.#send(request, path, headers, body, signal);
      const limits = { idleTimeoutMs: request.provider.streamIdleTimeoutMs, signal };
      if (!isSuccess(answer)) throw await this.#failureOf(answer, limits, 'short');
      requirePlain(answer);
      const graceMs = this.#options.graceMs ?? GRACE_MS;
      const contentType = headerOf(answer.response.headers, 'content-type') ?? null;
      const events = new ResponseEvents(answer.response.body, decoder, { ...limits, graceMs, contentType, report });
      const etag = headerOf(answer.response.headers, 'x-models-etag');
      if (etag !== undefined) this.#options.onModelsEtag?.(request.provider.id, etag);
      return { headers: headersEvent(answer), events };
    });
  }

  /** The first response that is no server error, or that of the last attempt. */
  async #send(
    { provider, auth }: AnyRequest,
    path: string,
    headers: HeaderMap,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<FinalResponse> {
    const { env, log, random } = this.#options;
    const url = endpoint(provider, auth, env, path);
    const basic = basicAuthorization(url);
    if (basic !== null && !headers.has('authorization')) headers.set('authorization', basic);
    this.#connections ??= connect(env, log);
    const connections = await this.#connections;
    const headLimitMs = Math.max(MIN_HEAD_LIMIT_MS, MAX_SILENCES * provider.streamIdleTimeoutMs);
    const request = { url, headers, privateHeaders: privateHeaders(provider), body, headLimitMs };
    const attempt = (): Promise<FinalResponse | UpstreamError> => send(connections, request, signal).catch(asOutcome);
    const outcome = await withRetries(attempt, { maxRetries: provider.requestMaxRetries, random, signal, shouldRetry });
    if (outcome instanceof UpstreamError) throw outcome;
    return outcome;
  }

  /** The failure of an unsuccessful response. Only compaction includes the whole message of a refused login. */
  async #failureOf(
    answer: FinalResponse,
    limits: { readonly idleTimeoutMs: number; readonly signal: AbortSignal },
    detail: 'whole' | 'short',
  ): Promise<UpstreamError> {
    const { statusCode: status, headers } = answer.response;
    const body = await errorText(answer, limits);
    const timeZone = envValue(this.#options.env, 'TZ');
    const facts = { status, headers, body, url: displayUrl(answer.url), nowMs: this.#options.now(), timeZone };
    const found = httpFailure(facts);
    const whole = detail === 'whole' && found.reason === 'unauthorized';
    return new UpstreamError(whole ? { ...found, message: unexpectedStatus(facts) } : found);
  }

  /** Runs `work` so that no failure it ends with contains a key. */
  async #reported<T>(
    request: AnyRequest,
    prefix: string,
    work: (inputs: HeaderInputs, report: Report) => Promise<T>,
  ): Promise<T> {
    const { identity, env, log } = this.#options;
    const { provider, auth, subagent } = request;
    let credentials: Credentials | null = null;
    const report: Report = (found) => {
      const message = prefix + redactSecrets(found.message, secretsOf(provider, credentials, env));
      log.debug('upstream', 'request failed', { status: found.status, retryable: found.retryable });
      return new UpstreamError({ ...found, message });
    };
    try {
      credentials = credentialsFor(provider, auth, env);
      return await work({ provider, credentials, identity, env, subagent }, report);
    } catch (error) {
      throw error instanceof UpstreamError ? report(error.failure) : error;
    }
  }
}

interface Encoded {
  readonly path: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly decoder: Decoder;
}

/** A sampling request in the provider's own API. */
async function encodeRequest(request: SamplingRequest, inputs: HeaderInputs, zstd: Compress | null): Promise<Encoded> {
  if (request.provider.wireApi === 'chat') {
    const body = encodeJson(chatBody(request.body));
    return { path: 'chat/completions', headers: chatHeaders(inputs, request), body, decoder: new ChatDecoder() };
  }
  const compress = mayCompress(request) ? zstd : null;
  const body = compress === null ? encode(request) : await compress(encode(request));
  const headers = samplingHeaders(inputs, request, compress === null ? null : 'zstd');
  return { path: 'responses', headers, body, decoder: new SseDecoder() };
}

interface OpenStream {
  readonly headers: UpstreamEvent;
  readonly events: ResponseEvents;
}

/** Sends the request on the first pull, then forwards every pull to the stream of its response. */
class SamplingStream implements AsyncIterableIterator<UpstreamEvent> {
  readonly #open: () => Promise<OpenStream>;
  #opening: Promise<OpenStream> | undefined;
  #events: ResponseEvents | undefined;
  #isClosed = false;

  constructor(open: () => Promise<OpenStream>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<UpstreamEvent>> {
    return this.#events === undefined ? this.#first() : this.#events.next();
  }

  async return(): Promise<IteratorResult<UpstreamEvent>> {
    this.#isClosed = true;
    await this.#events?.return();
    return { done: true, value: undefined };
  }

  async #first(): Promise<IteratorResult<UpstreamEvent>> {
    if (this.#isClosed || this.#opening !== undefined) return { done: true, value: undefined };
    this.#opening = this.#open();
    const { headers, events } = await this.#opening;
    this.#events = events;
    return { done: false, value: headers };
  }
}

/** The HTTP library is loaded with the first request, so that it does not delay the start-up. */
async function connect(env: Env, log: Logger): Promise<Connections> {
  const { Connections } = await import('./dispatcher.ts');
  return new Connections(env, log);
}

const encode = ({ body }: AnyRequest): Uint8Array => encodeJson(body);

/** Well-formed text only: services refuse lone surrogates, and a thread stored by another program may contain one. */
const encodeJson = (body: object): Uint8Array => Buffer.from(stringifyWellFormed(body) ?? '');

const isSuccess = ({ response }: FinalResponse): boolean => response.statusCode >= 200 && response.statusCode < 300;

function requirePlain(answer: FinalResponse): void {
  if (!isCompressed(answer)) return;
  const { headers, body } = answer.response;
  const encoding = headerOf(headers, 'content-encoding') ?? '';
  body.destroy();
  throw new UpstreamError(unexpectedAnswer(`the answer is compressed (${encoding}), which was not asked for`));
}

function asOutcome(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}

/** Retries server errors and requests that were not sent. */
async function shouldRetry(outcome: FinalResponse | UpstreamError): Promise<boolean> {
  if (outcome instanceof UpstreamError) return outcome.failure.retryable;
  if (outcome.response.statusCode < 500) return false;
  outcome.response.body.destroy();
  return true;
}

function headersEvent({ response: { headers } }: FinalResponse): UpstreamEvent {
  return {
    kind: 'headers',
    rateLimits: rateLimitsOf(headers),
    reasoningIncluded: headerOf(headers, 'x-reasoning-included') !== undefined,
    turnState: headerOf(headers, 'x-codex-turn-state') ?? null,
  };
}

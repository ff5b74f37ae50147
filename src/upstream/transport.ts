/** One POST and its redirects. In: URL, headers, body. Out: the head of the last response, or why there is none. */
import type { Dispatcher } from 'undici';
import { AppError } from '../base/errors.ts';
import { timerMs } from '../base/timers.ts';
import type { Connections, RequestParts } from './dispatcher.ts';
import { cutInBody, noAnswer, sendFailed, timedOut, UpstreamError } from './errors.ts';
import { headerOf } from './rate-limits.ts';
import { displayUrl, isHttp } from './request.ts';

/** Observed on codex app-server 0.94.0. */
const MAX_REDIRECTS = 10;
/** Maximum size of an error's body; the rest is dropped. */
const MAX_ERROR_BYTES = 1024 * 1024;
/** Time limit for an error's body: the error is reported even if the body never ends. */
const ERROR_LIMIT_MS = 10_000;

export interface PostRequest {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  /** Names of headers that no other host may get. */
  readonly privateHeaders: ReadonlySet<string>;
  readonly body: Uint8Array;
  /** For the heads of all responses, redirects included. */
  readonly headLimitMs: number;
}

export interface FinalResponse {
  readonly url: URL;
  readonly response: Dispatcher.ResponseData;
}

/**
 * Resolves with the response, whatever its status. Throws `UpstreamError` if there is none, or the signal's reason.
 */
export async function send(
  connections: Connections,
  request: PostRequest,
  signal: AbortSignal,
): Promise<FinalResponse> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new UpstreamError(noAnswer(request.headLimitMs))),
    timerMs(request.headLimitMs),
  );
  try {
    return await follow(connections, request, AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function follow(connections: Connections, request: PostRequest, signal: AbortSignal): Promise<FinalResponse> {
  let { url } = request;
  let method: 'GET' | 'POST' = 'POST';
  const headers = new Map(request.headers);
  for (let redirects = 0; ; redirects += 1) {
    const body = method === 'POST' ? request.body : null;
    const response = await roundTrip(connections, url, { method, headers: Object.fromEntries(headers), body, signal });
    const location = redirectOf(response);
    if (location === null) return { url, response };
    response.body.destroy();
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
    if (next === null || !isHttp(next)) throw new UpstreamError(sendFailed(displayUrl(url), 'bad redirect'));
    if (redirects === MAX_REDIRECTS) throw new UpstreamError(sendFailed(displayUrl(url), 'too many redirects'));
    if (next.origin !== url.origin) for (const name of request.privateHeaders) headers.delete(name);
    if (response.statusCode <= 303) {
      method = 'GET';
      for (const name of ['content-type', 'content-encoding']) headers.delete(name);
    }
    url = next;
  }
}

async function roundTrip(connections: Connections, url: URL, options: RequestParts): Promise<Dispatcher.ResponseData> {
  try {
    return await connections.request(url, options);
  } catch (cause) {
    options.signal.throwIfAborted();
    throw new UpstreamError(sendFailed(displayUrl(url), codeOf(cause)), cause);
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const { location } = headers;
  return typeof location === 'string' ? location : null;
}

function codeOf(cause: unknown): string | null {
  if (cause instanceof AppError) return cause.message;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : null;
  return typeof code === 'string' ? code : null;
}

export interface BodyLimits {
  /** Maximum time between two chunks. */
  readonly idleTimeoutMs: number;
  /** Maximum time for the whole body. */
  readonly totalMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The received part of an error's body: an error is reported even if its body is cut off. */
export async function errorText(
  answer: FinalResponse,
  limits: Pick<BodyLimits, 'idleTimeoutMs' | 'signal'>,
): Promise<string> {
  if (isCompressed(answer)) {
    answer.response.body.destroy();
    return '';
  }
  const chunks: Uint8Array[] = [];
  const totalMs = Math.min(limits.idleTimeoutMs, ERROR_LIMIT_MS);
  try {
    await collect(answer, { ...limits, totalMs, maxBytes: MAX_ERROR_BYTES }, chunks);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Compressed responses are not requested, but some proxies send them anyway. */
export const isCompressed = ({ response }: FinalResponse): boolean =>
  (headerOf(response.headers, 'content-encoding') ?? 'identity') !== 'identity';

/** Reads a body into `chunks`, up to the limit. Throws `UpstreamError` if it is cut off, or the signal's reason. */
export async function collect({ response }: FinalResponse, limits: BodyLimits, chunks: Uint8Array[]): Promise<void> {
  const { body } = response;
  let silent = false;
  const giveUp = (): void => {
    silent = true;
    body.destroy();
  };
  const timer = setTimeout(giveUp, timerMs(limits.idleTimeoutMs));
  const wholeTimer = setTimeout(giveUp, timerMs(limits.totalMs));
  try {
    let sizeBytes = 0;
    const source: AsyncIterable<Uint8Array> = body;
    for await (const chunk of source) {
      timer.refresh();
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > limits.maxBytes) break;
    }
  } catch (cause) {
    limits.signal.throwIfAborted();
    throw new UpstreamError(silent ? timedOut() : cutInBody(), cause);
  } finally {
    clearTimeout(timer);
    clearTimeout(wholeTimer);
    body.destroy();
  }
}

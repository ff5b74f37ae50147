/** One POST and where it leads. In: URL, headers, body. Out: the head of the last answer, or why there is none. */
import type { Dispatcher } from 'undici';
import { isAppError } from '../base/errors.ts';
import { timerMs } from '../base/timers.ts';
import type { Connections, RequestParts } from './dispatcher.ts';
import { cutInBody, noAnswer, sendFailed, timedOut, UpstreamError } from './errors.ts';
import { headerOf } from './rate-limits.ts';
import { isHttp, shownUrl } from './request.ts';

/** Observed on codex app-server 0.94.0. */
const MAX_REDIRECTS = 10;
/** Of the body of an error; the rest of it is dropped. */
const MAX_ERROR_BYTES = 1024 * 1024;
/** An error that explains itself for ever is one all the same. */
const ERROR_LIMIT_MS = 10_000;

export interface Outgoing {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  /** Names of headers that no other host may see. */
  readonly privateHeaders: ReadonlySet<string>;
  readonly body: Uint8Array;
  /** For the heads of all answers up to the last one, whatever comes before them. */
  readonly headLimitMs: number;
}

export interface Answer {
  readonly url: URL;
  readonly response: Dispatcher.ResponseData;
}

/** Resolves with the answer, whatever its status; throws `UpstreamError` when none came, or the signal's reason. */
export async function send(connections: Connections, outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new UpstreamError(noAnswer(outgoing.headLimitMs))),
    timerMs(outgoing.headLimitMs),
  );
  try {
    return await follow(connections, outgoing, AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function follow(connections: Connections, outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
  let { url } = outgoing;
  let method: 'GET' | 'POST' = 'POST';
  const headers = new Map(outgoing.headers);
  for (let redirects = 0; ; redirects += 1) {
    const body = method === 'POST' ? outgoing.body : null;
    const response = await roundTrip(connections, url, { method, headers: Object.fromEntries(headers), body, signal });
    const location = redirectOf(response);
    if (location === null) return { url, response };
    response.body.destroy();
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
    if (next === null || !isHttp(next)) throw new UpstreamError(sendFailed(shownUrl(url), 'bad redirect'));
    if (redirects === MAX_REDIRECTS) throw new UpstreamError(sendFailed(shownUrl(url), 'too many redirects'));
    if (next.origin !== url.origin) for (const name of outgoing.privateHeaders) headers.delete(name);
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
    throw new UpstreamError(sendFailed(shownUrl(url), codeOf(cause)), cause);
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const { location } = headers;
  return typeof location === 'string' ? location : null;
}

function codeOf(cause: unknown): string | null {
  if (isAppError(cause)) return cause.message;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : null;
  return typeof code === 'string' ? code : null;
}

export interface BodyLimits {
  /** Longest silence. */
  readonly idleTimeoutMs: number;
  /** For the whole of it, however steadily it comes. */
  readonly totalMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The text of an error's body, as far as it came: an error is reported even when its explanation breaks off. */
export async function errorText(answer: Answer, limits: Pick<BodyLimits, 'idleTimeoutMs' | 'signal'>): Promise<string> {
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

/** Compressed answers are not asked for, and some proxies send them all the same. */
export const isCompressed = ({ response }: Answer): boolean =>
  (headerOf(response.headers, 'content-encoding') ?? 'identity') !== 'identity';

/** Reads a body into `chunks`, up to the limit. Throws `UpstreamError` when it breaks off, or the signal's reason. */
export async function collect({ response }: Answer, limits: BodyLimits, chunks: Uint8Array[]): Promise<void> {
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

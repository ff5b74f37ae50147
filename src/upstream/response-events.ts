/**
 * Reads one response body as events, at the pace of its reader. Owns the body and the idle timer, and releases both
 * when the iterator has ended, has thrown, or was left early. No timer runs between pulls, so a slow reader does not
 * cause a timeout. A stream that continues without content ends too, a little later than a silent one.
 */
import { timerMs } from '../base/timers.ts';
import type { BodyEnd, Decoder } from './decoder.ts';
import { stalled, type UpstreamError } from './errors.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

/** A response body: bytes, and a way to drop the connection. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  destroy(): void;
}

export interface ResponseEventsOptions {
  /** Maximum time between two events; comments do not count. */
  readonly idleTimeoutMs: number;
  /** The same after the last event that matters: a completion may still follow a `response.failed`. */
  readonly graceMs: number;
  /** The content type of the response; null if it has none. */
  readonly contentType: string | null;
  /** Makes a failure fit for the client. */
  readonly report: (found: UpstreamFailure) => UpstreamError;
  readonly signal: AbortSignal;
}

/** Maximum time without content, in idle timeouts, if only other events arrive. */
const STALLED_SILENCES = 4;
/** Maximum size of a stream without content. */
const STALLED_BYTES = 256 * 1024 * 1024;

type Chunk = { readonly bytes: Uint8Array } | BodyEnd;

export class ResponseEvents implements AsyncIterableIterator<UpstreamEvent> {
  readonly #body: ResponseBody;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #options: ResponseEventsOptions;
  readonly #decoder: Decoder;
  #position = 0;
  #ended = false;
  /** Content at the last increase; time and bytes since then. */
  #said = 0;
  #stalledMs = 0;
  #stalledBytes = 0;

  constructor(body: ResponseBody, decoder: Decoder, options: ResponseEventsOptions) {
    this.#body = body;
    this.#decoder = decoder;
    this.#chunks = body[Symbol.asyncIterator]();
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Rejects with an `UpstreamError`, or with the signal's reason. */
  next(): Promise<IteratorResult<UpstreamEvent>> {
    const event = this.#take();
    return event === undefined ? this.#advance() : Promise.resolve({ done: false, value: event });
  }

  return(): Promise<IteratorResult<UpstreamEvent>> {
    this.#destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(): UpstreamEvent | undefined {
    if (this.#ended || this.#options.signal.aborted) return undefined;
    const { events } = this.#decoder;
    const event = events[this.#position];
    this.#position += 1;
    if (event === undefined) {
      events.length = 0;
      this.#position = 0;
    }
    return event;
  }

  async #advance(): Promise<IteratorResult<UpstreamEvent>> {
    try {
      return await this.#readNext();
    } catch (error) {
      this.#destroy();
      this.#options.signal.throwIfAborted(); // the abort caused the error
      throw error;
    }
  }

  async #readNext(): Promise<IteratorResult<UpstreamEvent>> {
    const { signal, report } = this.#options;
    let deadline = Date.now() + this.#silenceLimitMs();
    for (;;) {
      if (this.#ended) return { done: true, value: undefined };
      signal.throwIfAborted();
      if (this.#decoder.completed) return this.#finish();
      if (this.#decoder.broken !== null) throw report(this.#decoder.broken);
      const seen = this.#decoder.seen;
      const askedAtMs = Date.now();
      const chunk = await this.#read(deadline - askedAtMs);
      signal.throwIfAborted();
      const failure = typeof chunk === 'string' ? this.#decoder.ended(chunk, this.#options.contentType) : null;
      if (failure !== null) throw report(failure);
      if (typeof chunk !== 'string') this.#decoder.feed(chunk.bytes);
      const event = this.#take();
      this.#requireProgress(Date.now() - askedAtMs, typeof chunk === 'string' ? 0 : chunk.bytes.length);
      if (event !== undefined) return { done: false, value: event };
      if (this.#decoder.seen !== seen) deadline = Date.now() + this.#silenceLimitMs();
    }
  }

  #requireProgress(waitedMs: number, sizeBytes: number): void {
    const { said } = this.#decoder;
    const hasMore = said > this.#said;
    this.#said = said;
    this.#stalledMs = hasMore ? 0 : this.#stalledMs + waitedMs;
    this.#stalledBytes = hasMore ? 0 : this.#stalledBytes + sizeBytes;
    if (this.#decoder.completed) return;
    const isTooLong = this.#stalledMs > STALLED_SILENCES * this.#options.idleTimeoutMs;
    if (isTooLong || this.#stalledBytes > STALLED_BYTES) throw this.#options.report(stalled());
  }

  #silenceLimitMs(): number {
    const { idleTimeoutMs, graceMs } = this.#options;
    return this.#decoder.settling ? Math.min(idleTimeoutMs, graceMs) : idleTimeoutMs;
  }

  /** The next bytes, or why there are none. */
  #read(limitMs: number): Promise<Chunk> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle('silent'), timerMs(limitMs));
      const onAbort = (): void => settle('broken');
      const settle = (chunk: Chunk): void => {
        clearTimeout(timer);
        this.#options.signal.removeEventListener('abort', onAbort);
        resolve(chunk);
      };
      this.#options.signal.addEventListener('abort', onAbort, { once: true });
      this.#chunks.next().then(
        (result) => settle(result.done === true ? 'end' : { bytes: result.value }),
        () => settle('broken'),
      );
    });
  }

  #finish(): IteratorResult<UpstreamEvent> {
    this.#ended = true;
    void drain(this.#chunks, this.#body);
    return { done: true, value: undefined };
  }

  #destroy(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#body.destroy();
  }
}

/** Events after the completion are dropped; reading the body to its end keeps the connection for the next request. */
const DRAIN_LIMIT_MS = 1000;
const DRAIN_LIMIT_BYTES = 64 * 1024;

/** Never rejects; destroys the body if its end does not come soon. */
async function drain(chunks: AsyncIterator<Uint8Array>, body: ResponseBody): Promise<void> {
  const timer = setTimeout(() => body.destroy(), DRAIN_LIMIT_MS);
  timer.unref();
  try {
    let sizeBytes = 0;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      sizeBytes += next.value.length;
      if (sizeBytes > DRAIN_LIMIT_BYTES) body.destroy();
    }
  } catch {
    body.destroy(); // cut off after the completion: nothing depends on it any more
  } finally {
    clearTimeout(timer);
  }
}

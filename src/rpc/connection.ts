/**
 * One client. In: bytes, and the server's messages. Out: requests for the router, responses for their requesters. The
 * library keeps the tables of pending requests and runs the requests. This file is the only one that uses it, and
 * adds what it lacks: the client's own ids, callbacks after a response, the shutdown.
 *
 * Requests are dispatched in order, one per turn of the event loop, and run concurrently. A response to a request of
 * ours is settled as soon as its line is read (the effect of a finite `maxParallelism`), before any later request.
 */
import { createMessageConnection, type MessageConnection, RAL, ResponseError } from 'vscode-jsonrpc';
import { type Deferred, deferred } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import type { ByteSink, ByteSource } from '../transport/bytes.ts';
import { ClientRequest, LineReader, MALFORMED_RESPONSE } from '../transport/line-reader.ts';
import { LineWriter } from '../transport/line-writer.ts';
import { RequestIds } from '../transport/request-ids.ts';
import { type Pressure, WriteQueue } from '../transport/write-queue.ts';
import { INTERNAL_ERROR, type WireError } from './errors.ts';
import { installRuntime } from './runtime.ts';

export type Reply = { readonly result: unknown } | { readonly error: WireError };

/**
 * How a request to the client ended; `closed` if there is no response because of a shutdown or the caller's signal.
 */
export type ClientResponse =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** Neither a result nor an error; `message` says what is wrong. */
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'closed' };

export interface ConnectionOptions {
  readonly source: ByteSource;
  readonly sink: ByteSink;
  readonly log: Logger;
  /** Answers a request of the client; must not reject. Calls `admitted` when later requests may be admitted. */
  onRequest(request: ClientRequest, admitted: () => void): Promise<Reply>;
  /** The client's input has ended and every message in it has been dispatched or queued. */
  onEnd(): void;
}

const AREA = 'rpc';
/** Reading pauses when this many requests wait for admission. */
const BACKLOG_HIGH = 256;
const BACKLOG_LOW = 64;
const CLOSED: ClientResponse = { kind: 'closed' };

export class Connection {
  readonly #log: Logger;
  readonly #source: ByteSource;
  readonly #ids = new RequestIds();
  readonly #pending = new Map<number, () => void>();
  readonly #afterReply = new Map<number, (() => void)[]>();
  readonly #queue: WriteQueue;
  readonly #reader: LineReader;
  readonly #writer: LineWriter;
  readonly #rpc: MessageConnection;
  readonly #backlog = new Set<number>();
  #paused = false;
  #requestedId = -1;
  #closing = false;
  #allAnswered: Deferred<void> | undefined;

  constructor(options: ConnectionOptions) {
    const { source, sink, log } = options;
    this.#log = log;
    this.#source = source;
    this.#queue = new WriteQueue(sink, {
      onPressure: () => this.#adjustReading(),
      onBroken: (error) => log.error(AREA, 'client-stopped-reading', { error: error.message }),
    });
    this.#reader = this.#createReader(options);
    this.#writer = new LineWriter(this.#queue, this.#ids, {
      onResponded: (requestId) => this.#responded(requestId),
      onRequestSent: (id) => {
        this.#requestedId = id;
      },
      onUnencodable: (error) => log.error(AREA, 'unencodable-message', { error }),
    });
    installRuntime(RAL);
    this.#rpc = createMessageConnection(this.#reader, this.#writer, libraryLog(log), {
      maxParallelism: Number.MAX_SAFE_INTEGER,
    });
    this.#rpc.onRequest(async (_method, params) => {
      if (!(params instanceof ClientRequest)) return new ResponseError(INTERNAL_ERROR, 'internal error');
      const reply = await options.onRequest(params, () => this.#admitted(params.requestId));
      this.#admitted(params.requestId);
      if (!('error' in reply)) return reply.result;
      return new ResponseError(reply.error.code, reply.error.message, reply.error.data);
    });
  }

  /** Starts reading. */
  listen(): void {
    this.#rpc.listen();
  }

  get pressure(): Pressure {
    return this.#queue;
  }

  /** Queues a notification. Nothing is sent to a client that is gone. */
  notify(method: string, params?: object): void {
    const sent = params === undefined ? this.#rpc.sendNotification(method) : this.#rpc.sendNotification(method, params);
    sent.catch((error: unknown) => this.#log.error(AREA, 'notification-failed', { method, error }));
  }

  /**
   * Sends a request to the client. Never rejects; on an abort it resolves with `closed`, and a late response is
   * ignored.
   */
  async request(method: string, params: object, signal: AbortSignal): Promise<ClientResponse> {
    if (signal.aborted || this.#closing) return CLOSED;
    const sent = this.#rpc.sendRequest<unknown>(method, params);
    const id = this.#requestedId;
    let abandoned = false;
    const abandon = (): void => {
      abandoned = true;
      this.#reader.abandon(id); // so that the library drops it too
    };
    this.#pending.set(id, abandon);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      return { kind: 'result', value: await sent };
    } catch (error) {
      if (abandoned) return CLOSED;
      const code = error instanceof ResponseError ? error.code : INTERNAL_ERROR;
      const message = error instanceof Error ? error.message : String(error);
      return code === MALFORMED_RESPONSE ? { kind: 'malformed', message } : { kind: 'error', code, message };
    } finally {
      this.#pending.delete(id);
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Runs `run` right after the response's line has been queued, before any other line. */
  afterReply(requestId: number, run: () => void): void {
    const list = this.#afterReply.get(requestId);
    if (list === undefined) this.#afterReply.set(requestId, [run]);
    else list.push(run);
  }

  /** Whether a request that was read has no response yet. */
  get busy(): boolean {
    return this.#ids.outstanding > 0;
  }

  /** Resolves when every request read so far is answered. */
  allAnswered(): Promise<void> {
    if (this.#ids.outstanding === 0) return Promise.resolve();
    this.#allAnswered ??= deferred();
    return this.#allAnswered.promise;
  }

  /** Stops reading; what was read is still dispatched. */
  stopReading(): void {
    this.#source.stop();
  }

  /** Settles every pending request to the client as `closed`, and every later one at once. */
  closeRequests(): void {
    this.#closing = true;
    for (const abandon of [...this.#pending.values()]) abandon();
  }

  /** Answers every pending request of the client; later results of their handlers are dropped. */
  answerRest(error: WireError): void {
    for (const id of this.#ids.unanswered()) this.#writer.writeError(id, error);
  }

  /** Resolves when everything queued is written, or the client is gone. */
  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  dispose(): void {
    this.#rpc.dispose();
  }

  #createReader({ source, log, onEnd }: ConnectionOptions): LineReader {
    return new LineReader(source, this.#ids, {
      onRequest: (requestId) => {
        this.#backlog.add(requestId);
        this.#adjustReading();
      },
      onBadLine: (line) => {
        log.error(AREA, 'bad-line', { code: line.code, reason: line.message });
        this.#writer.writeLineError(line);
      },
      onNotification: (method) => log.info(AREA, 'client-notification', { method }),
      onStrayResponse: (id) => log.warn(AREA, 'stray-answer', { id }),
      claimResponse: (id) => this.#pending.delete(id),
      onEnd,
    });
  }

  #admitted(requestId: number): void {
    if (this.#backlog.delete(requestId)) this.#adjustReading();
  }

  /** Pauses reading while the client does not read, or sends requests faster than they are admitted. */
  #adjustReading(): void {
    const limit = this.#paused ? BACKLOG_LOW : BACKLOG_HIGH;
    const pause = this.#queue.high || this.#backlog.size > limit;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#source.pause();
    else this.#source.resume();
  }

  #responded(requestId: number): void {
    const runs = this.#afterReply.get(requestId) ?? [];
    this.#afterReply.delete(requestId);
    for (const run of runs) {
      try {
        run();
      } catch (error) {
        this.#log.error(AREA, 'after-reply-failed', { error });
      }
    }
    if (this.#ids.outstanding > 0) return;
    this.#allAnswered?.resolve();
    this.#allAnswered = undefined;
  }
}

function libraryLog(log: Logger): Parameters<typeof createMessageConnection>[2] {
  return {
    error: (message) => log.error(AREA, 'connection', { message }),
    warn: (message) => log.warn(AREA, 'connection', { message }),
    info: (message) => log.info(AREA, 'connection', { message }),
    log: (message) => log.debug(AREA, 'connection', { message }),
  };
}

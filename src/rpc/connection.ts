/**
 * One client. In: bytes, and what the server wants to say. Out: requests for the router, answers for whoever asked. The
 * library keeps the pending tables and runs the requests; this file keeps what it has no notion of (the client's own
 * ids, what follows an answer, the shutdown) and is the only one that knows it.
 *
 * Requests are handed over in order, one per turn of the loop, and run concurrently. An answer to a request of ours is
 * settled the moment its line is read (that is what a finite `maxParallelism` does): no request can be ahead of it.
 */
import { createMessageConnection, type MessageConnection, RAL, ResponseError } from 'vscode-jsonrpc';
import { type Deferred, deferred } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import type { ByteSink, ByteSource } from '../transport/bytes.ts';
import { ClientRequest, LineReader, MALFORMED_ANSWER } from '../transport/line-reader.ts';
import { LineWriter } from '../transport/line-writer.ts';
import { RequestIds } from '../transport/request-ids.ts';
import { type Pressure, WriteQueue } from '../transport/write-queue.ts';
import { INTERNAL_ERROR, type WireError } from './errors.ts';
import { installRuntime } from './runtime.ts';

export type Reply = { readonly result: unknown } | { readonly error: WireError };

/** How a request to the client ended; `closed` when nobody will answer it: shutdown, or the asker's signal. */
export type ClientAnswer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** Neither a result nor an error; `message` says what is wrong. */
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'closed' };

export interface ConnectionOptions {
  readonly source: ByteSource;
  readonly sink: ByteSink;
  readonly log: Logger;
  /** Answers a request of the client; must not reject. `admitted` is called when it no longer holds up those behind it. */
  onRequest(request: ClientRequest, admitted: () => void): Promise<Reply>;
  /** The client's input has ended and every message in it has been handed over or queued. */
  onEnd(): void;
}

const AREA = 'rpc';
/** So many requests may wait to be looked at before no more are read. */
const BACKLOG_HIGH = 256;
const BACKLOG_LOW = 64;
const CLOSED: ClientAnswer = { kind: 'closed' };

export class Connection {
  readonly #log: Logger;
  readonly #source: ByteSource;
  readonly #ids = new RequestIds();
  readonly #awaited = new Map<number, () => void>();
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
      onPressure: () => this.#steerReading(),
      onBroken: (error) => log.error(AREA, 'client-stopped-reading', { error: error.message }),
    });
    this.#reader = this.#createReader(options);
    this.#writer = new LineWriter(this.#queue, this.#ids, {
      onAnswered: (requestId) => this.#answered(requestId),
      onRequested: (id) => {
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

  /** Begins reading. */
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

  /** Asks the client. Never rejects; the signal ends the waiting with `closed`, and a late answer is then ignored. */
  async request(method: string, params: object, signal: AbortSignal): Promise<ClientAnswer> {
    if (signal.aborted || this.#closing) return CLOSED;
    const asked = this.#rpc.sendRequest<unknown>(method, params);
    const id = this.#requestedId;
    let abandoned = false;
    const abandon = (): void => {
      abandoned = true;
      this.#reader.abandon(id); // so that the library forgets it too
    };
    this.#awaited.set(id, abandon);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      return { kind: 'result', value: await asked };
    } catch (error) {
      if (abandoned) return CLOSED;
      const code = error instanceof ResponseError ? error.code : INTERNAL_ERROR;
      const message = error instanceof Error ? error.message : String(error);
      return code === MALFORMED_ANSWER ? { kind: 'malformed', message } : { kind: 'error', code, message };
    } finally {
      this.#awaited.delete(id);
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Runs right after the answer's line has been queued, before anything else can be. */
  afterReply(requestId: number, run: () => void): void {
    const list = this.#afterReply.get(requestId);
    if (list === undefined) this.#afterReply.set(requestId, [run]);
    else list.push(run);
  }

  /** Whether a request that was read has no answer yet. */
  get busy(): boolean {
    return this.#ids.outstanding > 0;
  }

  /** Resolves when every request read so far is answered. */
  allAnswered(): Promise<void> {
    if (this.#ids.outstanding === 0) return Promise.resolve();
    this.#allAnswered ??= deferred();
    return this.#allAnswered.promise;
  }

  /** Stops reading; what was read is still handed over. */
  stopReading(): void {
    this.#source.stop();
  }

  /** Settles every request to the client as `closed`, and every later one at once. */
  closeRequests(): void {
    this.#closing = true;
    for (const abandon of [...this.#awaited.values()]) abandon();
  }

  /** Answers every request that has no answer yet; what their handlers still come up with is dropped. */
  answerRest(error: WireError): void {
    for (const id of this.#ids.unanswered()) this.#writer.writeError(id, error);
  }

  /** Resolves when all that was queued is written, or the client is gone. */
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
        this.#steerReading();
      },
      onBadLine: (line) => {
        log.error(AREA, 'bad-line', { code: line.code, reason: line.message });
        this.#writer.writeBadLine(line);
      },
      onNotification: (method) => log.info(AREA, 'client-notification', { method }),
      onStrayAnswer: (id) => log.warn(AREA, 'stray-answer', { id }),
      claimAnswer: (id) => this.#awaited.delete(id),
      onEnd,
    });
  }

  #admitted(requestId: number): void {
    if (this.#backlog.delete(requestId)) this.#steerReading();
  }

  /** Reads no further while the client does not read, or sends faster than its requests can be looked at. */
  #steerReading(): void {
    const limit = this.#paused ? BACKLOG_LOW : BACKLOG_HIGH;
    const pause = this.#queue.high || this.#backlog.size > limit;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#source.pause();
    else this.#source.resume();
  }

  #answered(requestId: number): void {
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

/**
 * Connection -> client. In: messages of vscode-jsonrpc, and errors for lines the library never saw. Out: lines in the
 * one queue, in the order of the calls. Owns only the spelling of messages.
 */
import { AbstractMessageWriter, Message, type MessageWriter, type ResponseMessage } from 'vscode-jsonrpc';
import { encodePieces, type LinePiece } from '../base/encoded-json.ts';
import type { BadLine } from './decode-line.ts';
import type { RequestIds } from './request-ids.ts';
import type { WriteQueue } from './write-queue.ts';

export interface LineWriterEvents {
  /** The response's line has just been queued, and nothing after it yet. */
  onResponded(requestId: number): void;
  /** A request of ours has just been queued. */
  onRequestSent(id: number): void;
  /** A result that JSON cannot hold: the client gets an internal error instead. */
  onUnencodable(error: unknown): void;
}

const INTERNAL_ERROR = '{"error":{"code":-32603,"message":"internal error"},"id":';
const JOINED_CHARS = 64 * 1024;
const DONE = Promise.resolve();

export class LineWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #queue: WriteQueue;
  readonly #ids: RequestIds;
  readonly #events: LineWriterEvents;

  constructor(queue: WriteQueue, ids: RequestIds, events: LineWriterEvents) {
    super();
    this.#queue = queue;
    this.#ids = ids;
    this.#events = events;
  }

  /**
   * Queues the message's line before it returns. Rejects if it cannot be encoded; for back-pressure use the queue's
   * `ready()`.
   */
  write(message: Message): Promise<void> {
    try {
      if (Message.isResponse(message)) this.#writeResponse(message);
      else if (Message.isRequest(message)) {
        if (typeof message.id === 'number') this.#events.onRequestSent(message.id);
        this.#pushCall(message.method, `,"id":${JSON.stringify(message.id)}`, message.params);
      } else if (Message.isNotification(message)) this.#pushCall(message.method, '', message.params);
      return DONE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends the error for a line that was no request; there is no id to name. */
  writeLineError(line: BadLine): void {
    const error = JSON.stringify({ code: line.code, message: line.message });
    this.#queue.push([`{"error":${error},"id":null}\n`]);
  }

  /** Answers a request without the library: for the shutdown, when its handler does not return. */
  writeError(requestId: number, error: { readonly code: number; readonly message: string }): void {
    this.#writeResponse({ jsonrpc: '2.0', id: requestId, error });
  }

  end(): void {}

  #pushCall(method: string, id: string, params: unknown): void {
    const head = `{"method":${JSON.stringify(method)}${id}`;
    if (params === undefined) {
      this.#queue.push([`${head}}\n`]);
      return;
    }
    this.#push(`${head},"params":`, encodePieces(params), '}\n');
  }

  #writeResponse(message: ResponseMessage): void {
    if (typeof message.id !== 'number') return;
    const idText = this.#ids.take(message.id);
    if (idText === undefined) return; // already answered by the shutdown
    const body = this.#encode(message.error ?? message.result);
    if (body === undefined) this.#queue.push([`${INTERNAL_ERROR}${idText}}\n`]);
    else if (message.error !== undefined) this.#push('{"error":', body, `,"id":${idText}}\n`);
    else this.#push(`{"id":${idText},"result":`, body, '}\n');
    this.#events.onResponded(message.id);
  }

  #encode(value: unknown): readonly LinePiece[] | undefined {
    try {
      return encodePieces(value);
    } catch (error) {
      this.#events.onUnencodable(error);
      return undefined;
    }
  }

  #push(head: string, body: readonly LinePiece[], tail: string): void {
    const [only] = body;
    // A long text is not joined, because splitting it later would copy it whole.
    const short = body.length === 1 && typeof only === 'string' && only.length < JOINED_CHARS;
    if (short) this.#queue.push([head + only + tail]);
    else this.#queue.push([head, ...body, tail]);
  }
}

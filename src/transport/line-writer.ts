/**
 * Connection -> client. In: messages of vscode-jsonrpc, and answers to lines it never saw. Out: lines in the one queue, in
 * the order of the calls. Owns nothing but the way a message is spelt.
 */
import { AbstractMessageWriter, Message, type MessageWriter, type ResponseMessage } from 'vscode-jsonrpc';
import { encodePieces, type LinePiece } from '../base/encoded-json.ts';
import type { BadLine } from './decode-line.ts';
import type { RequestIds } from './request-ids.ts';
import type { WriteQueue } from './write-queue.ts';

export interface LineWriterEvents {
  /** The answer's line has just been queued, and nothing after it yet. */
  onAnswered(requestId: number): void;
  /** A request of ours has just been queued. */
  onRequested(id: number): void;
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

  /** Queues the message's line before it returns. Rejects what cannot be encoded; back-pressure is the queue's `ready()`. */
  write(message: Message): Promise<void> {
    try {
      if (Message.isResponse(message)) this.#writeAnswer(message);
      else if (Message.isRequest(message)) {
        if (typeof message.id === 'number') this.#events.onRequested(message.id);
        this.#pushCall(message.method, `,"id":${JSON.stringify(message.id)}`, message.params);
      } else if (Message.isNotification(message)) this.#pushCall(message.method, '', message.params);
      return DONE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Answers a line that was no request; there is no id to name. */
  writeBadLine(line: BadLine): void {
    const error = JSON.stringify({ code: line.code, message: line.message });
    this.#queue.push([`{"error":${error},"id":null}\n`]);
  }

  /** Answers a request past the library: for the shutdown, when its handler does not come back. */
  writeError(requestId: number, error: { readonly code: number; readonly message: string }): void {
    this.#writeAnswer({ jsonrpc: '2.0', id: requestId, error });
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

  #writeAnswer(message: ResponseMessage): void {
    if (typeof message.id !== 'number') return;
    const idText = this.#ids.take(message.id);
    if (idText === undefined) return; // answered before, by the shutdown
    const body = this.#encode(message.error ?? message.result);
    if (body === undefined) this.#queue.push([`${INTERNAL_ERROR}${idText}}\n`]);
    else if (message.error !== undefined) this.#push('{"error":', body, `,"id":${idText}}\n`);
    else this.#push(`{"id":${idText},"result":`, body, '}\n');
    this.#events.onAnswered(message.id);
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
    // A long text is not joined: cutting the joined one later would copy it whole.
    const short = body.length === 1 && typeof only === 'string' && only.length < JOINED_CHARS;
    if (short) this.#queue.push([head + only + tail]);
    else this.#queue.push([head, ...body, tail]);
  }
}

/**
 * Client -> connection. In: bytes. Out: messages for vscode-jsonrpc, and events for everything that the library would
 * swallow, spread or answer in its own way. Owns the unfinished line.
 */
import {
  AbstractMessageReader,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
} from 'vscode-jsonrpc';
import type { ByteSource } from './bytes.ts';
import { type BadLine, decodeLine, type Incoming, oversizedLine } from './decode-line.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import type { RequestIds } from './request-ids.ts';

/** A client's request, in the place of its params: the library would lose the id and look into the params. */
export class ClientRequest {
  readonly requestId: number;
  readonly method: string;
  readonly params: unknown;

  constructor(requestId: number, method: string, params: unknown) {
    this.requestId = requestId;
    this.method = method;
    this.params = params;
  }
}

export interface LineReaderEvents {
  /** A request has been read and is about to be handed over. */
  onRequest(requestId: number): void;
  onBadLine(line: BadLine): void;
  onNotification(method: string): void;
  /** An answer whose id is none of ours, by type or value. */
  onStrayAnswer(id: number | string | null): void;
  /** Whether a request of ours with this id waits for its answer; the first to ask gets it. */
  claimAnswer(id: number): boolean;
  /** All has been read and handed over. Called once. */
  onEnd(): void;
}

/** Codes that never leave the process; no error of the client has them as numbers of this kind. */
const ABANDONED = 0;
export const MALFORMED_ANSWER = 0.5;

type Answer = Extract<Incoming, { kind: 'result' | 'error' }>;

export class LineReader extends AbstractMessageReader implements MessageReader {
  readonly #source: ByteSource;
  readonly #ids: RequestIds;
  readonly #events: LineReaderEvents;
  readonly #splitter = new LineSplitter();
  #callback: DataCallback = () => undefined;

  constructor(source: ByteSource, ids: RequestIds, events: LineReaderEvents) {
    super();
    this.#source = source;
    this.#ids = ids;
    this.#events = events;
  }

  /** Ends the waiting for an answer that nobody wants any more. */
  abandon(id: number): void {
    this.#callback(asMessage({ id, error: { code: ABANDONED, message: 'abandoned' } }));
  }

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const take = (lines: Iterable<Line>): void => {
      for (const line of lines) this.#handOver(line, callback);
    };
    this.#source.start(
      (chunk) => take(this.#splitter.push(chunk)),
      () => {
        take(this.#splitter.end());
        this.#events.onEnd();
      },
    );
    return { dispose: () => this.#source.stop() };
  }

  #handOver(line: Line, callback: DataCallback): void {
    const incoming = line.kind === 'line' ? decodeLine(line.bytes) : oversizedLine(line.sizeBytes);
    switch (incoming.kind) {
      case 'request': {
        const { method, params } = incoming;
        const id = this.#ids.accept(incoming.idText);
        this.#events.onRequest(id);
        callback(asMessage({ id, method, params: new ClientRequest(id, method, params) }));
        return;
      }
      case 'result':
      case 'error':
        this.#handOverAnswer(incoming, callback);
        return;
      case 'notification':
        // The library gives `$/cancelRequest` and its like a meaning they do not have here, and throws on odd params.
        this.#events.onNotification(incoming.method);
        return;
      case 'bad':
        this.#events.onBadLine(incoming);
        this.#endQuestion(incoming, callback);
        return;
      case 'blank':
        return;
    }
  }

  /** Whoever sent something in the place of an answer sends no other one. */
  #endQuestion({ answers: id, message }: BadLine, callback: DataCallback): void {
    if (id === undefined || !this.#events.claimAnswer(id)) return;
    callback(asMessage({ id, error: { code: MALFORMED_ANSWER, message } }));
  }

  #handOverAnswer(answer: Answer, callback: DataCallback): void {
    const { id } = answer;
    if (typeof id !== 'number' || !this.#events.claimAnswer(id)) {
      this.#events.onStrayAnswer(id);
      return;
    }
    if (answer.kind === 'result') callback(asMessage({ id, result: answer.result }));
    else callback(asMessage({ id, error: { code: answer.code, message: answer.message, data: answer.data } }));
  }
}

function asMessage<T extends object>(members: T): T & Message {
  return { jsonrpc: '2.0', ...members };
}

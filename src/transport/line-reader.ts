/**
 * Client -> connection. In: bytes. Out: messages for vscode-jsonrpc, and events for everything that the library would
 * drop, broadcast or answer in its own way. Owns the unfinished line.
 */
import {
  AbstractMessageReader,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
} from 'vscode-jsonrpc';
import { LineSplitter, type SplitLine } from '../base/line-splitter.ts';
import type { ByteSource } from './bytes.ts';
import { type BadLine, decodeLine, type Incoming, oversizedLine } from './decode-line.ts';
import type { RequestIds } from './request-ids.ts';

/** A client's request, passed in place of its params: the library would lose the id and inspect the params. */
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
  /** A request has been read and is about to be dispatched. */
  onRequest(requestId: number): void;
  onBadLine(line: BadLine): void;
  onNotification(method: string): void;
  /** A response whose id matches no request of ours, by type or value. */
  onStrayResponse(id: number | string | null): void;
  /** Whether a request of ours with this id is pending; the first call claims it. */
  claimResponse(id: number): boolean;
  /** Everything has been read and dispatched. Called once. */
  onEnd(): void;
}

/** Codes that never leave the process; no error of a client has these numbers. */
const ABANDONED = 0;
export const MALFORMED_RESPONSE = 0.5;

type IncomingResponse = Extract<Incoming, { kind: 'result' | 'error' }>;

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

  /** Ends the wait for a response that nobody needs any more. */
  abandon(id: number): void {
    this.#callback(asMessage({ id, error: { code: ABANDONED, message: 'abandoned' } }));
  }

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const take = (lines: Iterable<SplitLine>): void => {
      for (const line of lines) this.#dispatch(line, callback);
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

  #dispatch(line: SplitLine, callback: DataCallback): void {
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
        this.#dispatchResponse(incoming, callback);
        return;
      case 'notification':
        // The library gives `$/cancelRequest` and the like a meaning they do not have here, and throws on odd params.
        this.#events.onNotification(incoming.method);
        return;
      case 'bad':
        this.#events.onBadLine(incoming);
        this.#failRequest(incoming, callback);
        return;
      case 'blank':
        return;
    }
  }

  /** Fails our request: a client that sent something else as its response sends no other one. */
  #failRequest({ responseTo: id, message }: BadLine, callback: DataCallback): void {
    if (id === undefined || !this.#events.claimResponse(id)) return;
    callback(asMessage({ id, error: { code: MALFORMED_RESPONSE, message } }));
  }

  #dispatchResponse(response: IncomingResponse, callback: DataCallback): void {
    const { id } = response;
    if (typeof id !== 'number' || !this.#events.claimResponse(id)) {
      this.#events.onStrayResponse(id);
      return;
    }
    if (response.kind === 'result') callback(asMessage({ id, result: response.result }));
    else callback(asMessage({ id, error: { code: response.code, message: response.message, data: response.data } }));
  }
}

function asMessage<T extends object>(members: T): T & Message {
  return { jsonrpc: '2.0', ...members };
}

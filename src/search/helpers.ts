/**
 * Threads that read folders for an index, each at the other end of a port. Requests bypass the main thread, which may
 * be busy.
 *
 * In: ports, requests. Out: what was read. Owns the ports; a helper that ends is removed.
 */
import { type Deferred, deferred } from '../base/abort.ts';
import type { Subtrees, SubtreesRequest } from './subtrees.ts';

/** One end of a channel, such as a `MessagePort`. */
export interface Port<In, Out> {
  on(event: 'message', listener: (message: In) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: Out): void;
  close(): void;
}

/** The indexer's end of the channel to a helper. */
export type HelperPort = Port<Subtrees, SubtreesRequest>;

export interface Helpers {
  /** Current number of helpers. */
  readonly count: number;
  /** Rejects if the helper has ended. */
  read(request: SubtreesRequest): Promise<Subtrees>;
  /** Requests helpers. */
  call(): void;
}

export class PortHelpers implements Helpers {
  /** Pending requests per helper; answers arrive in the order of the requests. */
  readonly #asked = new Map<HelperPort, Deferred<Subtrees>[]>();
  readonly #onCall: () => void;
  #isCalled = false;

  constructor(onCall: () => void) {
    this.#onCall = onCall;
  }

  get count(): number {
    return this.#asked.size;
  }

  call(): void {
    if (this.#isCalled || this.count > 0) return;
    this.#isCalled = true;
    this.#onCall();
  }

  /** Adds a helper. `serveAsHelper` gets the other end of the port. */
  add(port: HelperPort): void {
    const asked: Deferred<Subtrees>[] = [];
    this.#isCalled = false;
    this.#asked.set(port, asked);
    port.on('message', (subtrees) => asked.shift()?.resolve(subtrees));
    port.on('close', () => this.#lose(port));
  }

  /** Removes all helpers, because they do not respond. */
  loseAll(): void {
    for (const port of [...this.#asked.keys()]) {
      this.#lose(port);
      port.close();
    }
  }

  #lose(port: HelperPort): void {
    const asked = this.#asked.get(port) ?? [];
    this.#asked.delete(port);
    for (const { reject } of asked) reject(new Error('a helper has ended'));
  }

  read(request: SubtreesRequest): Promise<Subtrees> {
    const [port, asked] = [...this.#asked].reduce((least, each) => (each[1].length < least[1].length ? each : least));
    const answer = deferred<Subtrees>();
    asked.push(answer);
    port.postMessage(request);
    return answer.promise;
  }
}

/** Makes a thread a helper until the port is closed, in addition to its other work. */
export function serveAsHelper(
  port: Port<SubtreesRequest, Subtrees>,
  read: (request: SubtreesRequest) => Subtrees,
): void {
  port.on('message', (request) => port.postMessage(read(request)));
}

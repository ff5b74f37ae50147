/**
 * Threads that read folders for an index, each at the other end of a port: the work does not go through the main thread,
 * which may be busy.
 *
 * In: ports, requests. Out: what was read. Owns the ports; a helper that ends takes its own away.
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
  /** How many there are by now. */
  readonly count: number;
  /** Rejects when the helper has ended. */
  read(request: SubtreesRequest): Promise<Subtrees>;
  /** Says that some would be of use. */
  call(): void;
}

export class PortHelpers implements Helpers {
  /** What each has not answered yet; answers come in the order of the requests. */
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

  /** Takes a helper in: its end of the port is given to `helpAt`. */
  add(port: HelperPort): void {
    const asked: Deferred<Subtrees>[] = [];
    this.#isCalled = false;
    this.#asked.set(port, asked);
    port.on('message', (subtrees) => asked.shift()?.resolve(subtrees));
    port.on('close', () => this.#lose(port));
  }

  /** Does without all that there are, for they do not answer. */
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

/** Makes a thread a helper, besides all that it does otherwise, until the port is closed. */
export function helpAt(port: Port<SubtreesRequest, Subtrees>, read: (request: SubtreesRequest) => Subtrees): void {
  port.on('message', (request) => port.postMessage(read(request)));
}

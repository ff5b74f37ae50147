/** A connection with a client end in the same process: text in, lines out. */

import { Connection, type Reply } from '../../src/rpc/connection.ts';
import type { ClientRequest } from '../../src/transport/line-reader.ts';
import { MemoryPipe } from '../support/memory-pipe.ts';
import { silentLogger } from '../support/silent-logger.ts';

export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

const ignored = (): void => undefined;

export class Linked implements Disposable {
  readonly toServer = new MemoryPipe();
  readonly toClient = new MemoryPipe();
  readonly connection: Connection;
  readonly lines: string[] = [];
  readonly logged: string[] = [];
  ended = false;
  #rest = '';
  #watchers = new Set<() => void>();

  constructor(onRequest: (request: ClientRequest, linked: Linked, admitted: () => void) => Promise<Reply>) {
    const note = (_area: string, event: string): void => void this.logged.push(event);
    this.connection = new Connection({
      source: this.toServer,
      sink: this.toClient,
      log: { ...silentLogger, error: note, warn: note, info: note },
      onRequest: (request, admitted) => onRequest(request, this, admitted),
      onEnd: () => {
        this.ended = true;
      },
    });
    this.toClient.start((chunk) => this.#read(Buffer.from(chunk).toString()), ignored);
    this.connection.listen();
  }

  get messages(): Message[] {
    return this.lines.map((line): Message => JSON.parse(line));
  }

  send(text: string | Uint8Array): void {
    this.toServer.write(typeof text === 'string' ? Buffer.from(text) : text, ignored);
  }

  /** Resolves when there are so many lines; the test's own time limit is what ends a wait in vain. */
  async lineCount(count: number): Promise<string[]> {
    while (this.lines.length < count) {
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve);
      });
    }
    return this.lines;
  }

  [Symbol.dispose](): void {
    this.connection.dispose();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    this.lines.push(...lines);
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

/** Some turns of the event loop, for what must not happen. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

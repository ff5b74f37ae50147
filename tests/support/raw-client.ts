/**
 * A client that knows JSON lines and nothing of our types. It starts the built server, keeps every message it reads, and waits
 * for messages by predicate; a wait that fails names what is missing and what came instead.
 *
 *   await using client = new RawClient();
 *   await client.initialize();
 *   const reply = await client.request('model/list', {});
 */
import { breachOf } from './declared.ts';
import { PATIENCE_MS } from './patience.ts';
import { ServerProcess, type StartOptions } from './server.ts';

/** A line of the server, as it came. */
export interface WireMessage {
  readonly id?: number | string | null;
  readonly method?: string;
  // The point of a raw client is to look at what no type promises.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any };
}

export type Predicate = (message: WireMessage) => boolean;

interface Waiter {
  readonly predicate: Predicate;
  readonly resolve: (message: WireMessage) => void;
}

const SHOWN_MESSAGES = 15;

export class RawClient implements AsyncDisposable {
  readonly server: ServerProcess;
  /** Everything read so far, in order. */
  readonly messages: WireMessage[] = [];
  /** The same as texts, without their newlines. */
  readonly lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #rest = '';
  #nextId = 1;
  #taken = new Set<WireMessage>();
  /** Methods of requests by id, for what answers them. */
  readonly #asked = new Map<number | string, string>();
  readonly #breaches: string[] = [];

  constructor(options: StartOptions = {}) {
    this.server = new ServerProcess(options);
    this.server.child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  get home(): string {
    return this.server.home;
  }

  /** Writes one message as a line. */
  send(message: unknown): void {
    this.#note(message);
    this.sendText(`${JSON.stringify(message)}\n`);
  }

  /** Writes text as it is. */
  sendText(text: string | Uint8Array): void {
    this.server.child.stdin.write(text);
  }

  notify(method: string, params?: unknown): void {
    this.send(params === undefined ? { method } : { method, params });
  }

  /** Sends a request and waits for its reply, result or error. */
  request(method: string, params?: unknown, limitMs?: number): Promise<WireMessage> {
    const id = this.start(method, params);
    return this.reply(id, method, limitMs);
  }

  /** Sends a request and gives its id. */
  start(method: string, params?: unknown): number {
    const id = this.#nextId++;
    this.send(params === undefined ? { method, id } : { method, id, params });
    return id;
  }

  /** The reply to a request sent with `start`. */
  reply(id: number | string, what = `request ${id}`, limitMs?: number): Promise<WireMessage> {
    return this.waitFor((message) => message.id === id && message.method === undefined, `reply to ${what}`, limitMs);
  }

  /** Sends a request that must succeed and gives its result. */
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  async call(method: string, params?: unknown, limitMs?: number): Promise<any> {
    const reply = await this.request(method, params, limitMs);
    if (reply.error !== undefined) throw new Error(`${method} failed: ${JSON.stringify(reply.error)}`);
    return reply.result;
  }

  /** The handshake, `initialized` included. */
  async initialize(params: { readonly name?: string; readonly capabilities?: unknown } = {}): Promise<WireMessage> {
    const { name = 'raw-client', ...others } = params;
    const reply = await this.request('initialize', { clientInfo: { name, title: null, version: '1.2.3' }, ...others });
    this.notify('initialized');
    return reply;
  }

  /** Answers a request of the server. */
  answer(request: WireMessage, result: unknown): void {
    this.send({ id: request.id, result });
  }

  answerError(request: WireMessage, code: number, message: string): void {
    this.send({ id: request.id, error: { code, message } });
  }

  /**
   * The first message that fits, whether it has come or is still to come. `what` stands in the error when it does not come
   * within `limitMs`.
   */
  waitFor(predicate: Predicate, what: string, limitMs = PATIENCE_MS): Promise<WireMessage> {
    const there = this.messages.find(predicate);
    return there === undefined ? this.#await(predicate, what, limitMs) : Promise.resolve(there);
  }

  /** Like `waitFor`, and no later `take` gives the same message again. */
  async take(predicate: Predicate, what: string, limitMs?: number): Promise<WireMessage> {
    const found = await this.waitFor((message) => !this.#taken.has(message) && predicate(message), what, limitMs);
    this.#taken.add(found);
    return found;
  }

  /** The next notification or server request of this method that has not been taken. */
  takeMethod(method: string, limitMs?: number): Promise<WireMessage> {
    return this.take((message) => message.method === method, method, limitMs);
  }

  /** Messages of a method so far. */
  ofMethod(method: string): WireMessage[] {
    return this.messages.filter((message) => message.method === method);
  }

  /** Stops and goes on reading the server's stdout. */
  pauseReading(): void {
    this.server.child.stdout.pause();
  }

  resumeReading(): void {
    this.server.child.stdout.resume();
  }

  /** Closes the server's stdin. */
  endInput(): void {
    this.server.child.stdin.end();
  }

  /** Also fails the test when a line was not as its declaration says. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    if (this.#breaches.length > 0) throw new Error(`not as declared:\n${this.#breaches.join('\n')}`);
  }

  #note(message: unknown): void {
    const { id, method } = Object(message) as WireMessage;
    if (id !== undefined && id !== null && method !== undefined) this.#asked.set(id, method);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message: WireMessage = JSON.parse(line);
      this.lines.push(line);
      this.messages.push(message);
      const breach = breachOf(message, this.#asked.get(message.id ?? ''));
      if (breach !== null) this.#breaches.push(breach);
      for (const waiter of this.#waiters) {
        if (!waiter.predicate(message)) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(message);
      }
    }
  }

  #await(predicate: Predicate, what: string, limitMs: number): Promise<WireMessage> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        if (this.#waiters.delete(waiter)) reject(new Error(`${what}: ${reason}\n${this.#describe()}`));
      };
      const timer = setTimeout(() => fail(`did not come within ${limitMs} ms`), limitMs);
      const waiter: Waiter = {
        predicate,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      this.#waiters.add(waiter);
      void this.server.exited.then(({ code, signal }) => fail(`server exited (code ${code}, signal ${signal})`));
    });
  }

  #describe(): string {
    const shown = this.lines.slice(-SHOWN_MESSAGES).map((line) => `  < ${line.slice(0, 300)}`);
    const stderr = this.server.stderr.trim();
    return [
      `last of ${this.lines.length} messages:`,
      ...shown,
      ...(stderr === '' ? [] : [`stderr: ${stderr.slice(-2000)}`]),
    ].join('\n');
  }
}

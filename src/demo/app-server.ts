/**
 * A client of the server under demonstration. In: requests. Out: their results, and every notification to a listener.
 * Owns the child process and its pipes; closing them ends the server.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { settledWithin } from '../base/abort.ts';
import { jsonIn } from '../base/json/parse.ts';
import { isRecord, type JsonRecord, readOrNull, record } from '../base/json/schema.ts';

export type MessageListener = (method: string, params: JsonRecord) => void;

interface Pending {
  readonly resolve: (result: JsonRecord) => void;
  readonly reject: (error: Error) => void;
}

const EXIT_LIMIT_MS = 3000;
const KEPT_STDERR_LENGTH = 4000;

export class AppServer implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<unknown>;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<MessageListener>();
  /** Rejects when the server has ended, whoever ended it. */
  readonly ended: Promise<never>;
  #nextId = 1;
  #stderr = '';

  /** `program` and `args` without the one that runs it; `env` is the child's whole environment. */
  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [program, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = once(this.#child, 'close').then(
      ([code]) => Promise.reject(new Error(`the server ended (exit code ${String(code)})`)),
      (error: unknown) => Promise.reject(new Error('the server could not be started', { cause: error })),
    );
    this.#exited = this.ended.catch(() => undefined);
    this.#child.stdin.on('error', () => undefined); // its end is reported by `close`
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_LENGTH);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#read(line));
  }

  /** The latest part of what the server wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  listen(listener: MessageListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  notify(method: string): void {
    this.#send({ method });
  }

  /** Rejects with the server's error, when the server ends, or with the signal's reason. */
  async request(method: string, params: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
    return await Promise.race([this.#ask(method, params, signal), this.ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if (await settledWithin(this.#exited, EXIT_LIMIT_MS)) return;
    this.#child.kill('SIGKILL');
    await settledWithin(this.#exited, EXIT_LIMIT_MS);
  }

  #ask(method: string, params: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
    signal.throwIfAborted();
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<JsonRecord>((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#pending.delete(id);
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const onAbort = (): void => settle(() => reject(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        resolve: (result) => settle(() => resolve(result)),
        reject: (error) => settle(() => reject(error)),
      });
      this.#send({ id, method, params });
    });
  }

  #send(message: JsonRecord): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #read(line: string): void {
    const message = readOrNull(record, jsonIn(line));
    if (message === null) return;
    const { id, method, params } = message;
    if (typeof method === 'string') {
      if (id !== undefined) this.#refuse(id, method);
      else for (const listener of this.#listeners) listener(method, isRecord(params) ? params : {});
      return;
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (isRecord(message.error)) pending?.reject(new Error(String(message.error.message)));
    else pending?.resolve(isRecord(message.result) ? message.result : {});
  }

  /** The demo's policies never ask, so whatever is asked was not foreseen. */
  #refuse(id: unknown, method: string): void {
    const decision = method.endsWith('/requestApproval') ? { result: { decision: 'decline' } } : null;
    this.#send({ id, ...(decision ?? { error: { code: -32601, message: 'the demo does not answer this' } }) });
  }
}

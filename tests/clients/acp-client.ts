/**
 * The smallest editor that an ACP adapter can talk to: starts the adapter, speaks JSON-RPC with it line by line, keeps
 * what it reports, and answers its questions by a function of the test.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PATIENCE_MS } from '../support/patience.ts';

// An adapter's messages are looked at as they come.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

export interface AcpOptions {
  /** The adapter's main file. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The result for a request that the adapter makes. */
  readonly answer: (method: string, params: Json) => Json;
}

interface Pending {
  readonly resolve: (result: Json) => void;
  readonly reject: (error: Error) => void;
}

export class AcpClient implements AsyncDisposable {
  /** The `update` of every `session/update`, in order. */
  readonly updates: Json[] = [];
  /** Methods of the requests that the adapter made, in order. */
  readonly asked: string[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<void>;
  readonly #answer: AcpOptions['answer'];
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #stderr = '';

  constructor({ program, env, cwd, answer }: AcpOptions) {
    this.#answer = answer;
    this.#child = spawn(process.execPath, [program], { env: { ...env }, cwd, stdio: 'pipe' });
    this.#exited = new Promise((resolve) => this.#child.on('close', () => resolve()));
    this.#child.stdin.on('error', () => undefined); // the adapter may go first
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    createInterface(this.#child.stdout).on('line', (line) => this.#take(JSON.parse(line)));
    void this.#exited.then(() => this.#fail('the adapter has ended'));
  }

  /** Resolves with the result; rejects with the adapter's error, or when nothing comes. */
  request(method: string, params: Json): Promise<Json> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error(`${method} was not answered; stderr: ${this.#stderr}`));
      const timer = setTimeout(late, PATIENCE_MS);
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          done(value);
        };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#send({ id, method, params });
    });
  }

  /** Closes the adapter's input, as an editor does that closes; rejects when it is still there after the limit. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the adapter did not end')), PATIENCE_MS);
    });
    await Promise.race([this.#exited, late]).finally(() => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #take(message: Json): void {
    if (message.method === undefined) {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.error === undefined) pending?.resolve(message.result);
      else pending?.reject(new Error(JSON.stringify(message.error)));
    } else if (message.id === undefined) {
      if (message.method === 'session/update') this.updates.push(message.params.update);
    } else {
      this.asked.push(message.method);
      this.#send({ id: message.id, result: this.#answer(message.method, message.params) });
    }
  }

  #send(message: object): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #fail(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(`${reason}; stderr: ${this.#stderr}`));
    this.#pending.clear();
  }
}

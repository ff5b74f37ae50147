/**
 * The measured server as the client sees it. In: requests. Out: replies, ends of turns, the number of lines. Owns the child
 * process.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ServerStart } from './contract.ts';
import { LineCounter } from './lines.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const EXIT_LIMIT_MS = 5000;
const KEPT_STDERR_LENGTH = 4000;

export class ServerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: LineCounter;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<unknown>;
  #failure: Error | null = null;
  #nextId = 1;
  #stderr = '';

  /** `onTurnCompleted` gets the thread and whether the turn was successful. */
  constructor(start: ServerStart, onTurnCompleted: (threadId: string, line: string) => void) {
    const { program, args, env, cwd } = start;
    this.#child = spawn(program, [...args], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = new LineCounter({
      onReply: (line) => this.#settle(line),
      onTurnCompleted: (line) => onTurnCompleted(/"threadId":"([^"]+)"/.exec(line)?.[1] ?? '', line),
    });
    this.#child.stdin.on('error', () => undefined); // its end is reported by `close`
    this.#child.stdout.on('data', (chunk: Buffer) => this.#lines.push(chunk));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_LENGTH);
    });
    this.#closed = once(this.#child, 'close');
    this.#closed.then(
      () => this.#fail(new Error(`the server ended: ${this.#stderr}`)),
      (error: unknown) => this.#fail(new Error('the server could not be started', { cause: error })),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get lines(): number {
    return this.#lines.count;
  }

  notify(method: string): void {
    this.#child.stdin.write(`${JSON.stringify({ method })}\n`);
  }

  /** Rejects with what the server answered instead of a result, or when it ends. */
  request(method: string, params: object): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_LIMIT_MS);
    await this.#closed.catch(() => undefined);
    clearTimeout(timer);
  }

  #settle(line: string): void {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null || !('id' in message) || typeof message.id !== 'number') return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('result' in message) waiting?.resolve(message.result);
    else waiting?.reject(new Error(line));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

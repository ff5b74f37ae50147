/** A program that stays and answers lines as an engine. Owns the child process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type Ask, decodeAnswer, encodeQuestion } from '../engines/lines-protocol.ts';
import { ANSWER_LIMIT, type RunningEngine } from './engine.ts';
import type { ServerCommand } from './server-engine.ts';

interface Waiting {
  resolve(paths: readonly string[]): void;
  reject(error: Error): void;
}

const EXIT_LIMIT_MS = 5000;

export class LinesEngine implements RunningEngine {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<unknown>;
  #failure: Error | null = null;
  #nextId = 1;

  /** Resolves when the first sign of life is answered. */
  static async start(command: ServerCommand): Promise<LinesEngine> {
    const engine = new LinesEngine(command);
    try {
      await engine.ping();
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor({ program, args, env }: ServerCommand) {
    this.#child = spawn(program, [...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => undefined); // its end is reported by `close`
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle(line));
    this.#closed = once(this.#child, 'close');
    this.#closed.then(
      () => this.#fail(new Error(`${program} ended`)),
      (error: unknown) => this.#fail(new Error(`${program} could not be started`, { cause: error })),
    );
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  search(root: string, query: string, token: string | null): Promise<readonly string[]> {
    return this.#ask({ root, query, limit: ANSWER_LIMIT, token });
  }

  async ping(): Promise<void> {
    await this.#ask(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_LIMIT_MS);
    await this.#closed.catch(() => undefined);
    clearTimeout(timer);
  }

  #ask(ask: Ask | null): Promise<readonly string[]> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(encodeQuestion({ id, ask }));
    });
  }

  #settle(line: string): void {
    try {
      const { id, paths } = decodeAnswer(line);
      this.#waiting.get(id)?.resolve(paths);
      this.#waiting.delete(id);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

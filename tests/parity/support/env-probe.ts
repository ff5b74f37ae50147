/** A server that is asked for one thing: the environment that its commands get. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Loose } from './session.ts';

const LIMIT_MS = 10_000;

export class EnvProbe implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor([file, ...args]: [string, ...string[]], env: Readonly<Record<string, string>>) {
    this.#child = spawn(file, args, { env, stdio: 'pipe' });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.resume();
  }

  /** Rejects when the server ends or takes too long. */
  async variables(): Promise<Record<string, string>> {
    const exec = { command: ['/usr/bin/env', '-0'], sandboxPolicy: { type: 'dangerFullAccess' } };
    this.#send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'probe', version: '1' } } });
    this.#send({ method: 'initialized' });
    this.#send({ id: 2, method: 'command/exec', params: exec });
    const { stdout } = await this.#answer(2);
    const pairs = String(stdout)
      .split('\0')
      .filter((pair) => pair !== '');
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #send(message: Loose): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async #answer(id: number): Promise<Loose> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT_MS);
    try {
      for await (const line of createInterface({ input: this.#child.stdout })) {
        const message = JSON.parse(line);
        if (message.id === id && message.method === undefined) return message.result;
      }
      throw new Error('the server ended without an answer');
    } finally {
      clearTimeout(timer);
    }
  }
}

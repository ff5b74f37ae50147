/**
 * A program that is started for each query as an engine. Owns the list of paths it reads, a file made with the first search of
 * a root and never renewed, and the processes of the queries in flight.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { QUERY_PLACE } from '../engines/spec.ts';
import { listFiles } from '../tree/list-files.ts';
import { ANSWER_LIMIT, type RunningEngine } from './engine.ts';
import type { ServerCommand } from './server-engine.ts';

export class FilterEngine implements RunningEngine {
  readonly pid = null;
  readonly #command: ServerCommand;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shardex-bench-list-'));
  readonly #byToken = new Map<string, ChildProcess>();
  readonly #running = new Set<Promise<unknown>>();
  #listed: string | null = null;

  constructor(command: ServerCommand) {
    this.#command = command;
    writeFileSync(this.#noFiles, '');
  }

  async search(root: string, query: string, token: string | null): Promise<readonly string[]> {
    if (this.#listed !== root) {
      writeFileSync(this.#list, listFiles(root).join('\n'));
      this.#listed = root;
    }
    return this.#run(this.#list, query, token);
  }

  /** The program's start and end, with nothing to search. */
  async ping(): Promise<void> {
    await this.#run(this.#noFiles, 'a', null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#byToken.values()) child.kill('SIGKILL');
    await Promise.allSettled(this.#running);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #list(): string {
    return join(this.#folder, 'files');
  }

  get #noFiles(): string {
    return join(this.#folder, 'no-files');
  }

  /** Reads no further than the answer is long, as a user interface would. */
  async #run(input: string, query: string, token: string | null): Promise<string[]> {
    const { program, args, env } = this.#command;
    const file = openSync(input, 'r');
    const own = args.map((argument) => argument.replaceAll(QUERY_PLACE, () => query));
    const child = spawn(program, own, { env, stdio: [file, 'pipe', 'ignore'] });
    const closed = once(child, 'close').finally(() => closeSync(file));
    const settled = closed.catch(() => undefined);
    this.#running.add(settled);
    if (token !== null) {
      this.#byToken.get(token)?.kill('SIGKILL');
      this.#byToken.set(token, child);
    }
    try {
      const paths: string[] = [];
      if (child.stdout === null) throw new Error(`${program} has no output`);
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (paths.length < ANSWER_LIMIT && line !== '') paths.push(line);
        if (paths.length === ANSWER_LIMIT) child.kill('SIGKILL');
      });
      await Promise.all([closed, once(lines, 'close')]);
      return paths;
    } finally {
      await settled;
      this.#running.delete(settled);
      if (token !== null && this.#byToken.get(token) === child) this.#byToken.delete(token);
    }
  }
}

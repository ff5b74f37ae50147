/**
 * One run of the bench: the engines, the client and the upstream they share. Workloads plant homes full of stored threads and
 * ask for servers on them, one after the other, so that nothing runs beside what is measured.
 */
import type { Remote } from 'comlink';
import type { BenchOptions } from '../bench.ts';
import type { Engine } from '../engines.ts';
import type { Effort, Measured } from '../figure.ts';
import { ClientProcess, UpstreamProcess } from '../processes.ts';
import { Scratch, serverEnv } from '../scratch.ts';
import type { ThreadClient } from './client/contract.ts';

/** One piece of work, done by all engines in turn. */
export interface ThreadWorkload {
  /** What `--only` names. */
  readonly name: string;
  measure(bench: ThreadBench): Promise<readonly Measured[]>;
}

/** A started server, as a workload sees it. */
export interface ThreadServer {
  readonly pid: number;
  /** Spawn to the reply to `initialize`. */
  readonly replyMs: number;
  call<T>(call: (client: Remote<ThreadClient>) => Promise<T>): Promise<T>;
}

export class ThreadBench implements AsyncDisposable {
  readonly #options: BenchOptions;
  readonly #upstream: UpstreamProcess;
  readonly #client: ClientProcess<ThreadClient>;

  static async open(options: BenchOptions): Promise<ThreadBench> {
    return new ThreadBench(options, await UpstreamProcess.start(options.programs));
  }

  private constructor(options: BenchOptions, upstream: UpstreamProcess) {
    this.#options = options;
    this.#upstream = upstream;
    this.#client = new ClientProcess(new URL('threads/client/client.main.js', options.programs));
  }

  /** How much of something is done, by effort. */
  amount(amounts: Readonly<Record<Effort, number>>): number {
    return amounts[this.#options.effort];
  }

  /** Calls `round` for every engine in turn, `rounds` times over. */
  async alternate(rounds: number, round: (engine: Engine, index: number) => Promise<void>): Promise<void> {
    for (let index = 0; index < rounds; index += 1) {
      this.#options.onRound(index, rounds);
      for (const engine of this.#options.engines) await round(engine, index);
    }
  }

  /** A fresh home with a configuration; to be filled by the workload, and removed when it is disposed. */
  home(): Promise<Scratch> {
    return Scratch.create(this.#upstream.baseUrl);
  }

  /** Starts the engine's server on a home, gives it to `work`, and ends it. */
  async withServer<T>(engine: Engine, scratch: Scratch, work: (server: ThreadServer) => Promise<T>): Promise<T> {
    const { program, args } = engine;
    const env = serverEnv(this.#options.env, scratch.home);
    const optOut = engine.canOptOut ? ['codex/event/*'] : [];
    const { call } = this.#client;
    try {
      const started = await call((client) => client.start({ program, args, env, cwd: scratch.workspace, optOut }));
      return await work({ ...started, call });
    } finally {
      await call((client) => client.stop());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
  }
}

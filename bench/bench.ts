/**
 * One run of the bench: the engines, the client and the upstream they share. Workloads ask it for servers; it starts each in a
 * fresh folder, one after the other, so that nothing runs beside what is measured.
 */
import type { Remote } from 'comlink';
import type { BenchClient } from './client/contract.ts';
import type { Engine } from './engines.ts';
import type { Effort } from './figure.ts';
import { ClientProcess, UpstreamProcess } from './processes.ts';
import { Scratch, serverEnv } from './scratch.ts';

export interface BenchOptions {
  readonly engines: readonly Engine[];
  readonly effort: Effort;
  /** The folder of the bench's own bundle, where its helpers lie. */
  readonly programs: URL;
  readonly env: NodeJS.ProcessEnv;
  /** Told of every round that is about to begin. */
  readonly onRound: (round: number, rounds: number) => void;
}

export type Audience = 'all events' | 'opted out of old events';

/** A started server, as a workload sees it. */
export interface RunningServer {
  readonly pid: number;
  /** Spawn to the reply to `initialize`. */
  readonly replyMs: number;
  call<T>(call: (client: Remote<BenchClient>) => Promise<T>): Promise<T>;
}

export class Bench implements AsyncDisposable {
  readonly #options: BenchOptions;
  readonly #upstream: UpstreamProcess;
  readonly #client: ClientProcess<BenchClient>;

  static async open(options: BenchOptions): Promise<Bench> {
    return new Bench(options, await UpstreamProcess.start(options.programs));
  }

  private constructor(options: BenchOptions, upstream: UpstreamProcess) {
    this.#options = options;
    this.#upstream = upstream;
    this.#client = new ClientProcess(new URL('client/client.main.js', options.programs));
  }

  /** How much of something is done, by effort. */
  amount(amounts: Readonly<Record<Effort, number>>): number {
    return amounts[this.#options.effort];
  }

  /** From spawning an empty Node program, as servers are spawned, to its end; in milliseconds. */
  async timeEmptyProgram(): Promise<number> {
    await using scratch = await Scratch.create(this.#upstream.baseUrl);
    const start = { env: serverEnv(this.#options.env, scratch.home), cwd: scratch.workspace };
    return await this.#client.call((client) => client.timeEmptyProgram(start));
  }

  /** Calls `round` for every engine in turn, `rounds` times over. */
  async alternate(rounds: number, round: (engine: Engine, index: number) => Promise<void>): Promise<void> {
    for (let index = 0; index < rounds; index += 1) {
      this.#options.onRound(index, rounds);
      for (const engine of this.#options.engines) await round(engine, index);
    }
  }

  /** Starts the engine's server, gives it to `work`, and ends it. */
  async withServer<T>(engine: Engine, audience: Audience, work: (server: RunningServer) => Promise<T>): Promise<T> {
    await using scratch = await Scratch.create(this.#upstream.baseUrl);
    const { program, args } = engine;
    const env = serverEnv(this.#options.env, scratch.home);
    const optOut = engine.canOptOut && audience === 'opted out of old events' ? ['codex/event/*'] : [];
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

/**
 * What every run of a bench has: the engines, a client and the upstream they share. Servers are started on scratch homes, one
 * after the other, so that nothing runs beside what is measured.
 */
import type { Remote } from 'comlink';
import type { EmptyProgramStart, ServerStart } from './client/contract.ts';
import type { Engine } from './engines.ts';
import type { Effort } from './figure.ts';
import type { CallClient, ClientProcess, UpstreamProcess } from './processes.ts';
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

export interface StartedServer {
  readonly pid: number;
  /** Spawn to the reply to `initialize`. */
  readonly replyMs: number;
}

/** A started server, as a workload sees it; `C` is what the client process exposes. */
export interface CalledServer<C> extends StartedServer {
  readonly call: CallClient<C>;
}

export type Audience = 'all events' | 'opted out of old events';

/** A subclass names the client, whose type must be known for it to be called. */
export abstract class EngineBench<C> implements AsyncDisposable {
  protected readonly call: CallClient<C>;
  readonly #options: BenchOptions;
  readonly #upstream: UpstreamProcess;
  readonly #client: ClientProcess<C>;

  /** Owns both processes from then on. */
  protected constructor(options: BenchOptions, upstream: UpstreamProcess, client: ClientProcess<C>) {
    this.#options = options;
    this.#upstream = upstream;
    this.#client = client;
    this.call = client.call;
  }

  protected abstract start(client: Remote<C>, request: ServerStart): Promise<StartedServer>;
  protected abstract stop(client: Remote<C>): Promise<void>;

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

  /** A fresh home with a configuration; removed when it is disposed. */
  home(): Promise<Scratch> {
    return Scratch.create(this.#upstream.baseUrl);
  }

  /** How every program that is timed is spawned. */
  protected surroundings({ home, workspace }: Scratch): EmptyProgramStart {
    return { env: serverEnv(this.#options.env, home), cwd: workspace };
  }

  /** Starts the engine's server on a home, gives it to `work`, and ends it. */
  protected async serve<T>(
    engine: Engine,
    home: Scratch,
    audience: Audience,
    work: (server: CalledServer<C>) => Promise<T>,
  ): Promise<T> {
    const { program, args } = engine;
    const optOut = engine.canOptOut && audience === 'opted out of old events' ? ['codex/event/*'] : [];
    const request = { program, args, ...this.surroundings(home), optOut };
    const { call } = this;
    try {
      const started = await call((client) => this.start(client, request));
      return await work({ ...started, call });
    } finally {
      await call((client) => this.stop(client));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
  }
}

/**
 * The process that measures, apart from the one that reports. In: what to measure. Out: times. Owns the engine that is measured,
 * one at a time.
 */
import type { EngineSpec } from '../engines/spec.ts';
import { changeFile } from './changes.ts';
import type {
  BusyRequest,
  ChangesRequest,
  EngineStart,
  MemoryRequest,
  MemoryResult,
  SearchClient,
  SearchesRequest,
  SearchesResult,
  SeenChange,
} from './contract.ts';
import type { RunningEngine } from './engine.ts';
import { FilterEngine } from './filter-engine.ts';
import { LinesEngine } from './lines-engine.ts';
import { settledMb, watchesOf } from './memory.ts';
import { Pinger } from './pinger.ts';
import { ServerEngine } from './server-engine.ts';

const BURST_TOKEN = 'bench';

export interface ClientOptions {
  /** The built module that makes a Node program collect its garbage. */
  readonly collector: URL;
  readonly env: NodeJS.ProcessEnv;
}

interface Running {
  readonly engine: RunningEngine;
  readonly root: string;
  readonly collectable: boolean;
}

export class Client implements SearchClient {
  readonly #options: ClientOptions;
  #running: Running | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async start({ spec, root, collectable }: EngineStart): Promise<number> {
    const willCollect = collectable && spec.kind !== 'filter' && spec.isNode && process.platform !== 'win32';
    const began = performance.now();
    const engine = await this.#startEngine(spec, willCollect);
    const startMs = performance.now() - began;
    this.#running = { engine, root, collectable: willCollect };
    return startMs;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.engine[Symbol.asyncDispose]();
  }

  async pings(count: number): Promise<readonly number[]> {
    const { engine } = this.#current();
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const began = performance.now();
      await engine.ping();
      times.push(performance.now() - began);
    }
    return times;
  }

  async search({ queries, budgetMs, least }: SearchesRequest): Promise<SearchesResult> {
    const { engine, root } = this.#current();
    const ms: number[] = [];
    const best: (readonly string[])[] = [];
    const until = performance.now() + budgetMs;
    for (const query of queries) {
      const began = performance.now();
      if (ms.length >= least && began > until) break;
      best.push(await engine.search(root, query, null));
      ms.push(performance.now() - began);
    }
    return { ms, best };
  }

  async burst(queries: readonly string[]): Promise<number> {
    const { engine, root } = this.#current();
    const began = performance.now();
    let lastMs = 0;
    const answers = queries.map(async (query, index) => {
      await engine.search(root, query, BURST_TOKEN);
      if (index === queries.length - 1) lastMs = performance.now() - began;
    });
    await Promise.all(answers);
    return lastMs;
  }

  async changes({ folders, budgetMs }: ChangesRequest): Promise<readonly SeenChange[]> {
    const { engine, root } = this.#current();
    const seen: SeenChange[] = [];
    const until = performance.now() + budgetMs;
    for (const folder of folders) {
      if (seen.length > 0 && performance.now() > until) break;
      seen.push(...(await changeFile(engine, root, folder)));
      if (seen.at(-1)?.seen === null) break;
    }
    return seen;
  }

  async pingsWhileBusy({ everyMs, burst, ...searches }: BusyRequest): Promise<readonly number[]> {
    const { engine } = this.#current();
    await engine.ping(); // its own first time is not what keeps it waiting
    const pinger = new Pinger(() => engine.ping(), everyMs);
    try {
      await this.search(searches);
      await this.burst(burst);
    } finally {
      pinger.stop();
    }
    return pinger.finish();
  }

  async memory({ emptyFolder, query, settlingMs }: MemoryRequest): Promise<MemoryResult | null> {
    const { engine, root, collectable } = this.#current();
    const { pid } = engine;
    if (pid === null) return null;
    await engine.search(emptyFolder, query, null);
    const before = await settledMb(pid, collectable, settlingMs);
    await engine.search(root, query, null);
    const after = await settledMb(pid, collectable, settlingMs);
    return before === null || after === null ? null : { growthMb: after - before, watches: watchesOf(pid) };
  }

  async #startEngine(spec: EngineSpec, collectable: boolean): Promise<RunningEngine> {
    const { env, collector } = this.#options;
    const flags = collectable ? ['--expose-gc', '--import', collector.href] : [];
    const command = { program: spec.program, args: [...flags, ...spec.args], env };
    switch (spec.kind) {
      case 'server':
        return ServerEngine.start(command);
      case 'lines':
        return LinesEngine.start(command);
      case 'filter':
        return new FilterEngine(command);
    }
  }

  #current(): Running {
    if (this.#running === null) throw new Error('no engine was started');
    return this.#running;
  }
}

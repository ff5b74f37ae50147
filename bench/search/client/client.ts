/**
 * The process that measures, apart from the one that reports. In: what to measure. Out: times. Owns the engine that is measured,
 * one at a time.
 */
import { Pinger } from '../../client/pinger.ts';
import { cleanEnv } from '../../scratch.ts';
import type { EngineSpec } from '../engines/spec.ts';
import { changeFile } from './changes.ts';
import type {
  BusyRequest,
  BusyResult,
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
import { ServerEngine } from './server-engine.ts';
import { TickFile } from './tick-file.ts';

const BURST_TOKEN = 'bench';

export interface ClientOptions {
  /** The folder of the built modules that are loaded into Node programs. */
  readonly preloads: URL;
  readonly env: NodeJS.ProcessEnv;
}

interface Running {
  readonly engine: RunningEngine;
  readonly root: string;
  readonly collectable: boolean;
  readonly ticks: TickFile | null;
}

export class Client implements SearchClient {
  readonly #options: ClientOptions;
  #starting: Promise<unknown> = Promise.resolve();
  #running: Running | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async start({ spec, root, preload }: EngineStart): Promise<number> {
    const loaded = spec.kind !== 'filter' && spec.isNode ? preload : null;
    const collectable = loaded === 'collector' && process.platform !== 'win32';
    const ticks = loaded === 'ticker' ? new TickFile(new URL('ticker.main.js', this.#options.preloads)) : null;
    const collector = new URL('collect.main.js', this.#options.preloads).href;
    const flags = collectable ? ['--expose-gc', '--import', collector] : (ticks?.flags ?? []);
    const began = performance.now();
    try {
      const starting = this.#startEngine(spec, flags);
      this.#starting = starting;
      const engine = await starting;
      const startMs = performance.now() - began;
      this.#running = { engine, root, collectable, ticks };
      return startMs;
    } catch (error) {
      ticks?.[Symbol.dispose]();
      throw error;
    }
  }

  /** Also an engine that is just being started, which must not be left behind. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#starting]);
    const running = this.#running;
    this.#running = null;
    try {
      await running?.engine[Symbol.asyncDispose]();
    } finally {
      running?.ticks?.[Symbol.dispose]();
    }
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

  async keepBusy({ everyMs, strokes, burst, changedFolder, ...searches }: BusyRequest): Promise<BusyResult> {
    const { engine, root, ticks } = this.#current();
    await engine.ping(); // its own first time is not what keeps it waiting
    const beganMs = Date.now();
    const pinger = new Pinger(() => engine.ping(), everyMs);
    try {
      await this.search(searches);
      await this.search({ queries: strokes, budgetMs: searches.budgetMs, least: 1 });
      await this.burst(burst);
      if (changedFolder !== null) await changeFile(engine, root, changedFolder);
    } finally {
      pinger.stop();
    }
    const pingMs = await pinger.finish();
    const endedMs = Date.now();
    await engine[Symbol.asyncDispose](); // its ticks are told when it ends
    const stallMs = ticks?.largestGapMs(beganMs, endedMs) ?? null;
    await this.stop();
    return { pingMs, stallMs };
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

  async #startEngine(spec: EngineSpec, flags: readonly string[]): Promise<RunningEngine> {
    const command = { program: spec.program, args: [...flags, ...spec.args], env: cleanEnv(this.#options.env) };
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

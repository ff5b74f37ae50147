/**
 * The pieces of work that are done with one engine in one round, in their order. The first leaves an engine running for those
 * behind it; `other` and `memory` need one that has just been started.
 */
import type { CallClient } from '../processes.ts';
import type { SearchClient } from './client/contract.ts';
import type { EngineSpec } from './engines/spec.ts';
import { keyStrokes, type QuerySet } from './queries.ts';
import type { TreeSamples } from './results.ts';
import type { Survey } from './tree/survey.ts';

/** What a step knows. */
export interface StepContext {
  readonly engine: EngineSpec;
  readonly call: CallClient<SearchClient>;
  readonly root: string;
  readonly emptyFolder: string;
  readonly survey: Survey;
  readonly queries: QuerySet;
  readonly round: number;
  /** A step begins nothing more after this time, but does a little in any case. */
  readonly budgetMs: number;
  readonly settlingMs: number;
  readonly samples: TreeSamples;
  /** The best files that this engine finds in this round, by query. */
  readonly best: Map<string, readonly string[]>;
  note(text: string): void;
}

export interface Step {
  readonly name: string;
  measure(context: StepContext): Promise<void>;
}

const COLD_STARTS = 3;
const PINGS = 50;
const LEAST_QUERIES = 3;
const BURST_QUERIES = 10;
const PING_EVERY_MS = 5;
const BUSY_QUERIES = 20;
/** Memory hardly varies. */
const MEMORY_ROUNDS = 3;
/** What `fs.watch` costs a plain Node 20 program with one listener for all, in MB; measured on Linux with 64,000 folders. */
const WATCH_MB = 0.9 / 1024;

/** Other queries come first in every round, so that an engine that does not get through them all sees most in the end. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  const from = list.length === 0 ? 0 : (round * 7) % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}

const cold: Step = {
  name: 'cold start',
  async measure({ engine, call, root, queries, round, budgetMs, samples }) {
    const until = performance.now() + budgetMs;
    const [query = 'a'] = rotated(queries.single, round);
    for (let started = 0; started < COLD_STARTS; started += 1) {
      if (started > 0 && performance.now() > until) break;
      await call((client) => client.stop());
      const startMs = await call((client) => client.start({ spec: engine, root, preload: null }));
      const { ms } = await call((client) => client.search({ queries: [query], budgetMs, least: 1 }));
      if (engine.kind !== 'filter') samples.add('start', engine.id, [startMs]);
      samples.add('cold', engine.id, ms);
    }
  },
};

const warm: Step = {
  name: 'warm queries',
  async measure(context) {
    const { engine, call, queries, round, budgetMs, samples } = context;
    samples.add('wire', engine.id, await call((client) => client.pings(PINGS)));
    const asked = rotated(queries.single, round);
    const { ms, best } = await call((client) => client.search({ queries: asked, budgetMs, least: LEAST_QUERIES }));
    samples.add('warm', engine.id, ms);
    for (const [index, query] of asked.slice(0, ms.length).entries()) {
      samples.addQuery(query, engine.id, ms[index] ?? 0);
      context.best.set(query, best[index] ?? []);
    }
  },
};

const keys: Step = {
  name: 'key strokes',
  async measure({ engine, call, queries, round, budgetMs, samples }) {
    const until = performance.now() + budgetMs;
    for (const [index, query] of rotated(queries.typed, round).entries()) {
      if (index > 0 && performance.now() > until) break;
      const strokes = keyStrokes(query);
      const { ms } = await call((client) => client.search({ queries: strokes, budgetMs, least: strokes.length }));
      samples.add('keys', engine.id, ms);
      samples.addTrace(strokes, engine.id, ms);
    }
  },
};

/** The last key strokes of the typed queries, so many that none could be answered before the next is written. */
const burstOf = ({ queries, round }: StepContext): string[] =>
  rotated(queries.typed, round).flatMap(keyStrokes).slice(-BURST_QUERIES);

const burst: Step = {
  name: 'burst',
  async measure(context) {
    const { engine, call, samples } = context;
    samples.add('burst', engine.id, [await call((client) => client.burst(burstOf(context)))]);
  },
};

const changes: Step = {
  name: 'changes',
  async measure({ engine, call, survey, round, budgetMs, samples, note }) {
    if (!engine.followsChanges) return;
    const folders = rotated(survey.sampleFolders, round).slice(0, 3);
    for (const { kind, seen } of await call((client) => client.changes({ folders, budgetMs }))) {
      if (seen === null) {
        note(`${engine.id}: no right answer after a ${kind}`);
        continue;
      }
      samples.add(kind, engine.id, [seen.answerMs]);
      samples.add('lag', engine.id, [seen.lagMs]);
    }
  },
};

const other: Step = {
  name: 'another request',
  async measure(context) {
    const { engine, call, root, survey, queries, round, budgetMs, samples } = context;
    await call((client) => client.stop());
    if (engine.kind === 'filter') return; // no process that could be kept waiting
    await call((client) => client.start({ spec: engine, root, preload: 'ticker' }));
    const asked = rotated(queries.single, round).slice(0, BUSY_QUERIES);
    const strokes = keyStrokes(rotated(queries.typed, round)[0] ?? 'a');
    const changedFolder = engine.followsChanges ? (rotated(survey.sampleFolders, round)[0] ?? null) : null;
    const request = { queries: asked, budgetMs, least: 1, strokes, burst: burstOf(context), changedFolder };
    const { pingMs, stallMs } = await call((client) => client.keepBusy({ ...request, everyMs: PING_EVERY_MS }));
    samples.add('other', engine.id, pingMs);
    if (stallMs !== null) samples.add('stall', engine.id, [stallMs]);
  },
};

const memory: Step = {
  name: 'memory',
  async measure({ engine, call, root, emptyFolder, queries, round, settlingMs, samples }) {
    await call((client) => client.stop());
    if (engine.kind === 'filter' || round >= MEMORY_ROUNDS) return;
    await call((client) => client.start({ spec: engine, root, preload: 'collector' }));
    const [query = 'a'] = queries.single;
    const result = await call((client) => client.memory({ emptyFolder, query, settlingMs }));
    if (result === null) return;
    samples.add('memory', engine.id, [result.growthMb - result.watches * WATCH_MB]);
    samples.add('growth', engine.id, [result.growthMb]);
    samples.add('watches', engine.id, [result.watches]);
  },
};

export const STEPS: readonly Step[] = [cold, warm, keys, burst, changes, other, memory];

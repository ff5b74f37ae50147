/**
 * Measures all engines in one tree: round after round, each engine in turn, one process at a time, so that nothing runs beside
 * what is measured. An engine that fails is left out from then on, with a note; the others go on.
 */
import type { CallClient } from '../processes.ts';
import type { SearchClient } from './client/contract.ts';
import type { EngineSpec } from './engines/spec.ts';
import type { QuerySet } from './queries.ts';
import { type TreeFacts, type TreeResult, TreeSamples } from './results.ts';
import { STEPS, type StepContext } from './steps.ts';
import type { Survey } from './tree/survey.ts';

export interface MeasuredTree extends TreeFacts {
  readonly root: string;
  readonly survey: Survey;
  readonly queries: QuerySet;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is about to begin. */
  readonly what: string;
}

export interface MeasureOptions {
  readonly tree: MeasuredTree;
  readonly engines: readonly EngineSpec[];
  readonly call: CallClient<SearchClient>;
  /** A folder with nothing in it. */
  readonly emptyFolder: string;
  readonly rounds: number;
  /** For each step of an engine in a round. */
  readonly budgetMs: number;
  readonly settlingMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onNote: (text: string) => void;
}

/** The best files of one round, by engine and query; the first engine first. */
type Bests = ReadonlyMap<string, Map<string, readonly string[]>>;

const COMPARED_TOP = 10;

const turned = <T>(list: readonly T[], round: number): T[] => {
  const from = round % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
};

/** How much of what the first engine finds best the others do not find. */
export function compareBests(bests: Bests, samples: TreeSamples): void {
  const [first, ...others] = bests;
  for (const [query, wanted] of first?.[1] ?? []) {
    const top = wanted.slice(0, COMPARED_TOP);
    for (const [engine, own] of top.length === 0 ? [] : others) {
      const best = own.get(query);
      if (best === undefined) continue; // not asked in time
      const found = new Set(best.slice(0, COMPARED_TOP));
      samples.add('apart', engine, [(100 * top.filter((path) => !found.has(path)).length) / top.length]);
    }
  }
}

/** When the signal is aborted, it resolves with what was measured until then. */
export async function measureTree(options: MeasureOptions): Promise<TreeResult> {
  const { tree, engines, rounds, onNote, onProgress, signal } = options;
  const samples = new TreeSamples();
  const failed = new Set<string>();
  const total = rounds * engines.length * STEPS.length;
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    const bests: Bests = new Map(engines.map(({ id }) => [id, new Map()]));
    // Each is first in its turn, so that what an engine leaves behind on the machine does not always meet the same one.
    for (const [index, engine] of turned(engines, round).entries()) {
      if (failed.has(engine.id) || signal.aborted) continue;
      const { root, survey, queries } = tree;
      const { call, emptyFolder, budgetMs, settlingMs } = options;
      const common = { engine, call, root, emptyFolder, survey, queries, round, budgetMs, settlingMs };
      const before = (round * engines.length + index) * STEPS.length;
      const context = { ...common, samples, best: bests.get(engine.id) ?? new Map(), note: onNote };
      try {
        await runSteps(context, signal, (step, what) =>
          onProgress({ done: before + step, total, what: `${tree.label}: ${engine.id}, ${what}` }),
        );
      } catch (error) {
        if (signal.aborted) continue;
        failed.add(engine.id);
        onNote(`${engine.id} failed and is left out from there on: ${error instanceof Error ? error.message : error}`);
      }
    }
    compareBests(bests, samples);
  }
  const { label, files, folders } = tree;
  return samples.result({ label, files, folders });
}

async function runSteps(
  context: StepContext,
  signal: AbortSignal,
  onStep: (index: number, name: string) => void,
): Promise<void> {
  try {
    for (const [index, step] of STEPS.entries()) {
      signal.throwIfAborted();
      onStep(index, step.name);
      await unlessAborted(step.measure(context), signal);
    }
  } finally {
    await context.call((client) => client.stop());
  }
}

/** Rejects at once when the signal is aborted; what was begun fails by itself when its engine is stopped. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  work.catch(() => undefined);
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => signal.removeEventListener('abort', onAbort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}

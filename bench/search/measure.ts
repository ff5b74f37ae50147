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

/** Rejects when the signal is aborted. */
export async function measureTree(options: MeasureOptions): Promise<TreeResult> {
  const { tree, engines, rounds, onNote, onProgress, signal } = options;
  const samples = new TreeSamples();
  const failed = new Set<string>();
  const total = rounds * engines.length * STEPS.length;
  for (let round = 0; round < rounds; round += 1) {
    const firstBest = new Map<string, readonly string[]>();
    for (const [index, engine] of engines.entries()) {
      if (failed.has(engine.id)) continue;
      const { root, survey, queries } = tree;
      const { call, emptyFolder, budgetMs, settlingMs } = options;
      const common = { engine, call, root, emptyFolder, survey, queries, round, budgetMs, settlingMs };
      const before = (round * engines.length + index) * STEPS.length;
      const context = { ...common, samples, firstBest, isFirst: index === 0, note: onNote };
      try {
        await runSteps(context, signal, (step, what) =>
          onProgress({ done: before + step, total, what: `${tree.label}: ${engine.id}, ${what}` }),
        );
      } catch (error) {
        signal.throwIfAborted();
        failed.add(engine.id);
        onNote(`${engine.id} failed and is left out from there on: ${error instanceof Error ? error.message : error}`);
      }
    }
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

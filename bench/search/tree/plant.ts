/**
 * Puts generated trees on the disk and remembers which are complete.
 *
 * In: a shape and the folder that holds generated trees. Out: the root of the tree. Owns the folder and, beside each tree,
 * a stamp that says what it is; a tree without its stamp is made anew.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PLAN_VERSION, planTree, type TreeShape } from './plan.ts';

/** What a planting thread is told. It makes the files of every `of`-th folder, beginning with number `part`. */
export interface PlantTask extends TreeShape {
  readonly root: string;
  readonly part: number;
  readonly of: number;
}

/** What it says from time to time: files made since it last spoke. */
export interface PlantNews {
  readonly made: number;
}

export interface PlantOptions {
  /** The folder for generated trees. */
  readonly folder: string;
  readonly shape: TreeShape;
  /** The built `plant.main.js`. */
  readonly program: URL;
  readonly signal: AbortSignal;
  readonly onMade: (files: number) => void;
}

const NAME = /^files-\d+-seed-\d+(\.json)?$/;
const MOST_THREADS = 8;

const nameOf = ({ files, seed }: TreeShape): string => `files-${files}-seed-${seed}`;
const stampOf = ({ files, seed }: TreeShape): string => JSON.stringify({ files, seed, version: PLAN_VERSION });

/** Throws when the folder holds anything but generated trees, so that nothing of the user's is ever mixed with them. */
export function openTreeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const other = readdirSync(folder).find((name) => !NAME.test(name));
  if (other === undefined) return;
  throw new Error(`--root: ${folder} holds other files (${other}); leave --files out to measure it as it is`);
}

/** The root of the tree, made if it is not there yet. Rejects when the signal is aborted. */
export async function plantTree({ folder, shape, program, signal, onMade }: PlantOptions): Promise<string> {
  signal.throwIfAborted();
  const root = join(folder, nameOf(shape));
  const stamp = `${root}.json`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(shape)) return root;
  rmSync(stamp, { force: true });
  rmSync(root, { recursive: true, force: true });
  for (const { path } of planTree(shape)) mkdirSync(join(root, path), { recursive: true });
  const of = Math.min(MOST_THREADS, availableParallelism());
  const parts = Array.from({ length: of }, (_, part) =>
    runPart(program, { ...shape, root, part, of }, { onMade, signal }),
  );
  await Promise.allSettled(parts); // whoever is told of an error may remove the tree
  await Promise.all(parts);
  writeFileSync(stamp, stampOf(shape));
  return root;
}

async function runPart(program: URL, task: PlantTask, { onMade, signal }: Pick<PlantOptions, 'onMade' | 'signal'>) {
  const worker = new Worker(program, { workerData: task });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  worker.on('message', ({ made }: PlantNews) => onMade(made));
  try {
    const [code]: unknown[] = await once(worker, 'exit');
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`planting ended with code ${code}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

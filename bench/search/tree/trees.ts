/** The trees of a run: those that are there, or generated ones that are removed afterwards unless they shall be kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { TreeShape } from './plan.ts';
import { openTreeFolder, plantTree } from './plant.ts';

export interface TreeChoice {
  readonly roots: readonly string[];
  readonly files: readonly number[];
  readonly seed: number;
  readonly keep: boolean;
}

interface ChosenTree {
  /** Says nothing of where it lies. */
  readonly label: string;
  /** Its root, absolute; made first where need be, telling how many files of how many there are. */
  plant(onMade: (made: number, of: number) => void, signal: AbortSignal): Promise<string>;
}

/** Disposing it removes what was generated and shall not be kept. */
export interface Grove extends Disposable {
  readonly trees: readonly ChosenTree[];
}

/** Where trees are kept for the next run when no folder is named. */
const KEPT_FOLDER = 'shardex-bench-trees';

/** `planter` is the built program of the planting threads. */
export function openTrees({ roots, files, seed, keep }: TreeChoice, planter: URL): Grove {
  if (files.length === 0) {
    const trees = roots.map((root) => ({ label: basename(resolve(root)), plant: async () => resolve(root) }));
    return { trees, [Symbol.dispose]: () => undefined };
  }
  const [named] = roots;
  const isScratch = named === undefined && !keep;
  const folder = isScratch ? mkdtempSync(join(tmpdir(), 'shardex-bench-trees-')) : resolve(named ?? keptFolder());
  openTreeFolder(folder);
  const trees = files.map((count) => generated(folder, { files: count, seed }, planter));
  return { trees, [Symbol.dispose]: () => (isScratch ? rmSync(folder, { recursive: true, force: true }) : undefined) };
}

const keptFolder = (): string => join(tmpdir(), KEPT_FOLDER);

function generated(folder: string, shape: TreeShape, program: URL): ChosenTree {
  return {
    label: `generated, seed ${shape.seed}`,
    plant: (onMade, signal) => {
      let made = 0;
      const add = (files: number): void => {
        made += files;
        onMade(made, shape.files);
      };
      return plantTree({ folder, shape, program, signal, onMade: add });
    },
  };
}

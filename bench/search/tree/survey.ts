/**
 * Looks at a tree once before it is measured: how large it is, and a sample of what it holds for queries and changes. It also
 * brings the folders into the page cache. The same tree and seed give the same sample.
 */
import { statSync } from 'node:fs';
import { Random } from '../../../tests/support/random.ts';
import { listFolders } from './list-files.ts';

export interface Survey {
  readonly files: number;
  readonly folders: number;
  /** Some files, as paths relative to the root. */
  readonly samplePaths: readonly string[];
  /** Some folders, each empty or ending in a slash. */
  readonly sampleFolders: readonly string[];
}

const SAMPLED_PATHS = 400;
const SAMPLED_FOLDERS = 50;
const GIT_FOLDER = /(^|\/)\.git\//;

/** Throws when the root is no folder or holds no file. */
export function surveyTree(root: string, seed: number): Survey {
  if (!statSync(root).isDirectory()) throw new Error(`--root: ${root} is not a folder`);
  const count = { files: 0, folders: 0 };
  const random = new Random(seed);
  const paths = new Reservoir(SAMPLED_PATHS, random);
  const folders = new Reservoir(SAMPLED_FOLDERS, random);
  for (const { path, files } of listFolders(root)) {
    count.files += files.length;
    count.folders += 1;
    if (GIT_FOLDER.test(path)) continue; // nobody looks for anything there
    folders.offer(path);
    for (const name of files) paths.offer(path + name);
  }
  if (paths.kept.length === 0) throw new Error(`--root: ${root} holds no files`);
  return { ...count, samplePaths: paths.kept, sampleFolders: folders.kept };
}

/** Keeps some of what is offered, each with the same chance. */
class Reservoir {
  readonly kept: string[] = [];
  #offered = 0;
  readonly #size: number;
  readonly #random: Random;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  offer(value: string): void {
    this.#offered += 1;
    if (this.kept.length < this.#size) {
      this.kept.push(value);
      return;
    }
    const at = this.#random.below(this.#offered);
    if (at < this.#size) this.kept[at] = value;
  }
}

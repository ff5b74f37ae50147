/**
 * What a generated tree holds: folders and file names as in a large repository, the same for the same seed.
 *
 * In: a number of files and a seed. Out: folders one after the other, parents first, each with its files. Pure; nothing is
 * kept but the folders.
 */
import { Random } from '../../../tests/support/random.ts';
import {
  ENDINGS,
  FILE_WORDS,
  FOLDERS,
  FOREIGN_WORDS,
  NAME_STYLES,
  type NameStyle,
  TOP_FOLDERS,
  USUAL_FILES,
} from './words.ts';

/** Changes whenever the same seed yields another tree. */
export const PLAN_VERSION = 1;

export interface TreeShape {
  readonly files: number;
  readonly seed: number;
}

export interface PlannedFolder {
  /** Relative to the root, ends in a slash; empty for the root itself. */
  readonly path: string;
  readonly files: readonly string[];
}

interface Folder {
  readonly path: string;
  readonly depth: number;
  readonly style: NameStyle;
  readonly endings: readonly string[];
  readonly names: Set<string>;
}

/** Files in a folder, on average. */
const FILES_A_FOLDER = 15;
const MOST_DEPTH = 12;
const TOP_FOLDERS_AT_MOST = 20;
/** One folder in so many holds ten times as much as the others, as generated code and test data do. */
const HEAVY_FOLDER_SHARE = 0.02;
const IGNORE_FILE_SHARE = 0.01;
const USUAL_FILE_SHARE = 0.4;
const FOREIGN_NAME_SHARE = 0.0005;

/** Exactly `files` files in all, ignore files included. */
export function* planTree({ files, seed }: TreeShape): Generator<PlannedFolder> {
  const random = new Random(seed);
  const folders = planFolders(Math.max(1, Math.round(files / FILES_A_FOLDER)), random);
  const weights = folders.map(() => -Math.log(1 - random.next()) * (random.chance(HEAVY_FOLDER_SHARE) ? 10 : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let seen = 0;
  let planned = 0;
  for (const [index, folder] of folders.entries()) {
    seen += weights[index] ?? 0;
    const until = index === folders.length - 1 ? files : Math.round((files * seen) / total);
    yield { path: folder.path, files: planFiles(folder, until - planned, random) };
    planned = until;
  }
}

function planFolders(count: number, random: Random): Folder[] {
  const root: Folder = { path: '', depth: 0, style: 'kebab', endings: ['.md', '.json'], names: new Set() };
  const folders = [root];
  const tops = Math.min(TOP_FOLDERS_AT_MOST, Math.ceil(count / 10));
  while (folders.length < count) {
    const parent = folders.length <= tops ? root : parentFor(folders, random);
    folders.push(newFolder(parent, random));
  }
  return folders;
}

/** Folders that are already deep are less likely to get another one inside. */
function parentFor(folders: readonly Folder[], random: Random): Folder {
  for (;;) {
    const parent = random.pick(folders);
    if (parent.depth > 0 && random.next() < (1 - parent.depth / MOST_DEPTH) ** 3) return parent;
  }
}

function newFolder(parent: Folder, random: Random): Folder {
  const words = parent.depth === 0 ? TOP_FOLDERS : FOLDERS;
  const plain = random.chance(0.7)
    ? random.pick(words)
    : joined([random.pick(FILE_WORDS), random.pick(words)], parent.style);
  const name = uniqueName(parent, plain, '');
  const path = `${parent.path}${name}/`;
  const inherited = { style: parent.style, endings: parent.endings };
  const own = parent.depth === 0 ? { style: random.pick(NAME_STYLES), endings: random.pick(ENDINGS) } : inherited;
  return { path, depth: parent.depth + 1, ...own, names: new Set() };
}

function planFiles(folder: Folder, count: number, random: Random): string[] {
  const files: string[] = [];
  const add = (stem: string, ending: string): void => {
    if (files.length < count) files.push(uniqueName(folder, stem, ending));
  };
  if (folder.depth === 0 || random.chance(IGNORE_FILE_SHARE)) add('.gitignore', '');
  if (random.chance(USUAL_FILE_SHARE)) add(random.pick(USUAL_FILES), '');
  while (files.length < count) add(fileStem(folder, random), random.pick(folder.endings));
  return files;
}

function fileStem(folder: Folder, random: Random): string {
  if (random.chance(FOREIGN_NAME_SHARE)) return random.pick(FOREIGN_WORDS);
  const words = [random.pick(FILE_WORDS)];
  if (random.chance(0.75)) words.push(random.pick(FILE_WORDS));
  if (random.chance(0.2)) words.push(random.pick(FILE_WORDS));
  if (random.chance(0.05)) words.push(String(random.below(100)));
  return joined(words, folder.style);
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function joined(words: readonly string[], style: NameStyle): string {
  switch (style) {
    case 'kebab':
      return words.join('-');
    case 'snake':
      return words.join('_');
    case 'camel':
      return words.map((word, index) => (index === 0 ? word : capital(word))).join('');
    case 'pascal':
      return words.map(capital).join('');
  }
}

/** Two names that differ in case only would be one file on some systems. */
function uniqueName(folder: Folder, stem: string, ending: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? stem + ending : `${stem}${number}${ending}`;
    const key = name.toLowerCase();
    if (folder.names.has(key)) continue;
    folder.names.add(key);
    return name;
  }
}

/**
 * Which engines take part. In: names, and commands of engines that the bench does not know. Out: how each is run, or why it is
 * absent.
 */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ourEngine, REFERENCE_PACKAGE, referenceEngine } from '../../engines.ts';
import { type AbsentEngine, ENGINE_KINDS, type EngineSpec, QUERY_PLACE } from './spec.ts';

export const BUILT_IN_ENGINES = ['shardex', 'fzf', 'reference', 'fzf-binary'] as const;
export type BuiltInEngine = (typeof BUILT_IN_ENGINES)[number];

export interface EnginePlaces {
  /** The built `main.js`. */
  readonly main: string;
  /** The folder of the built bench. */
  readonly programs: URL;
  /** Versions of installed packages. */
  readonly packages: Readonly<Record<string, string | null>>;
  readonly env: NodeJS.ProcessEnv;
}

type Finder = (places: EnginePlaces) => Promise<EngineSpec | AbsentEngine>;

export const isAbsent = (engine: EngineSpec | AbsentEngine): engine is AbsentEngine => 'reason' in engine;

/** Throws when a program that is there does not work, or when the environment names one that is not there. */
export const findEngine = (name: BuiltInEngine, places: EnginePlaces): Promise<EngineSpec | AbsentEngine> =>
  FINDERS[name](places);

const FINDERS: Readonly<Record<BuiltInEngine, Finder>> = {
  shardex: async ({ main }) => {
    const { version, program, args } = await ourEngine(main);
    return { id: 'shardex', kind: 'server', version, program, args, followsChanges: true, isNode: true };
  },
  reference: async ({ env }) => {
    const found = await referenceEngine(env);
    if (found === null) {
      return { id: 'reference', reason: `neither CODEX_REFERENCE_BIN nor ${REFERENCE_PACKAGE} unpacked` };
    }
    const { version, program, args } = found;
    return { id: 'reference', kind: 'server', version, program, args, followsChanges: true, isNode: false };
  },
  fzf: async ({ programs, packages }) => {
    const installed = packages.fzf ?? null;
    if (installed === null) return { id: 'fzf', reason: 'the package fzf is not installed' };
    const program = process.execPath;
    const args = [fileURLToPath(new URL('engines/fzf.main.js', programs))];
    const version = `fzf ${installed} (npm)`;
    return { id: 'fzf', kind: 'lines', version, program, args, followsChanges: false, isNode: true };
  },
  'fzf-binary': async ({ env }) => {
    const version = await promisify(execFile)('fzf', ['--version'], { env }).then(
      ({ stdout }) => `fzf ${stdout.trim()}`,
      () => null,
    );
    if (version === null) return { id: 'fzf-binary', reason: 'no fzf on PATH' };
    const args = ['--filter', QUERY_PLACE];
    return { id: 'fzf-binary', kind: 'filter', version, program: 'fzf', args, followsChanges: false };
  },
};

/** Words divided at blanks; a part in single or double quotes is taken as it is. Throws for a quote that has no end. */
function wordsOf(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [piece, single, double] of command.matchAll(/'([^']*)'|"([^"]*)"|\s+|[^\s'"]+|['"]/g)) {
    if (piece === "'" || piece === '"') throw new Error(`--add: a quote has no end: ${command}`);
    if (/^\s/.test(piece)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + (single ?? double ?? piece);
  }
  return word === null ? words : [...words, word];
}

/** Reads `NAME=KIND:PROGRAM ARGUMENTS`, divided at blanks outside quotes. Throws for anything else. */
export function parseAddedEngine(text: string): EngineSpec {
  const [, id, kindName, command] = /^([\w.-]+)=(\w+):\s*(\S.*)$/.exec(text) ?? [];
  const kind = ENGINE_KINDS.find((known) => known === kindName);
  if (id === undefined || command === undefined || kind === undefined) {
    throw new Error(`--add: ${text} is not NAME=KIND:COMMAND with a kind of ${ENGINE_KINDS.join(', ')}`);
  }
  const [program = '', ...args] = wordsOf(command);
  const common = { id, program, args, version: basename(program), followsChanges: true };
  return kind === 'filter'
    ? { ...common, kind }
    : { ...common, kind, isNode: /^node(\.exe)?$/.test(basename(program)) };
}

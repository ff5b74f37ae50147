/** The command line of the search bench. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { BUILT_IN_ENGINES, type BuiltInEngine, parseAddedEngine } from './engines/find.ts';
import type { EngineSpec } from './engines/spec.ts';

export interface SearchBenchArguments {
  readonly roots: readonly string[];
  /** Sizes of generated trees; empty to measure the roots as they are. */
  readonly files: readonly number[];
  readonly seed: number;
  readonly queries: string | null;
  readonly engines: readonly BuiltInEngine[];
  readonly added: readonly EngineSpec[];
  readonly rounds: number;
  readonly budgetMs: number;
  readonly settlingMs: number;
  readonly keep: boolean;
  readonly dist: string | null;
  readonly json: string | null;
  readonly report: string | null;
}

interface Given {
  readonly root: readonly string[];
  readonly files: readonly number[];
  readonly seed: number;
  readonly queries?: string;
  readonly engines: readonly BuiltInEngine[];
  readonly add: readonly EngineSpec[];
  readonly rounds: number;
  readonly budget: number;
  readonly settling: number;
  readonly keep: boolean;
  readonly dist?: string;
  readonly json?: string;
  readonly report?: string;
}

const wholeNumber = (text: string): number => {
  const number = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('not a whole number above 0');
  return number;
};

const seed = (text: string): number => (text === '0' ? 0 : wholeNumber(text));
const sizes = (text: string): number[] => text.split(',').map(wholeNumber);

function engineNames(text: string): BuiltInEngine[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const known = BUILT_IN_ENGINES.find((engine) => engine === name);
    if (known === undefined) throw new InvalidArgumentError(`${name} is not one of ${BUILT_IN_ENGINES.join(', ')}`);
    return known;
  });
}

function addEngine(text: string, before: readonly EngineSpec[]): EngineSpec[] {
  try {
    return [...before, parseAddedEngine(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** Exit code for arguments that make no sense, as usual. */
const USAGE_EXIT_CODE = 2;

const EXAMPLES = `
Examples:
  bench:search --root ~/src/linux                              a tree that is there
  bench:search --files 78000 --engines shardex,reference       a generated one
  bench:search --files 1000,10000,100000 --report out.html     time against number of files
  bench:search --files 78000 --add "mine=lines:./my-engine"    an engine of your own`;

function existing(path: string, kind: 'folder' | 'file', option: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${option}: ${path} is not there`);
  if (stats.isDirectory() !== (kind === 'folder')) throw new Error(`${option}: ${path} is not a ${kind}`);
  accessSync(path, constants.R_OK);
  return path;
}

/** A run takes minutes, so that it is said before rather than behind it. */
function writable(path: string, option: string): string {
  const folder = dirname(resolve(path));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${option}: ${path} is a folder`);
  existing(folder, 'folder', option);
  accessSync(folder, constants.W_OK);
  return path;
}

/** Why the arguments cannot be followed; null when they can. */
function complaintAbout({ root, files, add, engines, queries, json, report }: Given): string | null {
  if (root.length + files.length === 0) return 'name a tree by --root, or a size by --files';
  if (root.length > 1 && files.length > 0) return '--files takes one --root, the folder for generated trees';
  const names = [...engines, ...add.map(({ id }) => id)];
  if (names.length === 0) return 'no engine is left';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `two engines have the same name: ${twice}`;
  try {
    if (files.length === 0) for (const path of root) existing(path, 'folder', '--root');
    if (queries !== undefined) existing(queries, 'file', '--queries');
    if (json !== undefined) writable(json, '--json');
    if (report !== undefined) writable(report, '--report');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Reads `args` (without program names); prints and exits for `--help`, and with code 2 for what makes no sense. */
export function readSearchArguments(args: readonly string[]): SearchBenchArguments {
  const command = new Command('bench:search')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE))
    .showHelpAfterError('(--help lists all options)')
    .addHelpText('after', EXAMPLES)
    .description(
      'Measures file search through the wire, several engines in turn. bench/search/README.md says what figures mean.',
    )
    .option('--root <dir...>', 'trees to search; with --files the folder for generated trees, which are kept there', [])
    .option('--files <n,...>', 'search generated trees of so many files', sizes, [])
    .option('--seed <n>', 'another seed for trees and queries', seed, 1)
    .option('--queries <file>', 'one query a line, "> query" for one that is typed; made up from the tree otherwise')
    .option('--engines <names>', `of ${BUILT_IN_ENGINES.join(',')}, or none`, engineNames, [...BUILT_IN_ENGINES])
    .option('--add <name=kind:command>', 'one more engine; kinds: server, lines, filter', addEngine, [])
    .option('--rounds <n>', 'how often all engines take their turn', wholeNumber, 10)
    .option('--budget <seconds>', 'time for each step of an engine in a round', wholeNumber, 5)
    .option('--settling <ms>', 'how long an engine is left alone before its memory is read', wholeNumber, 2000)
    .option('--keep', 'leave generated trees where they are, for the next run', false)
    .option('--dist <folder>', 'the build to measure, instead of the one this program belongs to')
    .option('--json <file>', 'write all samples and summaries to this file')
    .option('--report <file>', 'write a page with tables and plots to this file')
    .parse(args, { from: 'user' });
  const given = command.opts<Given>();
  const complaint = complaintAbout(given);
  if (complaint !== null) command.error(`error: ${complaint}`);
  const { root, files, add, engines, budget, settling, ...rest } = given;
  return {
    roots: root,
    files,
    seed: rest.seed,
    queries: rest.queries ?? null,
    engines,
    added: add,
    rounds: rest.rounds,
    budgetMs: budget * 1000,
    settlingMs: settling,
    keep: rest.keep,
    dist: rest.dist ?? null,
    json: rest.json ?? null,
    report: rest.report ?? null,
  };
}

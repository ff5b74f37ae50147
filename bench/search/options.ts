/** The command line of the search bench. */
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

/** Reads `args` (without program names); prints and exits for `--help` and for what makes no sense. */
export function readSearchArguments(args: readonly string[]): SearchBenchArguments {
  const command = new Command('bench:search')
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
  const { root, files, add, engines, budget, settling, ...rest } = command.opts<Given>();
  if (root.length + files.length === 0) command.error('error: name a tree by --root, or a size by --files');
  if (root.length > 1 && files.length > 0)
    command.error('error: --files takes one --root, the folder for generated trees');
  const names = [...engines, ...add.map(({ id }) => id)];
  if (names.length === 0) command.error('error: no engine is left');
  if (new Set(names).size < names.length) command.error('error: two engines have the same name');
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

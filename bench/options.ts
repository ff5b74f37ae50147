/** The command line of the bench. */
import { Command, Option } from 'commander';
import type { Effort } from './figure.ts';

export interface BenchArguments {
  /** Names of workloads; empty for all. */
  readonly only: readonly string[];
  readonly effort: Effort;
  /** File for the report as JSON. */
  readonly json: string | null;
  /** Folder with the built `main.js`. */
  readonly dist: string | null;
  readonly reference: boolean;
}

/** Reads `args` (without program names); prints and exits for `--help` and for what makes no sense. */
export function readArguments(args: readonly string[], names: readonly string[]): BenchArguments {
  const only = new Option('--only <names...>', 'measure only these').choices(names);
  const command = new Command('bench')
    .description('Measures the built server, side by side with the reference where that is installed.')
    .addOption(only.default([]))
    .option('--quick', 'few repetitions: for a look, not for figures', false)
    .option('--smoke', 'as little as possible: shows that it works', false)
    .option('--json <file>', 'write all samples and summaries to this file')
    .option('--dist <folder>', 'the build to measure, instead of the one this program belongs to')
    .option('--no-reference', 'leave the reference out')
    .parse(args, { from: 'user' });
  const { quick, smoke, json, dist, reference, only: wanted } = command.opts<Given>();
  const effort = smoke ? 'smoke' : quick ? 'quick' : 'full';
  return { only: wanted, effort, json: json ?? null, dist: dist ?? null, reference };
}

interface Given {
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly smoke: boolean;
  readonly json?: string;
  readonly dist?: string;
  readonly reference: boolean;
}

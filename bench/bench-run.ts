/**
 * A bench as a program: what all of them do alike, whatever their workloads are.
 *
 * In: the arguments of this process (`--help`). Out: a table on stdout, a report as JSON where `--json` says. Owns the order
 * of the workloads and the progress bar; client and upstream are processes of their own.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import type { BenchOptions } from './engine-bench.ts';
import type { Measured, Workload } from './figure.ts';
import { readArguments } from './options.ts';
import { reportOf } from './report.ts';
import { openSession, type Session } from './session.ts';
import { renderTable } from './table.ts';

/** `B` is what the workloads measure with. */
export interface BenchProgram<B> {
  /** The folder of the bench's own bundle; the build it belongs to is the folder around it. */
  readonly programs: URL;
  /** In the order in which they are run. */
  readonly workloads: readonly Workload<B>[];
  open(options: BenchOptions): Promise<B>;
  /** What stands above the table. */
  headText(session: Session): string;
}

export async function runBench<B extends AsyncDisposable>(program: BenchProgram<B>): Promise<void> {
  const { programs, workloads } = program;
  const args = readArguments(
    process.argv.slice(2),
    workloads.map(({ name }) => name),
  );
  const dist = fileURLToPath(new URL('..', programs));
  // The repository: packages are looked up where the bench is run.
  const project = new URL(`file://${process.cwd()}/`);
  const session = await openSession(args, { dist, project, env: process.env });
  say(`${program.headText(session)}\n`);
  const wanted = workloads.filter(({ name }) => args.only.length === 0 || args.only.includes(name));
  const results = await measure(program, wanted, session);
  say(renderTable(results, session.absent));
  if (args.json !== null) writeFileSync(args.json, `${JSON.stringify(reportOf(session.head, results), null, 2)}\n`);
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function measure<B extends AsyncDisposable>(
  { programs, open }: BenchProgram<B>,
  workloads: readonly Workload<B>[],
  { engines, head }: Session,
): Promise<Measured[]> {
  const bar = new SingleBar({ format: '{name} {bar} {value}/{total}', clearOnComplete: true, stream: process.stderr });
  let name = '';
  await using bench = await open({
    engines,
    effort: head.effort,
    programs,
    env: process.env,
    onRound: (round, rounds) => bar.start(rounds, round, { name: name.padEnd(14) }),
  });
  const results: Measured[] = [];
  for (const workload of workloads) {
    ({ name } = workload);
    results.push(...(await workload.measure(bench)));
  }
  bar.stop();
  return results;
}

/**
 * `npm run bench:threads`: measures what our server and the reference do with stored threads, in turn, on the same files.
 *
 * In: arguments (`--help`). Out: a table on stdout, a report as JSON where `--json` says. Owns the order of the workloads;
 * the client is a process of its own, and so is the upstream.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import type { Measured } from '../figure.ts';
import { readArguments } from '../options.ts';
import { reportOf } from '../report.ts';
import { headLines, openSession, type Session } from '../session.ts';
import { renderTable } from '../table.ts';
import { WORKLOADS } from './figures/index.ts';
import { ThreadBench } from './thread-bench.ts';

const programs = new URL('..', import.meta.url);
/** The repository: packages are looked up where the bench is run. */
const project = new URL(`file://${process.cwd()}/`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function measure(only: readonly string[], { engines, head }: Session): Promise<Measured[]> {
  const bar = new SingleBar({ format: '{name} {bar} {value}/{total}', clearOnComplete: true, stream: process.stderr });
  let name = '';
  await using bench = await ThreadBench.open({
    engines,
    effort: head.effort,
    programs,
    env: process.env,
    onRound: (round, rounds) => bar.start(rounds, round, { name: name.padEnd(14) }),
  });
  const results: Measured[] = [];
  for (const workload of WORKLOADS) {
    if (only.length > 0 && !only.includes(workload.name)) continue;
    ({ name } = workload);
    results.push(...(await workload.measure(bench)));
  }
  bar.stop();
  return results;
}

const args = readArguments(
  process.argv.slice(2),
  WORKLOADS.map(({ name }) => name),
);
const dist = fileURLToPath(new URL('../..', import.meta.url));
const session = await openSession(args, { dist, project, env: process.env });
say(`${headLines(session).join('\n')}\n`);
const results = await measure(args.only, session);
say(renderTable(results, session.absent));
if (args.json !== null) writeFileSync(args.json, `${JSON.stringify(reportOf(session.head, results), null, 2)}\n`);

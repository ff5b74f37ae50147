/**
 * `npm run bench`: measures our server and the reference in turn, with the same work, client and upstream.
 *
 * In: arguments (`--help`). Out: a table on stdout, a report as JSON where `--json` says. Owns the order of the workloads and
 * nothing else; client and upstream are processes of their own.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import { Bench } from './bench.ts';
import { type Engine, ourEngine, REFERENCE_PACKAGE, referenceEngine } from './engines.ts';
import type { Measured, Series } from './figure.ts';
import { WORKLOADS } from './figures/index.ts';
import { ownVersion, packageVersions, readMachine } from './machine.ts';
import { type BenchArguments, readArguments } from './options.ts';
import { type ReportHead, reportOf } from './report.ts';
import { renderTable } from './table.ts';

const programs = new URL('.', import.meta.url);
/** Packages are looked up where the bench is run: the repository. */
const root = new URL(`file://${process.cwd()}/`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function enginesOf(args: BenchArguments): Promise<Engine[]> {
  const dist = args.dist === null ? fileURLToPath(new URL('..', programs)) : resolve(args.dist);
  const ours = await ourEngine(resolve(dist, 'main.js'));
  const reference = args.reference ? await referenceEngine(process.env) : null;
  return reference === null ? [ours] : [ours, reference];
}

function headOf(args: BenchArguments, engines: readonly Engine[]): ReportHead {
  return {
    measuredAt: new Date().toISOString(),
    effort: args.effort,
    machine: readMachine(),
    version: ownVersion(root),
    packages: packageVersions(root),
    engines,
  };
}

/** The series that a run with the reference has and this one has not. */
function absentSeries(args: BenchArguments, engines: readonly Engine[]): Series[] {
  return args.reference && engines.length < 2 ? ['reference'] : [];
}

function printHead({ machine, packages, engines }: ReportHead): void {
  const { processor, processors, memoryGb, platform, kernel, arch, node, v8 } = machine;
  say(`machine   ${processor}, ${processors} processors, ${memoryGb} GB, ${platform} ${kernel} ${arch}`);
  say(`node      ${node} (V8 ${v8})`);
  for (const { id, version } of engines) say(`${id.padEnd(9)} ${version}`);
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version ?? 'absent'}`);
  say(`packages  ${versions.join(', ')}\n`);
}

async function measure(args: BenchArguments, engines: readonly Engine[]): Promise<Measured[]> {
  const workloads = WORKLOADS.filter(({ name }) => args.only.length === 0 || args.only.includes(name));
  const bar = new SingleBar({ format: '{name} {bar} {value}/{total}', clearOnComplete: true, stream: process.stderr });
  let name = '';
  await using bench = await Bench.open({
    engines,
    effort: args.effort,
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

const args = readArguments(
  process.argv.slice(2),
  WORKLOADS.map(({ name }) => name),
);
const engines = await enginesOf(args);
const head = headOf(args, engines);
printHead(head);
const absent = absentSeries(args, engines);
if (absent.length > 0) say(`reference absent: CODEX_REFERENCE_BIN is not set and ${REFERENCE_PACKAGE} not unpacked\n`);
const results = await measure(args, engines);
say(renderTable(results, absent));
if (args.json !== null) writeFileSync(args.json, `${JSON.stringify(reportOf(head, results), null, 2)}\n`);

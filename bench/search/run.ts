/**
 * `npm run bench:search`: measures file search through the wire, several engines in turn, in trees that are there or generated.
 *
 * In: arguments (`--help`). Out: a table for each tree on stdout, JSON and a page where asked for. Owns the generated trees
 * and the order of things; what is timed happens in a client process.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import { commitOf, ownVersion, packageVersions, readMachine } from '../machine.ts';
import { ClientProcess } from '../processes.ts';
import { measuredLine } from '../session.ts';
import type { SearchClient } from './client/contract.ts';
import { findEngine, isAbsent } from './engines/find.ts';
import type { AbsentEngine, EngineSpec } from './engines/spec.ts';
import { type MeasuredTree, measureTree, type Progress } from './measure.ts';
import { readSearchArguments, type SearchBenchArguments } from './options.ts';
import { deriveQueries, parseQueries, type QuerySet } from './queries.ts';
import { jsonReport, pageData, type SearchReportHead } from './report/data.ts';
import { renderPage } from './report/html.ts';
import type { TreeResult } from './results.ts';
import { renderTree } from './table.ts';
import { surveyTree } from './tree/survey.ts';
import { type Grove, openTrees } from './tree/trees.ts';

const programs = new URL('.', import.meta.url);
/** The repository: packages and the page's source are looked up where the bench is run. */
const project = new URL(`file://${process.cwd()}/`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Found {
  readonly engines: readonly EngineSpec[];
  readonly absent: readonly AbsentEngine[];
}

async function findEngines({ engines, added, dist }: SearchBenchArguments): Promise<Found> {
  const folder = dist === null ? fileURLToPath(new URL('../..', programs)) : resolve(dist);
  const places = { main: join(folder, 'main.js'), programs, packages: packageVersions(project), env: process.env };
  const found = await Promise.all(engines.map((name) => findEngine(name, places)));
  const present = found.flatMap((engine) => (isAbsent(engine) ? [] : [engine]));
  return { engines: [...present, ...added], absent: found.filter(isAbsent) };
}

function printHead(head: SearchReportHead): void {
  const { machine, engines, absent } = head;
  const { processor, processors, memoryGb, platform, kernel, arch, node, v8 } = machine;
  say(`measured    ${measuredLine(head)}`);
  say(`machine     ${processor}, ${processors} processors, ${memoryGb} GB, ${platform} ${kernel} ${arch}`);
  say(`node        ${node} (V8 ${v8})`);
  for (const { id, version } of engines) say(`${id.padEnd(11)} ${version}`);
  for (const { id, reason } of absent) say(`${id.padEnd(11)} absent: ${reason}`);
  say('');
}

/** One line at the bottom of the terminal, told only between two measurements. */
class ProgressLine implements Disposable {
  readonly #bar = new SingleBar({
    format: '{bar} {percentage}% {what}',
    clearOnComplete: true,
    gracefulExit: false, // an interrupt cleans up more than the line
    stream: process.stderr,
  });
  #started = false;

  show({ done, total, what }: Progress): void {
    if (this.#started) this.#bar.setTotal(total);
    else this.#bar.start(total, done, { what });
    this.#started = true;
    this.#bar.update(done, { what });
  }

  hide(): void {
    if (this.#started) this.#bar.stop();
    this.#started = false;
  }

  [Symbol.dispose](): void {
    this.hide();
  }
}

/** Everything that engines and the client put aside, so that nothing of it is left however the run ends. */
class RunScratch implements Disposable {
  readonly emptyFolder: string;
  /** What makes programs put their temporary files there. */
  readonly env: NodeJS.ProcessEnv;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shardex-bench-run-'));

  constructor() {
    this.emptyFolder = join(this.#folder, 'empty');
    mkdirSync(this.emptyFolder);
    this.env = { TMPDIR: this.#folder, TEMP: this.#folder, TMP: this.#folder };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Run {
  readonly args: SearchBenchArguments;
  readonly engines: readonly EngineSpec[];
  readonly grove: Grove;
  readonly queries: QuerySet | null;
  readonly signal: AbortSignal;
  note(text: string): void;
}

async function measureAll({ args, engines, grove, queries, signal, note }: Run): Promise<TreeResult[]> {
  using scratch = new RunScratch();
  const env = { ...process.env, ...scratch.env };
  await using client = new ClientProcess<SearchClient>(new URL('client/client.main.js', programs), env);
  using line = new ProgressLine();
  const results: TreeResult[] = [];
  const { rounds, budgetMs, settlingMs, seed } = args;
  const { emptyFolder } = scratch;
  for (const { label, plant } of grove.trees) {
    const onMade = (made: number, of: number): void =>
      line.show({ done: made, total: of, what: `${label}: generating` });
    const root = await plant(onMade, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      return null; // other trees may have been measured before
    });
    line.hide();
    if (root === null) break;
    const survey = surveyTree(root, seed);
    const own = queries ?? deriveQueries(survey.samplePaths, seed);
    const { files, folders } = survey;
    const tree: MeasuredTree = { label, root, survey, queries: own, files, folders };
    const common = { tree, engines, emptyFolder, rounds, budgetMs, settlingMs, signal, call: client.call };
    const onProgress = (progress: Progress): void => line.show(progress);
    const result = await measureTree({ ...common, onProgress, onNote: (text) => note(`${label}: ${text}`) });
    line.hide();
    say(
      `${renderTree(
        result,
        engines.map(({ id }) => id),
      )}\n`,
    );
    results.push(result);
    if (!signal.aborted) continue;
    note(`${label}: the run was ended early`);
    break;
  }
  return results;
}

async function main(args: SearchBenchArguments, signal: AbortSignal): Promise<void> {
  const queries = args.queries === null ? null : parseQueries(readFileSync(args.queries, 'utf8'));
  const { engines, absent } = await findEngines(args);
  if (engines.length === 0) throw new Error('none of the engines is there');
  const notes: string[] = [];
  const { seed, rounds, budgetMs } = args;
  const head: SearchReportHead = {
    measuredAt: new Date().toISOString(),
    machine: readMachine(),
    version: ownVersion(project),
    commit: commitOf(args.dist ?? fileURLToPath(programs)),
    packages: packageVersions(project),
    engines: engines.map(({ id, version, kind }) => ({ id, version, kind })),
    absent,
    seed,
    rounds,
    budgetMs,
    queries: queries === null ? 'made up from the tree' : 'from a file',
    notes,
  };
  printHead(head);
  using grove = openTrees(args, new URL('tree/plant.main.js', programs));
  const results = await measureAll({ args, engines, grove, queries, signal, note: (text) => void notes.push(text) });
  for (const text of notes) say(`note: ${text}`);
  if (args.json !== null) writeFileSync(args.json, `${JSON.stringify(jsonReport(head, results), null, 1)}\n`);
  if (args.report !== null) writeFileSync(args.report, await renderPage(pageData(head, results), project));
  signal.throwIfAborted();
}

const interrupted = new AbortController();
let signalNumber = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    signalNumber = constants.signals[name];
    interrupted.abort(new Error(`ended by ${name}`));
  });
}
try {
  await main(readSearchArguments(process.argv.slice(2)), interrupted.signal);
} catch (error) {
  process.stderr.write(`bench:search: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = interrupted.signal.aborted ? 128 + signalNumber : 1;
}

/**
 * Runs the built test files, several at a time, and prints one line per failure and a closing `N passed, N failed`. Each file is a
 * process with an environment that is the same for everybody; a file that is stuck is ended with all that it has started.
 *
 *   node dist/tests/run.js [--suite smoke|parity|soak] [--slowest N] [--limit-ms N] [part of a file name …]
 *
 * In: the files below the folder of this one. Out: exit code 1 when anything failed or nothing ran, 130 or 143 after a signal.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { referenceVariables, Surroundings } from './support/surroundings.ts';
import { runTestFile, type TestFileResult } from './support/test-file.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { suite: { type: 'string' }, slowest: { type: 'string', default: '0' }, 'limit-ms': { type: 'string' } },
});

/** Long runs and comparisons with the reference live in folders of their own, out of the everyday run. */
const SUITES_APART = ['parity', 'soak'];
const LIMIT_MS = 600_000;
/** What takes longest begins first, so that it does not run alone in the end. */
const LONGEST = [
  'build/mishaps',
  'cli/ending',
  'build/build',
  'attack/dead-folders',
  'attack/model-feeds',
  'cli/stuck',
  'bench/search/run',
  'attack/faults-in-workers',
  'attack/approved-files',
  'account/no-phone-home',
];
const LIMIT_APART_MS = 3_600_000;

function belongs(file: string): boolean {
  const [folder = ''] = file.split('/');
  const isInSuite = values.suite === undefined ? !SUITES_APART.includes(folder) : folder === values.suite;
  return isInSuite && (positionals.length === 0 || positionals.some((part) => file.includes(part)));
}

function placeOf(file: string): number {
  const place = LONGEST.indexOf(file.replace('.test.js', ''));
  return place === -1 ? LONGEST.length : place;
}

const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.test.js') && belongs(file))
  .sort()
  .sort((a, b) => placeOf(a) - placeOf(b));

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function runAll(signal: AbortSignal): Promise<TestFileResult[]> {
  process.umask(0o022);
  using surroundings = new Surroundings(fileURLToPath(new URL('..', import.meta.url)), process.env);
  const { scratch } = surroundings;
  const env = { ...surroundings.env, ...(values.suite === 'parity' ? referenceVariables(process.env) : {}) };
  const reporter = new URL('support/event-reporter.main.js', import.meta.url).href;
  const limitMs = Number(values['limit-ms'] ?? (SUITES_APART.includes(values.suite ?? '') ? LIMIT_APART_MS : LIMIT_MS));
  const results: TestFileResult[] = [];
  const waiting = files.entries();
  const runOneByOne = async (): Promise<void> => {
    for (const [id, file] of waiting) {
      if (signal.aborted) return;
      const result = await runTestFile({ path: join(here, file), reporter, env, scratch, limitMs }, id, signal);
      if (!signal.aborted) report(result);
      results.push(result);
    }
  };
  // Most tests wait for a process now and then: one more than there are processors keeps them busy.
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, runOneByOne));
  return results;
}

function report({ path, ends, problem }: TestFileResult): void {
  for (const { name, error } of ends.filter(({ passed, isFrame }) => !passed && !isFrame)) {
    say(`FAILED ${name}\n  ${path}\n${String(error).replaceAll(/^/gm, '  ')}`);
  }
  if (problem !== null) say(`FAILED ${relative(here, path)}\n  ${path}\n  the file ${problem}`);
}

function summarise(results: readonly TestFileResult[]): void {
  const slowest = results.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, Number(values.slowest));
  for (const { path, durationMs } of slowest) say(`${(durationMs / 1000).toFixed(1)} s ${relative(here, path)}`);
  const counted = results.flatMap(({ ends }) => ends).filter(({ isFrame }) => !isFrame);
  const passed = counted.filter((end) => end.passed).length;
  const failed = counted.length - passed + results.filter(({ problem }) => problem !== null).length;
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    interrupted.abort();
  });
}
// Whoever read the results is gone: nobody is left to run for.
process.stdout.on('error', () => {
  process.exitCode ??= 1;
  interrupted.abort();
});
const results = await runAll(interrupted.signal);
if (!interrupted.signal.aborted) summarise(results);

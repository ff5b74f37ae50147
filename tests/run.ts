/**
 * Runs the built test files with Node's own runner, several processes at a time, and prints one line per failure
 * and a closing `N passed, N failed`.
 *
 *   node dist/tests/run.js [--suite parity|soak] [part of a file name …]
 *
 * In: the files below dist/tests. Out: exit code 1 when anything failed or nothing ran.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { suite: { type: 'string' } } });

/** Long runs and comparisons with the reference live in folders of their own, out of the everyday run. */
const SUITES = ['parity', 'soak'];

const belongs = (file: string): boolean => {
  const suite = SUITES.find((name) => file.startsWith(`${name}/`));
  return suite === values.suite && (positionals.length === 0 || positionals.some((part) => file.includes(part)));
};

const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && belongs(file))
  .sort();

// Tests that start the real process find it beside themselves, wherever the build went.
process.env.SHARDEX_DIST = fileURLToPath(new URL('..', import.meta.url));

// Everything tests talk to is on this machine, where a proxy of the user's would not find it.
for (const name of Object.keys(process.env)) if (/^(https?|all|no)_proxy$/i.test(name)) delete process.env[name];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Finished {
  readonly name: string;
  readonly file?: string | undefined;
  readonly details: { readonly duration_ms: number; readonly type?: string | undefined; readonly error?: Error };
}

let passed = 0;
let failed = 0;
// A suite or a file is only the frame around tests, unless it broke by itself (a crash, a failing hook).
const isFrame = (test: Finished): boolean =>
  test.details.type === 'suite' || (test.file !== undefined && test.name === test.file);

const stream = run({
  files: files.map((file) => join(here, file)),
  concurrency: Math.max(2, availableParallelism()),
  timeout: values.suite === undefined ? 120_000 : 3_600_000,
});
stream.on('test:pass', (test: Finished) => {
  if (!isFrame(test)) passed += 1;
});
stream.on('test:fail', (test: Finished) => {
  const cause = test.details.error?.cause;
  const subtestsOnly = String(test.details.error?.message).includes('subtest');
  if (isFrame(test) && subtestsOnly) return;
  failed += 1;
  say(`FAILED ${test.name}\n  ${test.file ?? ''}`);
  say(String(cause instanceof Error ? cause.stack : (cause ?? test.details.error?.stack)).replaceAll(/^/gm, '  '));
});
stream.on('test:stderr', ({ message }: { message: string }) => process.stderr.write(message));
stream.on('end', () => {
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});
stream.resume();

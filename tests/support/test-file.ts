/**
 * One test file as a process that leads a group of its own. In: the built file and its environment. Out: the tests that have ended.
 * Owns the process and everything that it starts: when `runTestFile` has resolved, nothing of it runs any more.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestEnd } from './event-reporter.main.ts';
import { endFamily, FAMILY_VARIABLE } from './process-family.ts';

export interface TestFile {
  /** Absolute path of the built file. */
  readonly path: string;
  /** The address of the built `event-reporter.main.ts`. */
  readonly reporter: string;
  readonly env: NodeJS.ProcessEnv;
  /** A folder for lists of results. */
  readonly scratch: string;
  readonly limitMs: number;
}

export interface TestFileResult {
  readonly path: string;
  readonly durationMs: number;
  readonly ends: readonly TestEnd[];
  /** What is wrong with the file as a whole; null when its tests say all. */
  readonly problem: string | null;
}

/** Resolves also when the file is stuck: after its limit, or when `signal` is aborted. */
export async function runTestFile(file: TestFile, id: number, signal: AbortSignal): Promise<TestFileResult> {
  const family = `${process.pid}-${id}`;
  const list = join(file.scratch, `${id}-${basename(file.path)}.jsonl`);
  const reporter = ['--test-reporter', file.reporter, '--test-reporter-destination', list];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...reporter, file.path], {
    env: { ...file.env, [FAMILY_VARIABLE]: family },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (text: Buffer) => process.stderr.write(text));
  const pid = child.pid ?? 0;
  let timedOut = false;
  const end = (): void => endFamily(pid, family);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, file.limitMs);
  signal.addEventListener('abort', end, { once: true });
  const [code, endedBy]: readonly [number | null, string | null] = await once(child, 'exit').then(
    ([exitCode, exitSignal]) => [exitCode, exitSignal],
  );
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  end(); // what it has left running
  child.stderr.destroy();
  const ends = endsIn(list);
  const how = timedOut
    ? `did not end within ${file.limitMs / 1000} s`
    : `ended with ${endedBy === null ? `exit code ${code}` : endedBy}`;
  const isTold = ends.some(({ passed }) => !passed) ? code === 1 : code === 0 && ends.length > 0;
  return { path: file.path, durationMs: performance.now() - startedMs, ends, problem: isTold ? null : how };
}

/** A process that was killed may have written half of its last line, or no list at all. */
function endsIn(list: string): TestEnd[] {
  let text: string;
  try {
    text = readFileSync(list, 'utf8');
  } catch {
    return [];
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line): TestEnd => JSON.parse(line));
}

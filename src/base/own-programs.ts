/**
 * The one place that starts processes. What we start for ourselves is named by an absolute path (`program-places.ts` finds
 * it) and gets an environment that says what it needs and nothing else; a command of the user or the model is started as it
 * is said, in the environment that is meant for it.
 */
import {
  type ChildProcess,
  type ChildProcessByStdio,
  type ExecFileException,
  execFile,
  execFileSync,
  type SpawnOptions,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
  spawn,
} from 'node:child_process';
import { isAbsolute } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Env } from './paths.ts';

/** `env` is the whole environment. */
type Own<Options> = Options & { readonly env: Env };

/** Starts a program of ours. Throws a TypeError for another path, and what spawning throws. */
export function startProgram(
  program: string,
  args: readonly string[],
  options: Own<SpawnOptionsWithStdioTuple<StdioPipe, StdioPipe, StdioNull>>,
): ChildProcessByStdio<Writable, Readable, null>;
export function startProgram(
  program: string,
  args: readonly string[],
  options: Own<SpawnOptionsWithStdioTuple<StdioPipe, StdioNull, StdioNull>>,
): ChildProcessByStdio<Writable, null, null>;
export function startProgram(program: string, args: readonly string[], options: Own<SpawnOptions>): ChildProcess;
export function startProgram(program: string, args: readonly string[], options: Own<SpawnOptions>): ChildProcess {
  return spawn(placed(program), args, { windowsHide: true, ...options });
}

export interface RunOptions {
  readonly env: Env;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/** What a program of ours prints, and the process, which can be ended. Rejects when it fails, prints too much or takes too long. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: Promise<string>;
}

/** Runs a program of ours. Throws like `startProgram`. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Running {
  const { env, cwd, timeoutMs = 0, maxOutputBytes, signal } = options;
  const settings = {
    env,
    cwd,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
    ...(maxOutputBytes === undefined ? {} : { maxBuffer: maxOutputBytes }),
    ...(signal === undefined ? {} : { signal }),
  } as const;
  let done: (error: ExecFileException | null, text: string) => void;
  const output = new Promise<string>((resolve, reject) => {
    done = (error, text) => (error === null ? resolve(text) : reject(error));
  });
  return { child: execFile(placed(program), args, settings, (error, text) => done(error, text)), output };
}

/** The same, waiting; for programs that do nothing else meanwhile. Its output is dropped. */
export function runProgramSync(program: string, args: readonly string[], options: { env: Env; cwd: string }): void {
  execFileSync(placed(program), args, { ...options, stdio: 'pipe' });
}

/** Starts what a user or a model asked for, found as its own environment says. */
export const startCommand = (program: string, args: readonly string[], options: Own<SpawnOptions>): ChildProcess =>
  spawn(program, args, options);

function placed(program: string): string {
  if (isAbsolute(program)) return program;
  throw new TypeError(`a program of ours needs an absolute path: ${program}`);
}

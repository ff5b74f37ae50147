/** The built server as a process of its own, with a scratch CODEX_HOME that goes away with it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PATIENCE_MS } from './patience.ts';

export interface StartOptions {
  /** The script to start; by default `main.js` of the build under test. */
  readonly program?: string;
  /** Arguments behind it. */
  readonly args?: readonly string[];
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A CODEX_HOME that the test owns; by default a fresh folder. */
  readonly home?: string;
  readonly cwd?: string;
  /** Words in front of the command line, e.g. of a program that mounts something for it. */
  readonly inFront?: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The folder of the build under test. */
export function distFolder(): string {
  const dist = process.env.SHARDEX_DIST;
  if (dist === undefined)
    throw new Error('SHARDEX_DIST must name the folder with main.js: start tests by tests/run.js');
  return dist;
}

/** The folder with the launchers of the build: `dist`, unless it was built elsewhere. */
export const launchersFolder = (): string => join(distFolder(), '..', '..');

/** For `NODE_OPTIONS` of a server whose own time-outs are not to pass, however slow a machine is. */
export const patientTimers = (): string =>
  `--import=${pathToFileURL(join(distFolder(), 'tests', 'support', 'patient-timers.main.js')).href}`;

/** Ours would change what the server does. */
function cleanEnv(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(CODEX_|OPENAI_|RUST_LOG|SHARDEX_LOG|NODE_TEST)/.test(name),
  );
  return Object.fromEntries(kept);
}

export class ServerProcess implements AsyncDisposable {
  readonly home: string;
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<Exit>;
  #stderr = '';
  readonly #ownsHome: boolean;

  constructor(options: StartOptions = {}) {
    this.#ownsHome = options.home === undefined;
    this.home = options.home ?? mkdtempSync(join(tmpdir(), 'shardex-home-'));
    const main = options.program ?? join(distFolder(), 'main.js');
    const words = [...(options.inFront ?? []), process.execPath, main, ...(options.args ?? [])];
    const [program = process.execPath, ...args] = words;
    this.child = spawn(program, args, {
      env: { ...cleanEnv(), CODEX_HOME: this.home, ...options.env },
      cwd: options.cwd ?? this.home,
      stdio: 'pipe',
    });
    this.child.stdin.on('error', () => undefined); // the server may go first
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the exit, or rejects when the process is still there after `limitMs`. */
  async exit(limitMs = PATIENCE_MS): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`still running after ${limitMs} ms; stderr: ${this.#stderr}`)),
        limitMs,
      );
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    this.child.stdout.resume();
    await this.exited;
    if (this.#ownsHome) rmSync(this.home, { recursive: true, force: true });
  }
}

/**
 * flock(2), which Node does not have, by the system's program of that name: it sets a lock through a descriptor that it inherits
 * and leaves with us. The lock is gone when the descriptor is closed, however that comes about.
 *
 * In: a descriptor. Out: what became of its lock. To start a process costs a server more than the lock does, so those who ask
 * while one runs share the next: a shell, which starts `flock` for each of its descriptors and says how that ended. A descriptor
 * whose lock does not answer in time is given up; those behind it are tried again.
 */
import { isAbsolute } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { isNotFound } from '../base/os-error.ts';
import { startProgram } from '../base/own-programs.ts';
import { posixGroups } from '../base/process-groups.ts';
import { findProgram } from '../base/program-places.ts';
import { timerMs } from '../base/timers.ts';

/** `none`: there is no lock to be had on this file or this machine. */
export type FlockOutcome = 'locked' | 'held' | 'none';

export interface FlockOptions {
  /** `SHARDEX_FLOCK`, an absolute path, or else `PATH` says where `flock` is. */
  readonly env: Readonly<Record<string, string>>;
  readonly warn: Logger['warn'];
  /** For one lock. */
  readonly limitMs?: number;
}

/** A file system that does not answer is one without locks. */
const LIMIT_MS = 5_000;
const MOST_AT_ONCE = 64;
/** Descriptors before these are those of every process. */
const FIRST_FD = 3;
const SCRIPT = 'flock=$1; shift; for fd do "$flock" -n "$fd"; echo $?; done';

/** Names the program where it is not on PATH. */
const PROGRAM_VARIABLE = 'SHARDEX_FLOCK';

const LOCKED = 0;
/** Somebody else's. */
const HELD = 1;
/** What a shell says when it cannot run a program, or finds none. */
const NOT_RUN: ReadonlySet<number> = new Set([126, 127]);

interface LockWaiter {
  readonly fd: number;
  readonly resolve: (outcome: FlockOutcome) => void;
}

export class Flock {
  readonly #options: FlockOptions;
  #waiting: LockWaiter[] = [];
  #isRunning = false;
  #isMissing = false;

  constructor(options: FlockOptions) {
    this.#options = options;
  }

  /** Whether this machine is known to have no such program. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** `fd` must stay open until this resolves. Never rejects. */
  lock(fd: number): Promise<FlockOutcome> {
    return new Promise((resolve) => {
      this.#waiting.push({ fd, resolve });
      if (!this.#isRunning) setImmediate(() => this.#next());
      this.#isRunning = true;
    });
  }

  #next(): void {
    const batch = this.#waiting.splice(0, MOST_AT_ONCE);
    this.#isRunning = batch.length > 0;
    if (this.#isRunning) void this.#run(batch).then(() => this.#next());
  }

  async #run(batch: readonly LockWaiter[]): Promise<void> {
    const left = [...batch];
    const program = this.#isMissing ? undefined : this.#found();
    const problem =
      program === undefined
        ? null
        : await lockEach({ program, limitMs: this.#options.limitMs, fds: batch.map(({ fd }) => fd) }, (code) => {
            left.shift()?.resolve(this.#outcomeOf(code));
          });
    if (isNotFound(problem)) this.#lose(messageOf(problem));
    const unanswered = left.shift();
    if (unanswered === undefined) return;
    if (!this.#isMissing) this.#warn({ reason: messageOf(problem) });
    unanswered.resolve('none');
    this.#waiting.unshift(...left);
  }

  #found(): string | undefined {
    const { PATH, [PROGRAM_VARIABLE]: named } = this.#options.env;
    const isNamed = named !== undefined && isAbsolute(named);
    const program = isNamed ? named : findProgram('flock', { path: PATH, avoid: 'writable' });
    if (program === undefined) this.#lose('there is no program `flock`');
    return program;
  }

  #outcomeOf(code: number): FlockOutcome {
    if (code === LOCKED) return 'locked';
    if (code === HELD) return 'held';
    if (NOT_RUN.has(code)) this.#lose('no program `flock` can be run');
    else this.#warn({ code });
    return 'none';
  }

  #warn(fields: Readonly<Record<string, unknown>>): void {
    this.#options.warn('locks', 'a lock could not be had', fields);
  }

  #lose(reason: string): void {
    if (this.#isMissing) return;
    this.#isMissing = true;
    this.#options.warn('locks', 'threads are written without locks', { reason });
  }
}

interface LockEachOptions {
  readonly program: string;
  readonly limitMs: number | undefined;
  readonly fds: readonly number[];
}

/**
 * Runs one shell. `onCode` gets what `flock` exited with for each descriptor, in order. Resolves with why there are fewer than
 * descriptors. Never rejects.
 */
function lockEach(
  { program, fds, limitMs = LIMIT_MS }: LockEachOptions,
  onCode: (code: number) => void,
): Promise<unknown> {
  return new Promise((resolve) => {
    const numbers = fds.map((_, index) => String(FIRST_FD + index));
    // A group of its own, so that a `flock` that hangs can be ended with it.
    const child = startProgram('/bin/sh', ['-c', SCRIPT, 'sh', program, ...numbers], {
      stdio: ['ignore', 'pipe', 'ignore', ...fds],
      cwd: '/',
      env: {},
      detached: true,
    });
    const { pid, stdout } = child;
    const timer = setTimeout(() => {
      if (pid !== undefined) posixGroups.kill(pid);
      end(new Error(`no answer for ${limitMs} ms`));
    }, timerMs(limitMs));
    const end = (problem: unknown): void => {
      clearTimeout(timer);
      stdout?.destroy();
      resolve(problem);
    };
    let text = '';
    stdout?.setEncoding('latin1').on('data', (part: string) => {
      timer.refresh();
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) onCode(Number(line));
    });
    child.on('error', end);
    child.on('close', (code, signal) => end(new Error(`the shell ended with ${signal ?? code}`)));
  }).catch((error: unknown) => error); // some failures to start are thrown
}

/**
 * The life of one child process. In: the command, folder, environment, sandbox and time limit. Out: one result, and
 * the output in chunks while it runs. Each command leads a process group of its own. The caller gets the group's
 * number, so that the group can be ended with the server. Commands share nothing.
 */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../base/clock.ts';
import { hasRoomFor } from '../base/descriptors.ts';
import type { HeldPath } from '../base/held-path.ts';
import { type GroupControl, posixGroups } from '../base/process-groups.ts';
import { timerMs } from '../base/timers.ts';
import { failedBeforeStart } from './denial.ts';
import type { NameHold } from './name-hold.ts';
import { type CommandText, type OnOutput, OutputCollector, type StreamName } from './output.ts';
import { type OutputPipes, openOutputPipes } from './pipes.ts';
import type { SandboxPlan } from './sandbox.ts';
import { missingForStart, type SpawnError, spawnError, toSpawnError } from './spawn-error.ts';
import { startChild } from './start-child.ts';

export interface CommandSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  /**
   * The folder that `cwd` named when the command was approved; an unconfined command starts there, whatever has the
   * name now.
   */
  readonly folder?: HeldPath | null;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** null: unconfined, which only the caller can decide. */
  readonly sandbox: SandboxPlan | null;
  /** Standard input of the child; empty by default. */
  readonly stdin?: string;
  readonly onOutput?: OnOutput;
  /** The command is about to start; every process that holds that pipe belongs to it. */
  readonly onStart?: (pipe: string | null) => void;
  readonly onSpawn?: (processGroupId: number, pipe: string | null) => void;
  /** The command itself has ended; others of its group may continue in the background. */
  readonly onExit?: (processGroupId: number) => void;
  /** How its processes are ended; as on POSIX by default. */
  readonly groups?: GroupControl;
  readonly clock?: Clock;
}

/** `durationMs` is wall time. Text is complete up to the limits of `output.ts`. */
export type CommandResult =
  | (CommandText & {
      readonly kind: 'exited';
      /** 124 on a timeout. */
      readonly exitCode: number;
      readonly durationMs: number;
      readonly timedOut: boolean;
    })
  | (CommandText & { readonly kind: 'signalled'; readonly signal: NodeJS.Signals; readonly durationMs: number })
  | (CommandText & { readonly kind: 'aborted'; readonly durationMs: number })
  | (SpawnError & { readonly kind: 'spawnFailed' });

/** As observed on codex app-server 0.94.0, and in timeout(1). */
const TIMEOUT_EXIT_CODE = 124;

/** Descriptors that a command needs, and as many again for concurrent work. */
const DESCRIPTORS = 16;

/** A socket may be gone at the first attempts; more than a few in a row are not. */
const MAX_STARTS = 6;

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 1_000;

/** After the exit, output of background children is awaited until it pauses, but at most this long. */
const QUIET_MS = 200;
const LONGEST_DRAIN_MS = 2_000;

/** How a child ended. */
type End =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'abort' };

/**
 * Runs a command to its end. Never rejects. On a timeout or an abort, the result is returned at once with the output
 * so far; the whole group gets SIGTERM, and later SIGKILL.
 */
export async function runCommand(spec: CommandSpec, signal: AbortSignal): Promise<CommandResult> {
  let result = await runOnce(spec, signal);
  for (let starts = 1; starts < MAX_STARTS && failedBeforeStart(result, spec.sandbox); starts += 1) {
    result = await runOnce(spec, signal);
  }
  return result;
}

async function runOnce(spec: CommandSpec, signal: AbortSignal): Promise<CommandResult> {
  const clock = spec.clock ?? systemClock;
  const output = new OutputCollector(spec.onOutput);
  const aborted = (): CommandResult => ({ kind: 'aborted', ...output.close(), durationMs: 0 });
  if (signal.aborted) return aborted();
  const problem = unstartable(spec);
  if (problem !== undefined) return { kind: 'spawnFailed', ...problem };
  let opened: OutputPipes;
  try {
    opened = await openOutputPipes(signal);
  } catch (error) {
    return signal.aborted ? aborted() : { kind: 'spawnFailed', ...toSpawnError(error) };
  }
  using pipes = opened;
  if (signal.aborted) return aborted();

  const startedAtMs = clock.steadyMs();
  let child: ChildProcess;
  let names: NameHold | null = null;
  try {
    names = spec.sandbox?.holdNames() ?? null;
    spec.onStart?.(pipes.name);
    child = startChild(spec, pipes, names);
    if (child.pid !== undefined) spec.onSpawn?.(child.pid, pipes.name);
    names?.follow(child);
  } catch (error) {
    names?.release();
    return { kind: 'spawnFailed', ...toSpawnError(error) };
  }
  const reading = new OutputReading(pipes.readers(child), output);
  const groupId = child.pid;
  if (groupId !== undefined) {
    child.once('exit', () => spec.onExit?.(groupId));
  }
  const end = await endOf(child, spec.timeoutMs, signal);
  if (end.kind === 'exit') await reading.finished();
  const changedName = names?.changedName ?? null;
  if (changedName !== null) output.add('stderr', Buffer.from(changeText(changedName)));
  if (groupId !== undefined && (end.kind === 'timeout' || end.kind === 'abort'))
    endGroup(child, groupId, spec, reading);
  else reading.stop();
  const denied: End = { kind: 'exit', code: 1, signal: null };
  return resultOf(changedName === null ? end : denied, output.close(), clock.steadyMs() - startedAtMs);
}

const changeText = (path: string): string =>
  `sandbox: ${path} is protected; the command was ended and the change undone.\n`;

function unstartable({ argv, sandbox, cwd, env }: CommandSpec): SpawnError | undefined {
  const [program] = argv;
  if (program === undefined) return spawnError('EINVAL');
  if (!hasRoomFor(DESCRIPTORS)) return spawnError('EMFILE');
  return sandbox === null ? undefined : missingForStart(program, cwd, env.PATH);
}

/** Resolves with the first end event; leaves no timer or listener behind. */
function endOf(child: ChildProcess, timeoutMs: number, signal: AbortSignal): Promise<End> {
  return new Promise((resolve) => {
    const settle = (end: End): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(end);
    };
    const onAbort = (): void => settle({ kind: 'abort' });
    const timer = setTimeout(() => settle({ kind: 'timeout' }), timerMs(timeoutMs));
    signal.addEventListener('abort', onAbort, { once: true });
    child.once('exit', (code, exitSignal) => settle({ kind: 'exit', code, signal: exitSignal }));
    // Stays attached: an error after the end must not be unhandled.
    child.on('error', (error) => settle({ kind: 'error', error }));
    if (signal.aborted) onAbort();
  });
}

/**
 * SIGTERM first, SIGKILL after the grace period unless the whole group is gone by then. The pipes stay open in the
 * meantime: a shell that writes to a closed one would die before it has cleaned up.
 */
function endGroup(child: ChildProcess, groupId: number, spec: CommandSpec, reading: OutputReading): void {
  const { groups = posixGroups, sandbox } = spec;
  groups.terminate(groupId, { exceptLeader: sandbox !== null });
  const timer = setTimeout(() => {
    groups.kill(groupId);
    reading.stop();
  }, GRACE_MS);
  child.once('exit', () => {
    if (groups.isAlive(groupId)) return;
    clearTimeout(timer);
    reading.stop();
  });
}

function resultOf(end: End, text: CommandText, elapsedMs: number): CommandResult {
  const durationMs = Math.round(elapsedMs);
  switch (end.kind) {
    case 'error':
      return { kind: 'spawnFailed', ...toSpawnError(end.error) };
    case 'abort':
      return { kind: 'aborted', ...text, durationMs };
    case 'timeout':
      return { kind: 'exited', ...text, exitCode: TIMEOUT_EXIT_CODE, durationMs, timedOut: true };
    case 'exit':
      if (end.signal !== null) return { kind: 'signalled', ...text, signal: end.signal, durationMs };
      return { kind: 'exited', ...text, exitCode: end.code ?? -1, durationMs, timedOut: false };
  }
}

/** Reads both pipes into the collector. */
class OutputReading {
  readonly #streams: readonly Readable[];
  readonly #ended: Promise<unknown>;
  #readCount = 0;

  constructor(readers: readonly (Readable | null)[], output: OutputCollector) {
    const names: readonly StreamName[] = ['stdout', 'stderr'];
    const streams: Readable[] = [];
    const endings: Promise<void>[] = [];
    names.forEach((name, at) => {
      const stream = readers[at];
      if (stream === null || stream === undefined) return;
      streams.push(stream);
      stream.on('data', (read: Buffer) => {
        this.#readCount += 1;
        output.add(name, read);
      });
      endings.push(
        new Promise((resolve) => {
          stream.once('close', () => resolve());
          // A broken pipe ends the output like any other end.
          stream.on('error', () => stream.destroy());
        }),
      );
    });
    this.#streams = streams;
    this.#ended = Promise.all(endings);
  }

  /** Resolves at the end of both pipes, or when a background process holds them open without output. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      let seen = this.#readCount;
      let isFinished = false;
      let quiet: NodeJS.Timeout;
      const finish = (): void => {
        isFinished = true;
        clearTimeout(deadline);
        clearTimeout(quiet);
        resolve();
      };
      // Timers run before reads in a turn of the event loop: after a stall, pending output is read first.
      const wait = (): NodeJS.Timeout => setTimeout(() => setImmediate(look), QUIET_MS);
      const look = (): void => {
        if (isFinished) return;
        if (this.#readCount === seen) {
          finish();
          return;
        }
        seen = this.#readCount;
        quiet = wait();
      };
      const deadline = setTimeout(finish, LONGEST_DRAIN_MS);
      quiet = wait();
      void this.#ended.then(finish);
    });
  }

  stop(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}

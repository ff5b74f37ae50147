/**
 * The life of one child process. In: what to run, where, with which environment, inside which sandbox, for how long at
 * most. Out: one result, and its output in pieces while it runs. Each command leads a process group of its own; whoever
 * started it learns the group's number, so that it can be ended with the server. Nothing is shared between commands.
 */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../base/clock.ts';
import { hasRoomFor } from '../base/descriptors.ts';
import type { HeldPath } from '../base/held-path.ts';
import { timerMs } from '../base/timers.ts';
import { hasNotBegun } from './denial.ts';
import type { NameHold } from './name-hold.ts';
import { type CommandText, type OnOutput, OutputCollector, type StreamName } from './output.ts';
import { type OutputPipes, openOutputPipes } from './pipes.ts';
import { askGroupToEnd, isGroupAlive, signalGroup } from './process-groups.ts';
import type { SandboxPlan } from './sandbox.ts';
import { missingForStart, type SpawnError, spawnError, toSpawnError } from './spawn-error.ts';
import { startChild } from './start-child.ts';

export interface CommandSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What `cwd` named when the command was decided about; unconfined it is started there, whatever has the name by now. */
  readonly folder?: HeldPath | null;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** null: unconfined, which only the caller can decide. */
  readonly sandbox: SandboxPlan | null;
  /** What the child can read from its standard input; nothing by default. */
  readonly stdin?: string;
  readonly onOutput?: OnOutput;
  /** The command is about to start; whatever holds that pipe belongs to it. */
  readonly onStart?: (pipe: string | null) => void;
  readonly onSpawn?: (processGroupId: number, pipe: string | null) => void;
  /** The command itself has ended; others of its group may live on in the background. */
  readonly onExit?: (processGroupId: number) => void;
  readonly clock?: Clock;
}

/** `durationMs` is wall time. Text is complete up to the limits of `output.ts`. */
export type CommandResult =
  | (CommandText & {
      readonly kind: 'exited';
      /** 124 when the time ran out. */
      readonly exitCode: number;
      readonly durationMs: number;
      readonly timedOut: boolean;
    })
  | (CommandText & { readonly kind: 'signalled'; readonly signal: NodeJS.Signals; readonly durationMs: number })
  | (CommandText & { readonly kind: 'aborted'; readonly durationMs: number })
  | (SpawnError & { readonly kind: 'spawnFailed' });

/** Observed on codex app-server 0.94.0, as with timeout(1). */
const TIMEOUT_EXIT_CODE = 124;

/** What a command takes, and as much again for what runs beside it. */
const DESCRIPTORS = 16;

/** Sockets come and go; more than a few in a row do not. */
const MOST_STARTS = 6;

/** Between asking a group to end and ending it. */
const GRACE_MS = 1_000;

/** After the exit, output of children in the background is waited for until it pauses, but never longer than this. */
const QUIET_MS = 200;
const LONGEST_DRAIN_MS = 2_000;

/** How a child's life ended, as seen from here. */
type End =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'abort' };

/**
 * Runs a command to its end. Never rejects. When the time runs out or the signal is aborted the result comes at once
 * with the output so far, and the whole group is asked to end, then made to.
 */
export async function runCommand(spec: CommandSpec, signal: AbortSignal): Promise<CommandResult> {
  let result = await runOnce(spec, signal);
  for (let starts = 1; starts < MOST_STARTS && hasNotBegun(result, spec.sandbox); starts += 1) {
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
  if (end.kind === 'exit') await reading.drained();
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

/** Whatever comes first; leaves no timer or listener behind. */
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
    // Stays attached: an error that comes after the end was settled must not go unheard.
    child.on('error', (error) => settle({ kind: 'error', error }));
    if (signal.aborted) onAbort();
  });
}

/**
 * Politely at first; the rest after the grace, unless the whole group is gone by then. The pipes stay open meanwhile:
 * a shell that says a last word into a closed one dies of it before it has tidied up.
 */
function endGroup(child: ChildProcess, groupId: number, { sandbox }: CommandSpec, reading: OutputReading): void {
  askGroupToEnd(groupId, { sparesLeader: sandbox !== null });
  const timer = setTimeout(() => {
    signalGroup(groupId, 'SIGKILL');
    reading.stop();
  }, GRACE_MS);
  child.once('exit', () => {
    if (isGroupAlive(groupId)) return;
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
          // A broken pipe is the end of the output like any other.
          stream.on('error', () => stream.destroy());
        }),
      );
    });
    this.#streams = streams;
    this.#ended = Promise.all(endings);
  }

  /** Resolves at the end of both pipes, or when a process in the background holds them open and says nothing. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      let seen = this.#readCount;
      let isOver = false;
      let quiet: NodeJS.Timeout;
      const finish = (): void => {
        isOver = true;
        clearTimeout(deadline);
        clearTimeout(quiet);
        resolve();
      };
      // Timers come before reads in a turn of the event loop: after a stall, what has arrived meanwhile is read first.
      const wait = (): NodeJS.Timeout => setTimeout(() => setImmediate(look), QUIET_MS);
      const look = (): void => {
        if (isOver) return;
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

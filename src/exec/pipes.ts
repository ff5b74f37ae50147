/**
 * The pipes for a command's output. Node's own are sockets, and a script that opens `/dev/stdout` or `/dev/stderr`
 * fails on those. A short-lived shell creates real pipes. Both ends are opened through its entry in `/proc`, so a
 * pipe never has a name that somebody else could replace, and needs no existing or writable folder.
 *
 * In: nothing. Out: both ends of two pipes. Every descriptor has one owner: this file closes the child's ends, and a
 * reader's end is closed by its stream. A thread that uses this must not track descriptors itself
 * (`trackUnmanagedFds`): at its end it would close the readers' ends again, when their numbers may belong to another
 * thread's files.
 */
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { startProgram } from '../base/own-programs.ts';

/** Both ends of the two pipes, from before the start of a child to the end of reading. */
export interface OutputPipes extends Disposable {
  /** Name of the standard output pipe in `/proc`; null for Node's pipes. */
  readonly name: string | null;
  /** For the child's stdio option, standard output first. */
  readonly childEnds: readonly ['pipe' | number, 'pipe' | number];
  /** Call once after the spawn: closes our copies of the child's ends and returns the readers. */
  readers(child: ChildProcess): readonly [Readable | null, Readable | null];
}

const SHELL = '/bin/sh';
/** Descriptors of the process that holds the pipes (the shell's last subshell). */
const HELD = [4, 5] as const;
/** Holds two pipes, prints its process id, and waits for the end of its input. */
const MAKE_PIPES = `exec 3<&0
: | { exec ${HELD[0]}<&0; : | { exec ${HELD[1]}<&0 0</dev/null; read -r id rest </proc/self/stat && echo "$id"; read -r line <&3; }; }`;

/** For the start of a shell; far more than a busy machine needs. */
const MAKE_LIMIT_MS = 5_000;

/** Real pipes where the system can create them, otherwise Node's. Rejects with the signal's reason. */
export async function openOutputPipes(signal: AbortSignal): Promise<OutputPipes> {
  // On other systems opening /dev/stdout duplicates the descriptor, which works for sockets.
  if (process.platform !== 'linux') return nodePipes;
  try {
    return await realPipes(signal);
  } catch {
    signal.throwIfAborted();
    // No shell, no /proc, or no descriptors: only scripts that reopen their output notice.
    return nodePipes;
  }
}

const nodePipes: OutputPipes = {
  name: null,
  childEnds: ['pipe', 'pipe'],
  readers: (child) => [child.stdout, child.stderr],
  [Symbol.dispose]() {},
};

async function realPipes(signal: AbortSignal): Promise<OutputPipes> {
  const holder = startProgram(SHELL, ['-c', MAKE_PIPES], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  const opened: number[] = [];
  try {
    const processId = await processIdFrom(holder, signal);
    for (const descriptor of HELD) opened.push(...openBothEnds(`/proc/${processId}/fd/${descriptor}`));
  } catch (error) {
    opened.forEach(closeSync);
    holder.kill('SIGKILL');
    throw error;
  } finally {
    holder.stdin.destroy(); // the holder ends with its input
    holder.stdout.destroy();
  }
  const [stdoutRead = -1, stdoutWrite = -1, stderrRead = -1, stderrWrite = -1] = opened;
  return new RealPipes([stdoutRead, stderrRead], [stdoutWrite, stderrWrite]);
}

/** Resolves with the first number that the process prints. */
function processIdFrom(holder: ChildProcessByStdio<Writable, Readable, null>, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (why: unknown): void => settle(() => reject(why));
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(() => fail(new Error('no pipes within the time limit')), MAKE_LIMIT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    holder.on('error', fail); // stays attached: a later error must not be unhandled
    holder.stdin.on('error', fail);
    holder.stdout.on('error', fail);
    holder.stdout.on('end', () => fail(new Error('no pipes were made')));
    holder.stdout.on('data', (text: Buffer) => {
      printed += text.toString('latin1');
      const processId = /^(\d{1,10})\n/.exec(printed)?.[1];
      if (processId !== undefined) settle(() => resolve(Number(processId)));
    });
  });
}

/** The reader's end (non-blocking) and the writer's. Throws if the path is not a pipe. */
function openBothEnds(path: string): [number, number] {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(reader).isFIFO()) throw new Error('not a pipe');
    return [reader, openSync(path, constants.O_WRONLY)]; // never waits: there is a reader
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

class RealPipes implements OutputPipes {
  readonly name: string;
  readonly childEnds: readonly [number, number];
  readonly #readEnds: readonly [number, number];
  #isHandedOver = false;

  constructor(readEnds: readonly [number, number], childEnds: readonly [number, number]) {
    this.name = `pipe:[${fstatSync(readEnds[0]).ino}]`;
    this.#readEnds = readEnds;
    this.childEnds = childEnds;
  }

  readers(): readonly [Readable, Readable] {
    this.#isHandedOver = true;
    this.childEnds.forEach(closeSync);
    const [stdout, stderr] = this.#readEnds;
    return [new Socket({ fd: stdout, writable: false }), new Socket({ fd: stderr, writable: false })];
  }

  [Symbol.dispose](): void {
    if (this.#isHandedOver) return;
    this.#isHandedOver = true;
    this.childEnds.forEach(closeSync);
    this.#readEnds.forEach(closeSync);
  }
}

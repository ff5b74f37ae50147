// The pipes that carry a command's output. Node's own are sockets, and a script that opens /dev/stdout or /dev/stderr
// fails on those; named pipes, unlinked as soon as both ends are open, behave like those of any shell.
import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** Both ends of the two pipes, from before the start of a child to the end of reading. */
export interface OutputPipes extends Disposable {
  /** For the child's stdio option, standard output first. */
  readonly childEnds: readonly ['pipe' | number, 'pipe' | number];
  /** To be called once after the spawn: our copies of the child's ends are closed, the readers are returned. */
  readers(child: ChildProcess): readonly [Readable | null, Readable | null];
}

const run = promisify(execFile);

/** Real pipes where the system can make them, otherwise Node's. */
export async function openOutputPipes(): Promise<OutputPipes> {
  const program = ['/usr/bin/mkfifo', '/bin/mkfifo'].find((path) => existsSync(path));
  if (program === undefined) return nodePipes;
  try {
    return await namedPipes(program);
  } catch {
    // No room or no right to make one: scripts that reopen their output will notice, all others not.
    return nodePipes;
  }
}

const nodePipes: OutputPipes = {
  childEnds: ['pipe', 'pipe'],
  readers: (child) => [child.stdout, child.stderr],
  [Symbol.dispose]() {},
};

async function namedPipes(program: string): Promise<OutputPipes> {
  const folder = await mkdtemp(join(tmpdir(), 'shardex-'));
  const paths = [join(folder, 'stdout'), join(folder, 'stderr')] as const;
  const opened: number[] = [];
  try {
    await run(program, ['-m', '600', ...paths], { env: {}, timeout: 5_000 });
    for (const path of paths) {
      // The reader first and without waiting, or each end would wait for the other to be opened.
      opened.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
      opened.push(openSync(path, constants.O_WRONLY));
    }
  } catch (error) {
    opened.forEach(closeSync);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const [stdoutRead = -1, stdoutWrite = -1, stderrRead = -1, stderrWrite = -1] = opened;
  return new NamedPipes([stdoutRead, stderrRead], [stdoutWrite, stderrWrite]);
}

class NamedPipes implements OutputPipes {
  readonly childEnds: readonly [number, number];
  readonly #readEnds: readonly [number, number];
  #isHandedOver = false;

  constructor(readEnds: readonly [number, number], childEnds: readonly [number, number]) {
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

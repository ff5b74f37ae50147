/**
 * The one place that starts worker threads, but for those that piscina starts.
 *
 * In: a script and what it starts with. Out: its messages, what it prints (in the log), and why it ended. Owns the thread.
 */
import { type TransferListItem, Worker } from 'node:worker_threads';
import type { Logger } from '../base/log.ts';
import { headOf } from '../base/well-formed.ts';
import { threadFailureText } from './thread-failure.ts';

export interface WorkerThreadOptions {
  readonly name: string;
  /** Of the log. */
  readonly area: string;
  readonly script: URL;
  readonly workerData: unknown;
  readonly transferred?: readonly TransferListItem[];
  /** Memory for short-lived objects; V8 does not give it back. */
  readonly youngGenerationMb: number;
  readonly log: Logger;
  /** Called once. `reason` is empty when the thread ended by itself. */
  readonly onExit: (reason: string) => void;
}

/** Of each piece that a thread prints. */
const MAX_LOGGED_CHARS = 1_000;

export class WorkerThread {
  readonly worker: Worker;
  #reason = '';

  constructor({
    name,
    area,
    script,
    workerData,
    transferred = [],
    youngGenerationMb,
    log,
    onExit,
  }: WorkerThreadOptions) {
    this.worker = new Worker(script, {
      name,
      workerData,
      transferList: [...transferred],
      // Whatever a dependency prints must not reach the wire.
      stdout: true,
      stderr: true,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      // Descriptors of pipes belong to the streams that read them: see src/exec/pipes.ts.
      trackUnmanagedFds: false,
    });
    this.worker.on('error', (error: unknown) => {
      this.#reason = threadFailureText(error);
    });
    this.worker.on('exit', () => onExit(this.#reason));
    for (const stream of [this.worker.stdout, this.worker.stderr]) {
      stream.on('data', (text: Buffer) =>
        log.warn(area, 'a worker printed', { name, text: headOf(text.toString(), MAX_LOGGED_CHARS) }),
      );
    }
  }

  /** Ends the thread for a reason of the caller's. Resolves when it has ended, which one that is stuck in a system call never does. */
  async end(reason: string): Promise<void> {
    this.#reason = reason;
    await this.worker.terminate();
  }
}

/**
 * A thread of its own for one job. In: messages. Out: its messages. Owns the thread, which starts with the first message; when it
 * has died, the next message starts another.
 */
import { type TransferListItem, Worker } from 'node:worker_threads';
import type { Logger } from '../base/log.ts';
import { threadFailureText } from './thread-failure.ts';

export interface OnDemandThreadOptions<Reply> {
  readonly name: string;
  /** Of the log. */
  readonly area: string;
  readonly script: URL;
  /** Asked for each thread that is started. */
  readonly workerData: () => unknown;
  /** Memory for what is short-lived, in three parts; it is not given back. */
  readonly nurseryMb: number;
  readonly log: Logger;
  readonly onReply: (reply: Reply) => void;
  /** The thread is gone; none runs until the next message. `why` is empty when it ended of its own accord. */
  readonly onExit: (why: string) => void;
}

export class OnDemandThread<Request, Reply> {
  readonly #options: OnDemandThreadOptions<Reply>;
  #worker: Worker | undefined;

  constructor(options: OnDemandThreadOptions<Reply>) {
    this.#options = options;
  }

  /** The thread that runs, if one does. */
  get running(): Worker | undefined {
    return this.#worker;
  }

  send(request: Request, transferred: readonly TransferListItem[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transferred);
  }

  /** Does without a thread that is stuck: the next message starts another. Resolves when the old one has ended. */
  async abandon(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.unref();
    await worker?.terminate();
  }

  #start(): Worker {
    const { name, area, script, workerData, nurseryMb, log, onReply, onExit } = this.#options;
    const worker = new Worker(script, {
      name,
      workerData: workerData(),
      stdout: true,
      resourceLimits: { maxYoungGenerationSizeMb: nurseryMb },
    });
    worker.on('message', (reply: Reply) => {
      if (this.#worker === worker) onReply(reply);
    });
    let why = '';
    worker.on('error', (error: unknown) => {
      why = threadFailureText(error);
      log.error(area, 'a thread failed', { name, error });
    });
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      onExit(why);
    });
    return worker;
  }
}

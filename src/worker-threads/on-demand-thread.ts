/**
 * A thread of its own for one job. In: messages. Out: its messages. Owns the thread, which starts with the first message; after
 * a crash the next message starts another.
 */
import type { TransferListItem, Worker } from 'node:worker_threads';
import { WorkerThread, type WorkerThreadOptions } from './worker-thread.ts';

type ThreadOptions = Pick<WorkerThreadOptions, 'name' | 'area' | 'script' | 'youngGenerationMb' | 'log'>;

export interface OnDemandThreadOptions<Reply> extends ThreadOptions {
  /** Called for each thread that is started. */
  readonly workerData: () => unknown;
  readonly onReply: (reply: Reply) => void;
  /** The thread is gone; none runs until the next message. `reason` is empty when it ended by itself. */
  readonly onExit: (reason: string) => void;
}

export class OnDemandThread<Request, Reply> {
  readonly #options: OnDemandThreadOptions<Reply>;
  #worker: Worker | undefined;

  constructor(options: OnDemandThreadOptions<Reply>) {
    this.#options = options;
  }

  /** The running thread, if there is one. */
  get running(): Worker | undefined {
    return this.#worker;
  }

  send(request: Request, transferred: readonly TransferListItem[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transferred);
  }

  /** Leaves a stuck thread behind: the next message starts another. Resolves when the old one has ended. */
  async abandon(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.unref();
    await worker?.terminate();
  }

  #start(): Worker {
    const { workerData, onReply, onExit, ...options } = this.#options;
    const { name, area, log } = options;
    const { worker } = new WorkerThread({
      ...options,
      workerData: workerData(),
      onExit: (reason) => {
        if (reason !== '') log.error(area, 'a thread failed', { name, reason });
        if (this.#worker !== worker) return;
        this.#worker = undefined;
        onExit(reason);
      },
    });
    worker.on('message', (reply: Reply) => {
      if (this.#worker === worker) onReply(reply);
    });
    return worker;
  }
}

/**
 * The list's thread as seen from the main thread.
 *
 * In: queries. Out: pages of stored threads. Owns the thread, which starts with the first query. When it dies, what waits for
 * it fails, and the next query starts another.
 */
import { abortable, type Deferred, deferred, settledWithin } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { IndexQuery, ListerOptions, ListerRequest, ListerReply as ReplyOf } from '../contract/thread-query.ts';
import type { ThreadSummary } from '../rollout/head.ts';

import { OnDemandThread } from '../worker-threads/on-demand-thread.ts';

type ListerReply = ReplyOf<ThreadSummary>;

const WORKER_FILE = 'worker-list.js';
/** Heads of files are soon forgotten; a larger young generation would only make the process larger. */
const YOUNG_GENERATION_MB = 8;
/** To put down what was read, when the server ends. */
const CLOSING_LIMIT_MS = 1000;

export interface ThreadListerOptions {
  /** The folder that holds the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly workerData: ListerOptions;
  /** Paths that this program itself is writing to. */
  readonly busyPaths: () => readonly string[];
  readonly log: Logger;
}

export type ListReply<Form> = Extract<ListerReply, { readonly kind: Form }>;

const ENDED = 'the list has ended';

export class ThreadLister {
  readonly #options: ThreadListerOptions;
  readonly #pending = new Map<number, Deferred<ListerReply>>();
  readonly #thread: OnDemandThread<ListerRequest, ListerReply>;
  #lastId = 0;
  #closed = false;

  constructor(options: ThreadListerOptions) {
    this.#options = options;
    const { workersFolder, workerData, log } = options;
    this.#thread = new OnDemandThread({
      name: 'list',
      area: 'list',
      script: new URL(WORKER_FILE, workersFolder),
      workerData: () => workerData,
      youngGenerationMb: YOUNG_GENERATION_MB,
      log,
      onReply: (reply) => this.#pending.get(reply.id)?.resolve(reply),
      onExit: (why) => this.#failAll(why === '' ? ENDED : `failed to list threads: ${why}`),
    });
  }

  /** One page. Throws AppError (`io-failed`, `worker-lost`) and the signal's reason. */
  async page<Form extends 'threads' | 'summaries'>(
    form: Form,
    query: IndexQuery,
    signal: AbortSignal,
  ): Promise<ListReply<Form>> {
    signal.throwIfAborted();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = deferred<ListerReply>();
    this.#pending.set(id, answer);
    const cancel = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#send({ kind: 'page', id, query, form, busyPaths: this.#options.busyPaths(), cancel });
    try {
      const reply = await abortable(answer.promise, signal);
      if (isOfForm(reply, form)) return reply;
      const message = reply.kind === 'failed' ? reply.message : 'an answer of another form';
      throw new AppError('io-failed', `failed to list threads: ${message}`);
    } finally {
      this.#pending.delete(id);
      if (signal.aborted) Atomics.store(new Int32Array(cancel), 0, 1);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#thread.running;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#send({ kind: 'close' });
    if (!(await settledWithin(ended, CLOSING_LIMIT_MS))) await worker.terminate();
  }

  #send(request: ListerRequest): void {
    if (this.#closed && request.kind === 'page') {
      this.#failAll(ENDED);
      return;
    }
    this.#thread.send(request);
  }

  #failAll(message: string): void {
    for (const answer of this.#pending.values()) answer.reject(new AppError('worker-lost', message));
    this.#pending.clear();
  }
}

const isOfForm = <Form extends string>(reply: ListerReply, form: Form): reply is ListReply<Form> => reply.kind === form;

/**
 * The main thread's end of one turn shard: its worker, started on first use and again after a death.
 *
 * In: commands. Out: events in the order the shard numbered them, and the news of a death. It owns the worker, the event
 * port and the process groups that the shard has running.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type Deferred, deferred, settledWithin } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ShardEvent, ShardEventBatch, ShardWorkerData, TurnShard } from '../contract/turn-shard.ts';
import { WorkerThread } from '../worker-threads/worker-thread.ts';
import type { EventSlices } from './event-slices.ts';

/** What a shard's host passes on. */
export type ForwardedEvent = Exclude<ShardEvent, { readonly kind: 'process' | 'log' }>;

export interface ShardHostOptions {
  readonly script: URL;
  readonly log: Logger;
  /** Called for every new worker, before any other command. */
  readonly configure: (shard: Remote<TurnShard>) => Promise<unknown>;
  readonly onEvent: (event: ForwardedEvent) => void;
  readonly killGroup: (groupId: number) => void;
  /** Shared by all shards: it is one thread that they keep busy. */
  readonly slices: EventSlices;
  /** Resolves when the client has taken what was sent to it. */
  readonly drained: () => Promise<void> | null;
  readonly onDeath: (reason: string) => void;
}

/**
 * Most of what a shard throws away was short-lived, so a small space for it is emptied as well as a large one: measured, a few
 * megabytes less for each shard and the same number of turns. V8's own choice is 48.
 */
const YOUNG_GENERATION_MB = 6;

/** The worker is gone; whatever was asked of it has no answer. */
export class ShardDied extends AppError {
  constructor(reason: string) {
    super('worker-lost', `the worker of this thread stopped unexpectedly: ${reason}`);
    this.name = 'ShardDied';
  }
}

/** A worker whose event loop does not turn for so long, while somebody waits for an interrupt, is ended. */
const UNRESPONSIVE_MS = 5_000;
/** A worker that is stuck in a system call does not end: it is given up like one that has ended. */
const END_LIMIT_MS = 1_000;

interface Running {
  readonly thread: WorkerThread;
  readonly port: MessagePort;
  readonly shard: Remote<TurnShard>;
  readonly died: Deferred<never>;
  readonly ready: Promise<unknown>;
}

export class ShardHost {
  readonly #options: ShardHostOptions;
  readonly #groups = new Set<number>();
  #running: Running | null = null;
  #closing = false;

  constructor(options: ShardHostOptions) {
    this.#options = options;
  }

  /** Whether a worker runs: news that every new worker is told anyway need not start one. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Runs one command, starting the worker if need be. Rejects with `ShardDied` when the worker dies first. */
  async call<T>(command: (shard: Remote<TurnShard>) => Promise<T>): Promise<T> {
    const running = this.#running ?? this.#start();
    await Promise.race([running.ready, running.died.promise]);
    return Promise.race([command(running.shard), running.died.promise]);
  }

  /** The same for what cannot wait: a worker that is too busy to receive the command is ended, so that its turns end. */
  async callUrgently<T>(command: (shard: Remote<TurnShard>) => Promise<T>): Promise<T> {
    const answer = this.call(command);
    const running = this.#running;
    if (!(await settledWithin(answer, UNRESPONSIVE_MS)) && running !== null) await this.#giveUp(running);
    return answer;
  }

  async #giveUp(running: Running): Promise<void> {
    const reason = `it did not respond for ${UNRESPONSIVE_MS / 1_000} s`;
    await settledWithin(running.thread.end(reason), END_LIMIT_MS);
    this.#onExit(running, reason);
  }

  /** Ends the worker and everything it started. */
  async close(graceful: () => Promise<unknown>): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#closing = true;
    await graceful();
    // Before the worker ends, which may take for ever, and again for what it started meanwhile.
    this.#endGroups();
    await running.thread.worker.terminate();
    this.#endGroups();
  }

  #start(): Running {
    const { port1, port2 } = new MessageChannel();
    const workerData: ShardWorkerData<MessagePort> = { events: port2 };
    const { script, log, configure } = this.#options;
    const died = deferred<never>();
    died.promise.catch(() => undefined); // nobody may be waiting
    const thread = new WorkerThread({
      name: 'shard',
      area: 'shard',
      script,
      workerData,
      transferred: [port2],
      youngGenerationMb: YOUNG_GENERATION_MB,
      log,
      onExit: (reason) => this.#onExit(running, reason === '' ? 'it ended' : reason),
    });
    const shard = wrap<TurnShard>(nodeEndpoint(thread.worker));
    const running: Running = { thread, port: port1, shard, died, ready: configure(shard) };
    running.ready.catch(() => undefined); // callers see it
    this.#running = running;
    this.#listen(port1);
    return running;
  }

  #listen(port: MessagePort): void {
    let expected = 0;
    port.on('message', (batch: ShardEventBatch) => {
      if (batch.first !== expected)
        this.#options.log.error('shard', 'events are missing', { expected, got: batch.first });
      const end = batch.first + batch.events.length;
      expected = end;
      this.#options.slices.push({
        events: batch.events,
        take: (event) => this.#takeSafely(event),
        taken: () => this.#acknowledge(port, end),
      });
    });
  }

  /** Tells the shard to go on once the client has read: this is what stops it when nobody does. */
  #acknowledge(port: MessagePort, number: number): void {
    const drained = this.#options.drained();
    if (drained === null) port.postMessage(number);
    else void drained.then(() => port.postMessage(number));
  }

  /** An event that cannot be told must not take those behind it along. */
  #takeSafely(event: ShardEvent): void {
    try {
      this.#take(event);
    } catch (error) {
      this.#options.log.error('shard', 'an event could not be handled', { kind: event.kind, error });
    }
  }

  #take(event: ShardEvent): void {
    switch (event.kind) {
      case 'process':
        if (event.alive) this.#groups.add(event.groupId);
        else this.#groups.delete(event.groupId);
        break;
      case 'log': {
        const isKnown = event.level === 'error' || event.level === 'warn' || event.level === 'info';
        this.#options.log[isKnown ? event.level : 'debug'](event.area, event.message, { ...event.fields });
        break;
      }
      case 'engine':
      case 'settings':
      case 'reply':
      case 'authWanted':
      case 'modelsEtag':
        this.#options.onEvent(event);
        break;
    }
  }

  #onExit(running: Running, reason: string): void {
    if (this.#running !== running) return; // given up before it ended
    this.#running = null;
    this.#options.slices.finish();
    running.died.reject(new ShardDied(reason));
    running.port.close();
    this.#killGroups();
    if (!this.#closing) {
      this.#options.log.error('shard', 'a turn shard died', { reason });
      this.#options.onDeath(reason);
    }
  }

  #endGroups(): void {
    this.#options.slices.finish();
    this.#killGroups();
  }

  #killGroups(): void {
    for (const group of this.#groups) this.#options.killGroup(group);
    this.#groups.clear();
  }
}

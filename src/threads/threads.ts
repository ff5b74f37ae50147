/**
 * The threads that are loaded, and the way to each.
 *
 * In: requests of clients, events of shards. Out: commands to shards; notifications and questions to the client, in order. It
 * owns which threads are loaded and which commands wait for a reply.
 */
import type { Logger } from '../base/log.ts';
import type { EngineEvent } from '../engine/events.ts';
import { notificationsFor } from '../events/notifications.ts';
import type {
  ClientAnswer,
  CommandReply,
  OpenedThread,
  Outcome,
  ShardEvent,
  ThreadCommand,
  ThreadOrigin,
} from '../pool/contract/turn-shard.ts';
import type { TurnShards } from '../pool/turn-shards.ts';
import { type ClientQuestions, isQuestion } from './client-questions.ts';
import { shardFailure, threadNotFound } from './errors.ts';
import { LoadedThread, type LoadedThreadOptions } from './loaded-thread.ts';

export interface ThreadsOptions {
  readonly shards: TurnShards;
  /** Queues a notification to the client. */
  readonly notify: (method: string, params: object) => void;
  readonly questions: ClientQuestions;
  readonly log: Logger;
}

/** A command's outcome. The thread's later events wait until `release` is called. */
export interface Accepted {
  readonly reply: Exclude<CommandReply, { kind: 'failed' }>;
  readonly release: () => void;
}

type Unaddressed<T> = T extends ThreadCommand ? Omit<T, 'callId' | 'threadId'> : never;
export type Command = Unaddressed<ThreadCommand>;

interface Waiting {
  readonly threadId: string;
  resolve(accepted: Accepted): void;
  reject(error: Error): void;
}

const DIED = 'the worker that ran this thread stopped unexpectedly';

export class Threads {
  readonly #shards: TurnShards;
  readonly #notify: ThreadsOptions['notify'];
  readonly #questions: ClientQuestions;
  readonly #log: Logger;
  readonly #loaded = new Map<string, LoadedThread>();
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(options: ThreadsOptions) {
    this.#shards = options.shards;
    this.#notify = options.notify;
    this.#questions = options.questions;
    this.#log = options.log;
  }

  ids(): string[] {
    return [...this.#loaded.keys()].sort();
  }

  find(threadId: string): LoadedThread | undefined {
    return this.#loaded.get(threadId);
  }

  /** Throws the error for a thread that is not loaded. */
  get(threadId: string): LoadedThread {
    const thread = this.#loaded.get(threadId);
    if (thread === undefined) throw threadNotFound(threadId);
    return thread;
  }

  /** Opens a thread in its shard. Its events are held until the caller releases its pipe. */
  async open(
    options: Omit<LoadedThreadOptions, 'sink'> & { readonly includeTurns: boolean },
    origin: ThreadOrigin,
  ): Promise<{ thread: LoadedThread; opened: OpenedThread }> {
    const thread: LoadedThread = new LoadedThread({
      ...options,
      sink: {
        event: (event) => this.#deliver(thread, event),
        reply: (callId, reply, release) => this.#settle(callId, reply, release),
      },
    });
    this.#loaded.set(thread.id, thread);
    try {
      return { thread, opened: await this.#openIn(thread, { origin, lost: [], includeTurns: options.includeTurns }) };
    } catch (error) {
      this.#loaded.delete(thread.id);
      throw error;
    }
  }

  /** Sends one command; resolves with its outcome, rejects with a domain error. */
  async command(threadId: string, command: Command): Promise<Accepted> {
    const thread = this.get(threadId);
    if (thread.lost !== null) await this.#reopen(thread, thread.lost);
    this.#calls += 1;
    const callId = this.#calls;
    const accepted = new Promise<Accepted>((resolve, reject) => {
      this.#waiting.set(callId, { threadId: thread.id, resolve, reject });
    });
    accepted.catch(() => undefined); // submit may fail first
    try {
      await this.#shards.submit({ ...command, callId, threadId: thread.id });
    } catch (error) {
      this.#waiting.delete(callId);
      throw error;
    }
    return accepted;
  }

  answer(thread: LoadedThread, requestKey: string, answer: ClientAnswer): void {
    this.#shards.answer(thread.id, requestKey, answer);
  }

  /** Where a shard's news of threads arrives. */
  onShardEvent(event: Extract<ShardEvent, { kind: 'engine' | 'reply' }>): void {
    const thread = this.#loaded.get(event.threadId);
    if (thread === undefined) this.#log.debug('threads', 'an event of a thread that is gone', { kind: event.kind });
    else thread.pipe.push(event);
  }

  /** Fails the running turns of a shard that died. The threads stay: the next command opens them again. */
  onShardDeath(isOn: (threadId: string) => boolean): void {
    for (const [callId, waiting] of this.#waiting) {
      if (!isOn(waiting.threadId)) continue;
      this.#waiting.delete(callId);
      waiting.reject(shardFailure('worker-lost', DIED));
    }
    for (const thread of this.#loaded.values()) if (isOn(thread.id)) this.#fail(thread);
  }

  #fail(thread: LoadedThread): void {
    thread.pipe.release(); // what the shard had said before is still true
    const turnId = thread.runningTurnId;
    const endings = thread.openItems.endings();
    const error = { message: DIED, codexErrorInfo: 'other' as const, additionalDetails: null };
    const end: EngineEvent[] =
      turnId === null
        ? []
        : [
            { kind: 'error', turnId, error, willRetry: false },
            { kind: 'turnEnded', turnId, status: 'failed', error, lastAgentMessage: null },
          ];
    thread.lost = [...(thread.lost ?? []), ...endings, ...end];
    for (const event of [...endings, ...end]) this.#deliver(thread, event);
  }

  async #reopen(thread: LoadedThread, lost: readonly EngineEvent[]): Promise<void> {
    if (thread.path === null) throw threadNotFound(thread.id); // an ephemeral thread died with its shard
    thread.lost = null;
    try {
      const origin = { kind: 'rollout', path: thread.path } as const;
      await this.#openIn(thread, { origin, lost, includeTurns: false });
    } catch (error) {
      thread.lost = lost;
      throw error;
    }
  }

  async #openIn(
    thread: LoadedThread,
    how: { origin: ThreadOrigin; lost: readonly EngineEvent[]; includeTurns: boolean },
  ): Promise<OpenedThread> {
    const { id: threadId, config, profile, skills, ephemeral, rawItems, overrides } = thread;
    const request = { threadId, config, profile, skills, ephemeral, rawItems, overrides, ...how };
    const opened = done(await this.#shards.open(request));
    thread.path = opened.path;
    return opened;
  }

  #deliver(thread: LoadedThread, event: EngineEvent): void {
    thread.openItems.track(event);
    if (event.kind === 'turnStarted') thread.runningTurnId = event.turnId;
    if (event.kind === 'turnAborted' || event.kind === 'turnEnded') this.#closeQuestions(thread);
    if (event.kind === 'turnEnded') thread.runningTurnId = null;
    const { rawItems: raw, config } = thread;
    const listener = { threadId: thread.id, raw, listener: 'v2', rawReasoning: config.showRawAgentReasoning } as const;
    for (const { method, params } of notificationsFor(event, listener)) this.#notify(method, params);
    if (isQuestion(event)) this.#questions.ask(thread, event);
  }

  #closeQuestions(thread: LoadedThread): void {
    thread.questions.abort();
    thread.questions = new AbortController();
  }

  #settle(callId: number, reply: CommandReply, release: () => void): void {
    const waiting = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    if (reply.kind === 'failed') waiting?.reject(shardFailure(reply.code, reply.message));
    else if (waiting !== undefined) {
      waiting.resolve({ reply, release });
      return;
    }
    release();
  }
}

/** The value, or the failure as an error. */
export function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'failed') throw shardFailure(outcome.code, outcome.message);
  return outcome.value;
}

/**
 * The threads that are loaded, and the way to each.
 *
 * In: requests of clients, events of shards. Out: commands to shards; notifications and questions to the client, in order. It
 * owns which threads are loaded and which commands wait for a reply.
 */
import type { Logger } from '../base/log.ts';
import type { EngineEvent } from '../engine/events.ts';
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
import type { UserInput } from '../protocol/items.ts';
import type { Delivery } from './delivery.ts';
import { shardFailure, threadNotFound } from './errors.ts';
import type { ListenerKind } from './listeners.ts';
import { LoadedThread, type LoadedThreadOptions } from './loaded-thread.ts';

export interface ThreadsOptions {
  readonly shards: TurnShards;
  readonly delivery: Delivery;
  readonly log: Logger;
  /** Ids for the items that show what users send. */
  readonly newId: () => string;
}

/** A command's outcome. The thread's later events wait until `release` is called. */
export interface Accepted {
  readonly reply: Exclude<CommandReply, { kind: 'failed' }>;
  readonly release: () => void;
}

type Unaddressed<T> = T extends ThreadCommand ? Omit<T, 'callId' | 'threadId' | 'itemId'> : never;
export type Command = Unaddressed<ThreadCommand>;

export interface CommandOptions {
  /** The protocol in which a new turn is asked for: by it the turn's questions are asked. */
  readonly startedBy?: ListenerKind;
  /** Aborted when nobody will release what waits behind the reply. */
  readonly signal?: AbortSignal;
}

/** What the answer to opening a thread shows of its past. */
export interface Shown {
  readonly includeTurns: boolean;
  readonly includeMessages: boolean;
}

type TurnReply = CommandReply & { readonly kind: 'turn' };

interface Waiting {
  readonly thread: LoadedThread;
  readonly startedBy: ListenerKind;
  readonly itemId: string;
  readonly input: readonly UserInput[];
  resolve(accepted: Accepted): void;
  reject(error: Error): void;
}

const DIED = 'the worker that ran this thread stopped unexpectedly';

export class Threads {
  readonly #shards: TurnShards;
  readonly #delivery: Delivery;
  readonly #log: Logger;
  readonly #newId: () => string;
  readonly #loaded = new Map<string, LoadedThread>();
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(options: ThreadsOptions) {
    this.#shards = options.shards;
    this.#delivery = options.delivery;
    this.#log = options.log;
    this.#newId = options.newId;
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
    options: Omit<LoadedThreadOptions, 'sink'> & Shown,
    origin: ThreadOrigin,
  ): Promise<{ thread: LoadedThread; opened: OpenedThread }> {
    const thread: LoadedThread = new LoadedThread({
      ...options,
      sink: {
        event: (event) => this.#delivery.deliver(thread, event),
        reply: (callId, reply, release) => this.#settle(callId, reply, release),
      },
    });
    this.#loaded.set(thread.id, thread);
    try {
      const { includeTurns, includeMessages } = options;
      return { thread, opened: await this.#openIn(thread, { origin, lost: null, includeTurns, includeMessages }) };
    } catch (error) {
      this.#loaded.delete(thread.id);
      throw error;
    }
  }

  /** The loaded thread that goes on in this file. */
  byFile(path: string): LoadedThread | undefined {
    return [...this.#loaded.values()].find((thread) => thread.path === path);
  }

  /** Ends a thread's turn and file and forgets it; its last events have been delivered when this resolves. */
  async unload(threadId: string): Promise<void> {
    const { release } = await this.command(threadId, { kind: 'close' });
    this.#loaded.delete(threadId);
    release();
  }

  /** Puts an event of the main thread's own behind what the thread's shard has said so far. */
  announce(thread: LoadedThread, event: EngineEvent): void {
    thread.pipe.push({ kind: 'engine', threadId: thread.id, event });
  }

  /** Sends one command; resolves with its outcome, rejects with a domain error. */
  async command(threadId: string, command: Command, options: CommandOptions = {}): Promise<Accepted> {
    const accepted = await this.#send(threadId, command, options.startedBy ?? 'v2');
    // A request that the shutdown overtakes is answered elsewhere.
    if (options.signal?.aborted === true) accepted.release();
    else options.signal?.addEventListener('abort', accepted.release, { once: true });
    return accepted;
  }

  async #send(threadId: string, command: Command, startedBy: ListenerKind): Promise<Accepted> {
    const thread = this.get(threadId);
    await this.#awake(thread);
    this.#calls += 1;
    const callId = this.#calls;
    const itemId = this.#newId();
    const input = 'input' in command ? command.input : [];
    const accepted = new Promise<Accepted>((resolve, reject) => {
      this.#waiting.set(callId, { thread, startedBy, itemId, input, resolve, reject });
    });
    accepted.catch(() => undefined); // submit may fail first
    try {
      await this.#shards.submit(addressed(command, { callId, threadId: thread.id }, itemId));
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

  /**
   * Fails the running turns of a shard that died. The threads stay: those that had a turn are opened again to store its end, the
   * others by the next command.
   */
  onShardDeath(isOn: (threadId: string) => boolean): void {
    for (const [callId, waiting] of this.#waiting) {
      if (!isOn(waiting.thread.id)) continue;
      this.#waiting.delete(callId);
      waiting.reject(shardFailure('worker-lost', DIED));
    }
    const threads = [...this.#loaded.values()].filter(({ id }) => isOn(id));
    const interrupted = threads.filter((thread) => this.#fail(thread));
    // At once: the process may be killed before anyone uses these threads again.
    void this.storeLost(interrupted);
  }

  /** Gives whether the thread was told anything that has to be stored. */
  #fail(thread: LoadedThread): boolean {
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
    for (const event of [...endings, ...end]) this.#delivery.deliver(thread, event);
    return endings.length + end.length > 0;
  }

  /**
   * Puts into their files what threads were told when their shards died, one after the other. Never rejects: a thread that
   * cannot be opened stays as it is.
   */
  async storeLost(threads: Iterable<LoadedThread> = this.#loaded.values()): Promise<void> {
    for (const thread of [...threads]) {
      const isWaiting = thread.path !== null && thread.lost !== null && thread.lost.length > 0;
      if (isWaiting || thread.reopening !== null) await this.#awake(thread).catch(() => undefined);
    }
  }

  /** Resolves when the thread is in a shard that runs. */
  #awake(thread: LoadedThread): Promise<void> {
    if (thread.lost === null) return thread.reopening ?? Promise.resolve();
    thread.reopening = this.#reopen(thread, thread.lost).finally(() => {
      thread.reopening = null;
    });
    return thread.reopening;
  }

  async #reopen(thread: LoadedThread, lost: readonly EngineEvent[]): Promise<void> {
    if (thread.path === null) throw threadNotFound(thread.id); // an ephemeral thread died with its shard
    thread.lost = null;
    try {
      const origin = { kind: 'rollout', path: thread.path } as const;
      await this.#openIn(thread, { origin, lost, includeTurns: false, includeMessages: false });
    } catch (error) {
      thread.lost = [...lost, ...(thread.lost ?? [])];
      throw error;
    }
  }

  async #openIn(
    thread: LoadedThread,
    how: { origin: ThreadOrigin; lost: readonly EngineEvent[] | null } & Shown,
  ): Promise<OpenedThread> {
    const { id: threadId, config, profile, skills, ephemeral, rawItems, overrides } = thread;
    const request = { threadId, config, profile, skills, ephemeral, rawItems, overrides, ...how };
    const opened = done(await this.#shards.open(request));
    thread.path = opened.path;
    return opened;
  }

  #settle(callId: number, reply: CommandReply, release: () => void): void {
    const waiting = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    if (waiting !== undefined && reply.kind === 'turn') noteTurn(waiting, reply);
    if (reply.kind === 'failed') waiting?.reject(shardFailure(reply.code, reply.message));
    else if (waiting !== undefined) {
      waiting.resolve({ reply, release });
      return;
    }
    release();
  }
}

const addressed = (
  command: Command,
  to: { readonly callId: number; readonly threadId: string },
  itemId: string,
): ThreadCommand => ('input' in command ? { ...command, ...to, itemId } : { ...command, ...to });

/** From here on the client counts on the turn to end and on its input to be kept. */
function noteTurn({ thread, startedBy, itemId: id, input: content }: Waiting, { turnId, joined }: TurnReply): void {
  if (!joined) {
    thread.startedBy = startedBy;
    thread.runningTurnId = turnId;
  }
  if (content.length > 0) thread.openItems.expect(turnId, { type: 'userMessage', id, content });
}

/** The value, or the failure as an error. */
export function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'failed') throw shardFailure(outcome.code, outcome.message);
  return outcome.value;
}

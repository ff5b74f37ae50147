/**
 * The threads that are loaded, and the way to each.
 *
 * In: requests of clients, events of shards. Out: commands to shards; notifications and questions to the client, in order. It
 * owns which threads are loaded and which commands wait for a reply.
 */

import { existsSync } from 'node:fs';
import { hasRoomFor } from '../base/descriptors.ts';
import type { Logger } from '../base/log.ts';
import type { EngineEvent } from '../contract/engine-events.ts';
import type { ClientAnswer, CommandReply, OpenedThread, Outcome, ThreadOrigin } from '../contract/turn-shard.ts';
import type { TurnShards } from '../shards/turn-shards.ts';
import { type Accepted, addressed, type Command, type CommandOptions, noteTurn, type Waiting } from './commands.ts';
import type { Delivery } from './delivery.ts';
import { shardFailure, threadNotFound } from './errors.ts';
import type { ThreadEvent } from './event-pipe.ts';
import { IdleThreads } from './idle-threads.ts';
import type { ListenerKind } from './listeners.ts';
import { LoadedThread, type LoadedThreadOptions } from './loaded-thread.ts';
import { DIED, failedTurn, interruptedTurn, isInterruptOfRunningTurn } from './lost-turns.ts';

export type { Accepted, Command } from './commands.ts';

export interface ThreadsOptions {
  readonly shards: TurnShards;
  readonly delivery: Delivery;
  readonly log: Logger;
  /** Ids for the items that show what users send. */
  readonly newId: () => string;
}

/** What the answer to opening a thread shows of its past. */
export interface Shown {
  readonly includeTurns: boolean;
  readonly includeMessages: boolean;
}

export class Threads {
  readonly #shards: TurnShards;
  readonly #delivery: Delivery;
  readonly #log: Logger;
  readonly #newId: () => string;
  readonly #loaded = new Map<string, LoadedThread>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #idle: IdleThreads;
  #calls = 0;

  constructor(options: ThreadsOptions) {
    this.#shards = options.shards;
    this.#delivery = options.delivery;
    this.#log = options.log;
    this.#newId = options.newId;
    this.#idle = new IdleThreads({
      isBusy: (thread) => this.#loaded.get(thread.id) !== thread || this.#isWaiting(thread),
      close: (threadId) => this.#shards.close(threadId),
      log: this.#log,
    });
  }

  /** Those that are unloaded only to make room are among them. */
  ids(): string[] {
    return [...this.#loaded.values()]
      .flatMap(({ id, life, listeners }) => (life.isUnloaded && listeners.audience === null ? [] : [id]))
      .sort();
  }

  /** Also one that is unloaded and comes back with the next command. */
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
    options: Omit<LoadedThreadOptions, 'sink' | 'onListeners'> & Shown,
    origin: ThreadOrigin,
  ): Promise<{ thread: LoadedThread; opened: OpenedThread }> {
    await this.#loaded.get(options.id)?.life.unloading;
    const thread: LoadedThread = new LoadedThread({
      ...options,
      sink: {
        event: (event) => {
          thread.note(event);
          this.#delivery.deliver(thread, event);
          if (event.kind === 'turnEnded') this.#idle.watch(thread);
        },
        settings: (settings) => thread.settingsChanged(settings),
        reply: (callId, reply, release) => this.#settle(callId, reply, release),
      },
      onListeners: () => this.#idle.watch(thread),
    });
    this.#loaded.set(thread.id, thread);
    try {
      const { includeTurns, includeMessages } = options;
      const opened = await this.#openIn(thread, { origin, lost: null, includeTurns, includeMessages });
      thread.life.opened();
      this.#idle.watch(thread);
      return { thread, opened };
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
    const thread = this.get(threadId);
    this.#idle.forget(threadId);
    await thread.life.unloading;
    if (thread.life.isUnloaded) {
      this.#loaded.delete(threadId);
      return;
    }
    const { release } = await this.command(threadId, { kind: 'close' });
    this.#idle.forget(threadId);
    this.#loaded.delete(threadId);
    release();
  }

  /** Unloads threads in which nothing runs until `count` descriptors are free, those that were used long ago first. */
  makeRoom(count: number): Promise<void> {
    return this.#idle.makeRoom(
      () => [...this.#loaded.values()],
      () => hasRoomFor(count),
    );
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
    if ('overrides' in command) thread.requireAllowed(command.overrides);
    await this.#bringBack(thread);
    this.#calls += 1;
    const callId = this.#calls;
    thread.lastUse = callId;
    const itemId = this.#newId();
    const accepted = new Promise<Accepted>((resolve, reject) => {
      this.#waiting.set(callId, { callId, command, thread, startedBy, itemId, resolve, reject });
    });
    accepted.catch(() => undefined); // submit may fail first
    try {
      await this.#shards.submit(addressed(command, { callId, threadId: thread.id }, itemId));
    } catch (error) {
      // The death of the shard may have brought an interrupt its outcome.
      if (this.#waiting.delete(callId)) throw error;
    }
    return accepted;
  }

  answer(thread: LoadedThread, requestKey: string, answer: ClientAnswer): void {
    this.#shards.answer(thread.id, requestKey, answer);
  }

  /** Where a shard's news of threads arrives. */
  onShardEvent(event: ThreadEvent): void {
    const thread = this.#loaded.get(event.threadId);
    if (thread === undefined) this.#log.debug('threads', 'an event of a thread that is gone', { kind: event.kind });
    else thread.pipe.push(event);
  }

  /**
   * Fails the running turns of a shard that died. The threads stay: those that had a turn are opened again to store its end, the
   * others by the next command.
   */
  onShardDeath(isOn: (threadId: string) => boolean): void {
    const waiting = [...this.#waiting.values()].filter(({ thread }) => isOn(thread.id));
    const interrupts = waiting.filter(isInterruptOfRunningTurn);
    for (const lost of waiting) {
      if (interrupts.includes(lost)) continue;
      this.#waiting.delete(lost.callId);
      lost.reject(shardFailure('worker-lost', DIED));
    }
    const threads = [...this.#loaded.values()].filter(({ id }) => isOn(id));
    const interrupted = threads.filter((thread) => {
      const own = interrupts.filter((interrupt) => interrupt.thread === thread);
      return this.#fail(thread, own);
    });
    // At once: the process may be killed before anyone uses these threads again.
    void this.storeLost(interrupted);
  }

  /**
   * Ends what ran; a turn that was to be interrupted is interrupted, and the interrupts are answered before its end is told.
   * Gives whether the thread was told anything that has to be stored.
   */
  #fail(thread: LoadedThread, interrupts: readonly Waiting[]): boolean {
    thread.pipe.release(); // what the shard had said before is still true
    const turnId = thread.runningTurnId;
    const endings = thread.openItems.endings();
    const end = turnId === null ? [] : interrupts.length > 0 ? interruptedTurn(turnId) : failedTurn(turnId);
    thread.life.crash([...endings, ...end]);
    const { id: threadId } = thread;
    for (const { callId } of interrupts) thread.pipe.push({ kind: 'reply', threadId, callId, reply: { kind: 'ok' } });
    for (const event of [...endings, ...end]) thread.pipe.push({ kind: 'engine', threadId, event });
    return endings.length + end.length > 0;
  }

  /**
   * Puts into their files what threads were told when their shards died, one after the other. Never rejects: a thread that
   * cannot be opened stays as it is.
   */
  async storeLost(threads: Iterable<LoadedThread> = this.#loaded.values()): Promise<void> {
    for (const thread of [...threads]) {
      const { state, unstored } = thread.life;
      const isWaiting = thread.path !== null && unstored.length > 0;
      if (isWaiting || state.kind === 'reopening') await this.#bringBack(thread).catch(() => undefined);
    }
  }

  /** Resolves when the thread is in a shard that runs. */
  async #bringBack(thread: LoadedThread): Promise<void> {
    const { state } = thread.life;
    switch (state.kind) {
      case 'loading':
      case 'loaded':
        return;
      case 'unloading':
      case 'reopening':
        await state.done;
        return this.#bringBack(thread);
      case 'unloaded':
      case 'crashed':
        await thread.life.reopen((unstored) => this.#reopen(thread, unstored));
        this.#idle.watch(thread);
    }
  }

  async #reopen(thread: LoadedThread, lost: readonly EngineEvent[]): Promise<void> {
    const { path, life } = thread;
    if (path === null) throw threadNotFound(thread.id); // an ephemeral thread died with its shard
    try {
      const origin = { kind: 'rollout', path } as const;
      await this.#openIn(thread, { origin, lost, includeTurns: false, includeMessages: false });
    } catch (error) {
      if (!life.isUnloaded || existsSync(path)) throw error;
      this.#loaded.delete(thread.id); // archived or removed meanwhile
      throw threadNotFound(thread.id);
    }
  }

  async #openIn(
    thread: LoadedThread,
    how: { origin: ThreadOrigin; lost: readonly EngineEvent[] | null } & Shown,
  ): Promise<OpenedThread> {
    const { id: threadId, config, profile, skills, ephemeral, rawItems, settings } = thread;
    const request = { threadId, config, profile, skills, ephemeral, rawItems, settings, ...how };
    const opened = done(await this.#shards.open(request));
    thread.opened(opened);
    return opened;
  }

  #isWaiting(thread: LoadedThread): boolean {
    return [...this.#waiting.values()].some((waiting) => waiting.thread === thread);
  }

  #settle(callId: number, reply: CommandReply, release: () => void): void {
    const waiting = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    if (waiting !== undefined && reply.kind === 'turn') noteTurn(waiting, reply);
    if (waiting !== undefined) this.#idle.watch(waiting.thread);
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

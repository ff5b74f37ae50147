/**
 * Servers that are killed at random moments, on one home that lives on.
 *
 * In: a seed. Each crash lets several threads stream, call tools, compact, roll back, archive and come back, kills the process
 * when the client has read so many lines, starts a new one and compares what is stored with what the client had read.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { Box } from '../support/box.ts';
import { calls, says, shell, streams } from '../support/model-events.ts';
import { type Reply, stream } from '../support/model-server.ts';
import { allGone, processesOf } from '../support/processes.ts';
import type { Random } from '../support/random.ts';
import type { RawClient, WireMessage } from '../support/raw-client.ts';

const THREADS = 3;
const MOST_LINES = 120;

interface StoredTurn {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  readonly items: readonly any[];
}

/** What the client knows of one thread. */
interface Known {
  readonly id: string;
  /** All turns as they were last read whole. */
  turns: readonly StoredTurn[];
  /** How many messages the client had read by then. */
  since: number;
  /** A request whose answer has not been read. */
  pending: 'rollback' | 'move' | null;
}

export class Crashes implements AsyncDisposable {
  readonly #box: Box;
  readonly #random: Random;
  readonly #threads: Known[] = [];
  /** What the client of the last server had read. */
  #read: readonly WireMessage[] = [];
  #messages = 0;
  /** Items that were acknowledged and found. */
  acknowledged = 0;

  static async open(random: Random): Promise<Crashes> {
    const box = await Box.open({ sandboxMode: 'danger-full-access', start: false });
    return new Crashes(box, random);
  }

  private constructor(box: Box, random: Random) {
    this.#box = box;
    this.#random = random;
    box.model.route('POST', '/v1/responses', () => this.#reply());
  }

  /** One server from its start to its violent end. What it finds at its start is compared with what is known. */
  async crash(): Promise<void> {
    const client = await this.#start();
    const lines = client.lines.length + 1 + this.#random.below(MOST_LINES);
    const dead = once(client.server.child, 'close');
    for (const known of this.#threads) this.#use(known).catch(() => undefined); // the server goes away under it
    while (client.lines.length < lines && client.server.child.exitCode === null) await nextTick();
    client.server.child.kill('SIGKILL');
    await dead;
    this.#read = client.messages;
    await allGone(processesOf(`HOME=${join(this.#box.folder, 'user')}`));
  }

  /** What is stored once more, after the last crash; what the servers had begun to write is gone by then. */
  async finish(): Promise<void> {
    const { home, folder } = this.#box;
    const before = Date.now() / 1000 - 3600;
    for (const path of draftsBelow(home)) utimesSync(path, before, before);
    await this.#start();
    assert.deepEqual(draftsBelow(home), []);
    assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
    assert.ok(readdirSync(join(home, 'tmp', 'path')).length <= 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#box[Symbol.asyncDispose]();
  }

  #reply(): Reply {
    this.#messages += 1;
    const id = `msg-${this.#messages}`;
    switch (this.#random.below(5)) {
      case 0:
        return stream(calls(shell(`call-${id}`, ['echo', `output of ${id}`])));
      case 2:
        return stream(calls(shell(`call-${id}`, ['sh', '-c', `sleep 1000 & echo output of ${id}`])));
      case 1:
        return stream(says(`a whole answer ${id}`, id));
      default: {
        const pieces = Array.from({ length: 1 + this.#random.below(12) }, (_, at) => `piece ${at} of ${id} `);
        return stream(streams(pieces, id));
      }
    }
  }

  /** Works with a thread until the server is gone. */
  async #use(known: Known): Promise<void> {
    const box = this.#box;
    const { id: threadId } = known;
    for (;;) {
      const choice = this.#random.below(8);
      if (choice === 0 && known.turns.length > 0) await this.#rollBack(known);
      else if (choice === 1) await this.#archive(known);
      else if (choice === 2) await this.#turnOf(known, box.call('thread/compact/start', { threadId }));
      else {
        const input = [{ type: 'text', text: `question ${this.#random.below(1000)}` }];
        await this.#turnOf(known, box.call('turn/start', { threadId, input }));
      }
    }
  }

  async #turnOf({ id }: Known, started: Promise<unknown>): Promise<void> {
    const client = this.#box.client;
    await started;
    await client.take(
      ({ method, params }) => method === 'turn/completed' && params.threadId === id,
      `the end in ${id}`,
    );
  }

  async #rollBack(known: Known): Promise<void> {
    known.pending = 'rollback';
    const { thread } = await this.#box.call('thread/rollback', { threadId: known.id, numTurns: 1 });
    Object.assign(known, { pending: null, turns: thread.turns, since: this.#box.client.messages.length });
  }

  async #archive(known: Known): Promise<void> {
    const { id: threadId } = known;
    known.pending = 'move';
    await this.#box.call('thread/archive', { threadId });
    await this.#box.call('thread/unarchive', { threadId });
    known.pending = null;
    await this.#box.call('thread/resume', { threadId });
  }

  async #start(): Promise<RawClient> {
    const client = await this.#box.start();
    for (const known of this.#threads) await this.#checkThread(known);
    const listed = await this.#listed(false);
    for (const { id, turns } of this.#threads) {
      const hasMessage = turns.some(({ items }) => items.some(({ type }) => type === 'userMessage'));
      if (hasMessage) assert.equal(listed.filter((each) => each === id).length, 1, `${id} is listed once`);
    }
    assert.deepEqual(await this.#listed(true), []);
    while (this.#threads.length < THREADS) {
      this.#threads.push({ id: await this.#box.thread(), turns: [], since: 0, pending: null });
    }
    for (const known of this.#threads) known.since = client.messages.length;
    this.#read = [];
    return client;
  }

  async #listed(archived: boolean): Promise<string[]> {
    const { data } = await this.#box.call('thread/list', { archived, modelProviders: [] });
    return data.map(({ id }: { id: string }) => id);
  }

  /** Brings the thread back when it was put away. */
  async #checkThread(known: Known): Promise<void> {
    const { id: threadId } = known;
    const reply = await this.#box.client.request('thread/resume', { threadId });
    if (reply.error !== undefined) {
      assert.equal(known.pending, 'move', `${threadId}: ${reply.error.message}`);
      await this.#box.call('thread/unarchive', { threadId });
      await this.#box.call('thread/resume', { threadId });
    }
    const stored: readonly StoredTurn[] = await this.#box.turnsOf(threadId);
    this.#compare(known, stored);
    Object.assign(known, { turns: stored, pending: null });
  }

  #compare({ id, turns, since, pending }: Known, stored: readonly StoredTurn[]): void {
    const news = this.#read.slice(since).filter(({ params }) => params?.threadId === id);
    const begun = news.flatMap(({ method, params }) => (method === 'turn/started' ? [params.turn.id] : []));
    const last = [...turns.map((turn) => turn.id), ...begun].at(-1);
    // A rollback whose answer was not read may have happened.
    const isGone = (turnId: string): boolean =>
      pending === 'rollback' && turnId === last && stored.every((turn) => turn.id !== turnId);
    const kept = turns.filter((turn) => !isGone(turn.id));
    assert.deepEqual(stored.slice(0, kept.length), kept, `${id}: what was stored before`);
    // An item is acknowledged when the client has read that it is complete.
    for (const { method, params } of news) {
      if (method !== 'item/completed' || isGone(params.turnId)) continue;
      const turn = stored.find((each) => each.id === params.turnId);
      const found = turn?.items.find((item) => item.id === params.item.id);
      assert.deepEqual(found, params.item, `${id}: an acknowledged item`);
      this.acknowledged += 1;
    }
  }
}

/** Files that were to take the place of others. */
const draftsBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tmp'))
    .map((name) => join(folder, name));

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import type { Logger } from '../../src/base/log.ts';
import type { ShardEvent, ShardSettings, ThreadCommand } from '../../src/contract/turn-shard.ts';
import { ShardDied } from '../../src/shards/shard-host.ts';
import { TurnShards } from '../../src/shards/turn-shards.ts';
import { silentLogger } from '../support/silent-logger.ts';

type LogEvent = Extract<ShardEvent, { kind: 'log' }>;

const SETTINGS: ShardSettings = {
  identity: { originator: 'test', userAgent: 'test', version: '0' },
  env: {},
  codexHome: '/home/of/codex',
  processCwd: '/',
  patchProgram: '/none',
};

/** What is handed through is of no concern here. */
type AuthState = Parameters<TurnShards['broadcastAuth']>[0];
const stateOf = (generation: number): AuthState => generation as unknown as AuthState;

/** Thread ids whose shard is known: the index is the end of the id. */
const threadOn = (shard: number, n = 0): string =>
  `01900000-0000-7000-8000-0000${String(n * 2 + shard).padStart(8, '0')}`;

class Fixture implements AsyncDisposable {
  readonly shards: TurnShards;
  readonly logged: { readonly level: string; readonly event: string; readonly fields: object }[] = [];
  readonly replies: number[] = [];
  readonly deaths: { readonly isOn: (threadId: string) => boolean; readonly reason: string }[] = [];
  generation = 1;
  /** What `drained` answers. */
  congested: Promise<void> | null = null;
  #changed = deferred<void>();

  constructor() {
    this.shards = new TurnShards({
      count: 2,
      script: new URL('./shard.main.js', import.meta.url),
      settings: () => SETTINGS,
      auth: () => stateOf(this.generation),
      log: this.#logger(),
      onEvent: (event) => {
        if (event.kind === 'reply') this.replies.push(event.callId);
        this.#tell();
      },
      drained: () => this.congested,
      onDeath: (isOn, reason) => {
        this.deaths.push({ isOn, reason });
        this.#tell();
      },
    });
  }

  /** Resolves when `isTrue` holds after something has happened. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.#changed.promise;
  }

  messages(event: string): object[] {
    return this.logged.filter((record) => record.event === event).map(({ fields }) => fields);
  }

  tell(threadId: string, callId: number, text: string): Promise<void> {
    const command: ThreadCommand = {
      kind: 'startTurn',
      threadId,
      callId,
      itemId: 'shown',
      input: [{ type: 'text', text, text_elements: [] }],
      overrides: {},
    };
    return this.shards.submit(command);
  }

  /** The worker may be gone before it has said that it got the order. */
  async kill(threadId: string, order: 'die' | 'exit'): Promise<void> {
    await this.tell(threadId, 0, order).catch((error: unknown) => assert.ok(error instanceof ShardDied));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shards.closeAll(AbortSignal.timeout(1000));
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = deferred();
  }

  #logger(): Logger {
    const record =
      (level: LogEvent['level']) =>
      (_area: string, event: string, fields: object = {}): void => {
        this.logged.push({ level, event, fields });
        this.#tell();
      };
    return {
      ...silentLogger,
      error: record('error'),
      warn: record('warn'),
      info: record('info'),
      debug: record('debug'),
    };
  }
}

test('a shard is started on first use, and configured before anything else', async () => {
  await using fixture = new Fixture();
  assert.deepEqual(fixture.logged, []);
  await fixture.tell(threadOn(0), 1, 'hello');
  await fixture.until(() => fixture.replies.length === 1);
  assert.deepEqual(
    fixture.logged.map(({ event, fields }) => [event, fields]),
    [
      ['configured', { codexHome: '/home/of/codex' }],
      ['auth', { state: 1 }],
    ],
  );
});

test('credentials go to the shards that run; one that starts later gets the newest', async () => {
  await using fixture = new Fixture();
  await fixture.tell(threadOn(0), 1, 'hello');
  fixture.generation = 2;
  fixture.shards.broadcastAuth(stateOf(2));
  await fixture.until(() => fixture.messages('auth').length === 2);
  await fixture.tell(threadOn(1), 2, 'hello');
  await fixture.until(() => fixture.messages('auth').length === 3);
  assert.deepEqual(fixture.messages('auth'), [{ state: 1 }, { state: 2 }, { state: 2 }]);
});

test('the death of a worker is told once, for its threads only, and the shard starts again on next use', async () => {
  await using fixture = new Fixture();
  await fixture.tell(threadOn(0), 1, 'hello');
  await fixture.tell(threadOn(1), 2, 'hello');
  await fixture.until(() => fixture.replies.length === 2);
  for (const [order, reason] of [
    ['die', /told to die/],
    ['exit', /./],
  ] as const) {
    const before = fixture.deaths.length;
    await fixture.kill(threadOn(0), order);
    await fixture.until(() => fixture.deaths.length === before + 1);
    const death = fixture.deaths.at(-1);
    assert.ok(death);
    assert.match(death.reason, reason);
    assert.deepEqual([death.isOn(threadOn(0, 7)), death.isOn(threadOn(1, 7))], [true, false]);
    const answered = fixture.replies.length;
    await fixture.tell(threadOn(0), 4, 'hello');
    await fixture.tell(threadOn(1), 5, 'hello');
    await fixture.until(() => fixture.replies.length === answered + 2);
  }
  assert.equal(fixture.messages('a turn shard died').length, 2);
});

test('a call whose worker dies is rejected and does not wait for ever', async () => {
  await using fixture = new Fixture();
  await fixture.tell(threadOn(0), 1, 'hello');
  await fixture.until(() => fixture.replies.length === 1);
  await fixture.kill(threadOn(0), 'exit');
  const reading = fixture.shards.readStored(threadOn(0), {
    threadId: null,
    path: '/x',
    includeTurns: false,
    fallbackProvider: 'x',
  });
  await reading.catch((error: unknown) => assert.ok(error instanceof ShardDied));
  await fixture.until(() => fixture.deaths.length === 1);
});

test('kill-tree: the process groups of a dead worker are ended', async () => {
  await using fixture = new Fixture();
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  await fixture.tell(threadOn(0), 1, `group ${child.pid}`);
  await fixture.until(() => fixture.replies.length === 1);
  await fixture.kill(threadOn(0), 'die');
  assert.equal(await ended, 'SIGKILL');
});

test('kill-tree: and those of one that is closed', async () => {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  {
    await using fixture = new Fixture();
    await fixture.tell(threadOn(0), 1, `group ${child.pid}`);
    await fixture.until(() => fixture.replies.length === 1);
  }
  assert.equal(await ended, 'SIGKILL');
});

test('what a worker prints is logged and does not reach stdout', async () => {
  await using fixture = new Fixture();
  await fixture.tell(threadOn(0), 1, 'print');
  await fixture.until(() => fixture.messages('a worker printed').length === 1);
  assert.deepEqual(fixture.messages('a worker printed'), [{ name: 'shard', text: 'printed by a worker\n' }]);
});

test('events are acknowledged only when the client has taken what it was sent', async () => {
  await using fixture = new Fixture();
  const drained = deferred<void>();
  fixture.congested = drained.promise;
  await fixture.tell(threadOn(0), 1, 'hello');
  await fixture.until(() => fixture.replies.length === 1);
  await fixture.tell(threadOn(0), 2, 'acknowledged');
  await fixture.until(() => fixture.messages('acknowledged').length === 1);
  assert.deepEqual(fixture.messages('acknowledged'), [{ acknowledged: -1 }]);
  fixture.congested = null;
  drained.resolve();
  await fixture.tell(threadOn(0), 3, 'hello');
  await fixture.until(() => fixture.replies.length === 3);
  await fixture.tell(threadOn(0), 4, 'acknowledged');
  await fixture.until(() => fixture.messages('acknowledged').length === 2);
  const [, last] = fixture.messages('acknowledged') as { acknowledged: number }[];
  assert.ok((last?.acknowledged ?? -1) > 0);
});

test('closing ends within its deadline although a shard does not answer', async () => {
  const fixture = new Fixture();
  await fixture.tell(threadOn(0), 1, 'forget');
  await fixture.shards.closeAll(AbortSignal.abort());
  // Nobody is told of a death that was wanted.
  assert.deepEqual(fixture.deaths, []);
});

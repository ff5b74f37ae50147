import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import { systemClock } from '../../src/base/clock.ts';
import { StartupError } from '../../src/base/errors.ts';
import type { Application, HandlerTable } from '../../src/rpc/application.ts';
import { decoder } from '../../src/rpc/decoder.ts';
import { type ApplicationDeps, type ServeDeps, Server } from '../../src/serve.ts';
import { turns } from '../rpc/linked.ts';
import { HeldTime } from '../support/held-time.ts';
import { MemoryPipe } from '../support/memory-pipe.ts';
import { silentLogger } from '../support/silent-logger.ts';

const ignored = (): void => undefined;
const HELLO = '{"id":"hello","method":"initialize","params":{"clientInfo":{"name":"a","version":"1"}}}\n';
const LIST = '{"id":"list","method":"thread/loaded/list","params":{}}\n';

interface Setup {
  readonly application?: Partial<Application>;
  readonly handler?: () => unknown;
  readonly deps?: Partial<ServeDeps>;
  open?(deps: ApplicationDeps): Promise<void>;
}

function served({ application = {}, handler = () => ({ data: [] }), deps = {}, open }: Setup = {}) {
  const toServer = new MemoryPipe();
  const toClient = new MemoryPipe();
  const lines: string[] = [];
  const arrived = new Map<number, () => void>();
  toClient.start((chunk) => {
    lines.push(...Buffer.from(chunk).toString().trimEnd().split('\n'));
    for (const [count, notice] of arrived) if (lines.length >= count) notice();
  }, ignored);
  const events: string[] = [];
  const ended = deferred();
  const identity = { originator: 'o', userAgent: 'u' };
  const server = new Server({
    source: toServer,
    sink: toClient,
    log: silentLogger,
    clock: systemClock,
    env: {},
    codexHome: '/nowhere',
    cwd: '/',
    programs: new URL('file:///nowhere/'),
    overrides: [],
    analyticsDefaultEnabled: false,
    identity: { before: identity, of: () => identity, asked: async () => identity },
    onEarlyRequest: async () => undefined,
    loadDecoder: async () => decoder,
    loadApplication: async () => {
      events.push('loaded');
      return async (given) => {
        await open?.(given);
        return {
          handlers: { 'thread/loaded/list': handler } as unknown as HandlerTable,
          lanesOf: () => [],
          makeRoom: async () => () => undefined,
          startupWarnings: [],
          close: async () => void events.push('closed'),
          ...application,
        };
      };
    },
    onFatal: (error) => void events.push(`fatal: ${error}`),
    onEnd: () => ended.resolve(),
    ...deps,
  });
  return {
    server,
    events,
    lines,
    ended: ended.promise,
    close: () => toServer.close(),
    send: (text: string) => toServer.write(Buffer.from(text), ignored),
    lineCount: (count: number) =>
      lines.length >= count ? Promise.resolve() : new Promise<void>((resolve) => arrived.set(count, resolve)),
  };
}

const idOrMethod = (line: string): unknown => {
  const { id, method } = JSON.parse(line);
  return method ?? id;
};

test('nothing is loaded until initialize has been answered; warnings come before any other answer', async () => {
  const startupWarnings = [
    { summary: 'one', details: null },
    { summary: 'two', details: 'x' },
  ];
  const { server, events, lines, send, lineCount } = served({ application: { startupWarnings } });
  await server.start();
  send('{"id":1,"method":"nope"}\n');
  await lineCount(1);
  assert.deepEqual(events, []);
  send(HELLO + LIST);
  await lineCount(5);
  assert.deepEqual(lines.map(idOrMethod), [1, 'hello', 'configWarning', 'configWarning', 'list']);
});

test('what a first request needs is started before the application is loaded', async (context) => {
  new HeldTime(context);
  const order: string[] = [];
  const loaded = deferred();
  const { server, send } = served({
    deps: {
      onEarlyRequest: async (method, params) => {
        order.push(`${method} ${JSON.stringify(params)} read`);
        await turns(3);
        order.push('started');
      },
      loadApplication: async () => {
        order.push('application');
        loaded.resolve();
        throw new Error('not needed');
      },
    },
  });
  await server.start();
  send(`${HELLO}{"id":"search","method":"fuzzyFileSearch","params":{"query":"a","roots":[]}}\n`);
  await loaded.promise;
  assert.deepEqual(order, ['fuzzyFileSearch {"query":"a","roots":[]} read', 'started', 'application']);
});

test('with options on the command line the application is opened before anything is answered', async () => {
  const startupWarnings = [{ summary: 'one', details: null }];
  const deps = { overrides: [['model', 'x']] as const };
  const { server, events, lines, send, lineCount } = served({ application: { startupWarnings }, deps });
  await server.start();
  assert.deepEqual(events, ['loaded']);
  send(HELLO + LIST);
  await lineCount(3);
  assert.deepEqual(lines.map(idOrMethod), ['hello', 'configWarning', 'list']);

  const refused = served({
    deps,
    open: async () => {
      throw new StartupError('model must be a string');
    },
  });
  await assert.rejects(refused.server.start(), StartupError);
});

test('an application that cannot be opened later on is fatal', async () => {
  const fatal = deferred<unknown>();
  const { server, send } = served({
    deps: { onFatal: fatal.resolve },
    open: async () => {
      throw new StartupError('broken');
    },
  });
  await server.start();
  send(HELLO);
  assert.ok((await fatal.promise) instanceof StartupError);
});

test('a shutdown answers what was read, closes the application and is done in time, whatever hangs', async (context) => {
  const never = new Promise<void>(ignored);
  const { server, lines, send, lineCount, close, ended } = served({
    handler: () => never,
    application: { close: () => never },
  });
  await server.start();
  send(HELLO);
  await lineCount(1);
  send(LIST);
  close();
  await ended;
  const time = new HeldTime(context);
  const tookMs = await time.msOf(Promise.all([server.shutdown(), server.shutdown()]));
  assert.ok(tookMs > 0 && tookMs < 1900, `${tookMs} ms`);
  assert.equal(lines[1], '{"error":{"code":-32603,"message":"server is shutting down"},"id":"list"}');
});

test('a shutdown with nothing to do waits for nothing', async (context) => {
  const { server, events, send, lineCount } = served();
  await server.start();
  send(HELLO + LIST);
  await lineCount(2);
  const tookMs = await new HeldTime(context).msOf(server.shutdown());
  assert.deepEqual([events, tookMs], [['loaded', 'closed'], 0]);
});

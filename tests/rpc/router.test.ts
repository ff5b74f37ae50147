import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deferred, deferred } from '../../src/base/abort.ts';
import { AppError } from '../../src/base/errors.ts';
import type { Application, HandlerTable, RequestContext } from '../../src/rpc/application.ts';
import { ClientState } from '../../src/rpc/client-state.ts';
import { decoder } from '../../src/rpc/decoder.ts';
import { invalidRequest } from '../../src/rpc/errors.ts';
import { Router } from '../../src/rpc/router.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { Linked, turns } from './linked.ts';

type TestHandler = (params: { readonly threadId: string }, context: RequestContext) => unknown;

interface Setup {
  readonly handlers?: Readonly<Record<string, TestHandler>>;
  readonly application?: Deferred<Application>;
  readonly initialized?: boolean;
}

function createClient(): ClientState {
  return new ClientState({ originator: 'o', userAgent: 'u' });
}

function routed(setup: Setup = {}) {
  const client = createClient();
  const accept = (): void => client.accept({ name: 'n', version: '1', identity: client.identity, optOut: [] });
  if (setup.initialized !== false) accept();
  const application: Application = {
    handlers: (setup.handlers ?? {}) as unknown as HandlerTable,
    lanesOf: (_method, params) => [`thread:${(params as { threadId: string }).threadId}`],
    makeRoom: async () => () => undefined,
    startupWarnings: [],
    close: async () => undefined,
  };
  const errors: unknown[] = [];
  let router: Router | undefined;
  const linked = new Linked(
    (request, _linked, admitted) => router?.answer(request, admitted) ?? Promise.reject(new Error('no router')),
  );
  router = new Router({
    log: { ...silentLogger, error: (_area, _event, fields) => void errors.push(fields?.error) },
    client,
    pressure: linked.connection.pressure,
    initialize: {
      decode: async (params) => {
        if (params === null) throw invalidRequest('bad params');
        return async () => {
          await turns(2);
          accept();
          return { userAgent: 'u' };
        };
      },
      answered: () => linked.connection.notify('answered'),
    },
    onRequestRead: () => undefined,
    decoder: async () => decoder,
    application: () => setup.application?.promise ?? Promise.resolve(application),
    afterReply: (requestId, run) => linked.connection.afterReply(requestId, run),
  });
  return { linked, router, application, errors };
}

const send = (linked: Linked, id: number, method: string, threadId = 't'): void =>
  linked.send(`${JSON.stringify({ id, method, params: { threadId } })}\n`);
const ids = (linked: Linked) => linked.messages.map(({ id }) => id);

test('a request is decoded before it is asked whether the client is initialized', async () => {
  const { linked } = routed({ initialized: false });
  linked.send('{"id":1,"method":"nope"}\n{"id":2,"method":"thread/read","params":{}}\n');
  send(linked, 3, 'thread/read');
  await linked.lineCount(3);
  assert.deepEqual(
    linked.messages.map(({ error }) => [error?.code, error?.message.slice(0, 39)]),
    [
      [-32600, 'Invalid request: unknown variant `nope`'],
      [-32600, 'Invalid request: missing field `threadI'],
      [-32600, 'Not initialized'],
    ],
  );
});

test('requests are judged in the order of the input, however long the handshake takes', async () => {
  const { linked } = routed({ initialized: false, handlers: { 'thread/read': () => ({ ok: 1 }) } });
  send(linked, 1, 'thread/read');
  linked.send('{"id":2,"method":"initialize","params":null}\n{"id":3,"method":"initialize","params":{}}\n');
  send(linked, 4, 'thread/read');
  linked.send('{"id":5,"method":"initialize","params":{}}\n{"id":6,"method":"initialize","params":null}\n');
  await linked.lineCount(7);
  const told = linked.messages.map(({ id, method, error, result }) => method ?? [id, error?.message ?? result]);
  assert.deepEqual(told, [
    [1, 'Not initialized'],
    [2, 'bad params'],
    [3, { userAgent: 'u' }],
    'answered',
    [4, { ok: 1 }],
    [5, 'Already initialized'],
    [6, 'bad params'],
  ]);
});

test('requests wait in order for the application', async () => {
  const loading = deferred<Application>();
  const { linked, application } = routed({ application: loading, handlers: { 'thread/read': () => 1 } });
  for (const id of [1, 2, 3]) send(linked, id, 'thread/read');
  await turns();
  assert.equal(linked.lines.length, 0);
  loading.resolve(application);
  await linked.lineCount(3);
  assert.deepEqual(ids(linked), [1, 2, 3]);
});

test('requests of one lane run one after the other, those of different lanes at the same time', async () => {
  const gates = new Map<string, Deferred<void>>(['a', 'b'].map((id) => [id, deferred()]));
  const started: string[] = [];
  const { linked } = routed({
    handlers: {
      'thread/read': async ({ threadId }) => {
        started.push(threadId);
        await gates.get(threadId)?.promise;
        return threadId;
      },
    },
  });
  send(linked, 1, 'thread/read', 'a');
  send(linked, 2, 'thread/read', 'a');
  send(linked, 3, 'thread/read', 'b');
  send(linked, 4, 'thread/read', 'c');
  await linked.lineCount(1);
  assert.deepEqual([ids(linked), started], [[4], ['a', 'b', 'c']]);
  gates.get('b')?.resolve();
  await linked.lineCount(2);
  gates.get('a')?.resolve();
  await linked.lineCount(4);
  assert.deepEqual(ids(linked), [4, 3, 1, 2]);
});

test('a lane is free after a failure, and when a request leaves it before its answer', async () => {
  const gate = deferred();
  const { linked } = routed({
    handlers: {
      'turn/interrupt': async (_params, context) => {
        context.leaveLanes();
        await gate.promise;
        return {};
      },
      'thread/read': () => {
        throw new AppError('thread-not-found', 'thread not found: t');
      },
    },
  });
  linked.send('{"id":1,"method":"turn/interrupt","params":{"threadId":"t","turnId":"0"}}\n');
  send(linked, 2, 'thread/read');
  send(linked, 3, 'thread/read');
  await linked.lineCount(2);
  gate.resolve();
  await linked.lineCount(3);
  assert.deepEqual(ids(linked), [2, 3, 1]);
});

test('what a handler wants after its reply follows the reply, and is dropped when it fails', async () => {
  const { linked } = routed({
    handlers: {
      'thread/read': ({ threadId }, context) => {
        context.afterReply(() => linked.connection.notify('after', { threadId }));
        if (threadId === 'bad') throw invalidRequest('no');
        return 1;
      },
    },
  });
  send(linked, 1, 'thread/read', 'bad');
  send(linked, 2, 'thread/read', 'good');
  await linked.lineCount(3);
  assert.deepEqual(
    linked.messages.map(({ id, method }) => method ?? id),
    [1, 2, 'after'],
  );
});

test('an expected failure is sent, a bug is logged and not sent', async () => {
  const bug = new Error('secret internals');
  const { linked, errors } = routed({
    handlers: {
      'thread/read': ({ threadId }) => {
        if (threadId === 'bug') throw bug;
        if (threadId === 'odd') throw new AppError('starlark-error', 'handled elsewhere');
        throw new AppError('conflict', 'changed meanwhile', { data: { version: 2 } });
      },
    },
  });
  for (const [id, threadId] of ['bug', 'odd', 'known'].entries()) send(linked, id, 'thread/read', threadId);
  await linked.lineCount(3);
  assert.deepEqual(
    linked.messages.map(({ error }) => error),
    [
      { code: -32603, message: 'internal error' },
      { code: -32603, message: 'internal error' },
      { code: -32600, message: 'changed meanwhile', data: { version: 2 } },
    ],
  );
  assert.equal(errors[0], bug);
  assert.equal(errors.length, 2);
});

test('stopping aborts what runs and answers what still waits', async () => {
  const { linked, router } = routed({
    handlers: {
      'thread/read': (_params, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  });
  send(linked, 1, 'thread/read');
  send(linked, 2, 'thread/read');
  await turns();
  router.stop();
  await linked.lineCount(2);
  assert.deepEqual(
    linked.messages.map(({ id, error }) => [id, error?.message]),
    [
      [1, 'server is shutting down'],
      [2, 'server is shutting down'],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import { EncodedJson } from '../../src/base/encoded-json.ts';
import { resolvedWithin } from '../support/processor-time.ts';
import { Linked, turns } from './linked.ts';

const echo = async (request: { readonly params: unknown }) => ({ result: request.params });

test('ids come back exactly as they were written', async () => {
  using linked = new Linked(async () => ({ result: 1 }));
  const ids = ['0', '-1', '9223372036854775807', '-9223372036854775808', '""', '"a\\u00e9"', '"9"', '9'];
  for (const id of ids) linked.send(`{"method":"m","id":${id}}\n`);
  const lines = await linked.lineCount(ids.length);
  assert.deepEqual(
    lines,
    ids.map((id) => `{"id":${id},"result":1}`),
  );
});

test('two requests with one id at a time are both answered', async () => {
  const gates = [deferred(), deferred()];
  let count = 0;
  using linked = new Linked(async () => {
    const own = count++;
    await gates[own]?.promise;
    return { result: own };
  });
  linked.send('{"id":"x","method":"m"}\n{"id":"x","method":"m"}\n');
  await turns();
  gates[1]?.resolve();
  await linked.lineCount(1);
  gates[0]?.resolve();
  assert.deepEqual(await linked.lineCount(2), ['{"id":"x","result":1}', '{"id":"x","result":0}']);
});

test('params reach the router as they are: arrays, scalars, null, nothing', async () => {
  using linked = new Linked(echo);
  const params = ['[1,[2]]', '3', 'null', '"s"', '{"isCancellationRequested":true}'];
  for (const value of params) linked.send(`{"id":1,"method":"m","params":${value}}\n`);
  linked.send('{"id":1,"method":"m"}\n');
  const results = (await linked.lineCount(6)).map((line) => line.slice('{"id":1,"result":'.length, -1));
  assert.deepEqual(results, [...params, 'null']);
});

test('errors are written before the id, with data when there is any', async () => {
  using linked = new Linked(async ({ method }) => ({
    error: method === 'a' ? { code: -32600, message: 'no' } : { code: -32603, message: 'bad', data: { a: 1 } },
  }));
  linked.send('{"id":1,"method":"a"}\n{"id":2,"method":"b"}\n');
  assert.deepEqual(await linked.lineCount(2), [
    '{"error":{"code":-32600,"message":"no"},"id":1}',
    '{"error":{"code":-32603,"message":"bad","data":{"a":1}},"id":2}',
  ]);
});

test('bad lines are answered without an id and logged, and the connection goes on', async () => {
  using linked = new Linked(async () => ({ result: true }));
  linked.send(Buffer.concat([Buffer.from('nonsense\n[]\n{"id":null,"method":"m"}\n'), Buffer.from([0xff, 10])]));
  linked.send('\n  \r\n{"id":1,"method":"m"}');
  linked.toServer.close();
  await linked.lineCount(5);
  assert.deepEqual(
    linked.messages.map(({ id, error }) => [id, error?.code]),
    [
      [null, -32700],
      [null, -32600],
      [null, -32600],
      [null, -32700],
      [1, undefined],
    ],
  );
  assert.equal(linked.logged.filter((event) => event === 'bad-line').length, 4);
  assert.ok(linked.ended);
});

test('notifications of the client are ignored, those the library would act on too', async () => {
  using linked = new Linked(async () => ({ result: true }));
  const sent = ['initialized', '$/cancelRequest', '$/setTrace', '$/progress', 'whatever'];
  for (const method of sent) linked.send(`{"method":"${method}","params":null}\n`);
  linked.send('{"id":1,"method":"m"}\n{"method":"$/cancelRequest","params":{"id":1}}\n');
  linked.send('{"id":2,"method":"$/cancelRequest","params":{"id":1}}\n');
  assert.deepEqual(await linked.lineCount(2), ['{"id":1,"result":true}', '{"id":2,"result":true}']);
});

test('what follows a reply is queued right behind it, before anything else', async () => {
  using linked = new Linked(async (request, { connection }) => {
    connection.afterReply(request.requestId, () => connection.notify('first', {}));
    connection.afterReply(request.requestId, () => {
      throw new Error('one that fails');
    });
    connection.afterReply(request.requestId, () => connection.notify('second', {}));
    connection.notify('before', {});
    return { result: 1 };
  });
  linked.send('{"id":1,"method":"m"}\n{"id":2,"method":"m"}\n');
  await linked.lineCount(8);
  const order = linked.messages.map((message) => message.method ?? message.id);
  assert.deepEqual(order, ['before', 1, 'first', 'second', 'before', 2, 'first', 'second']);
});

test('encoded JSON is spliced into results and notifications', async () => {
  const part = new EncodedJson([Buffer.from('{"a":'), Buffer.from('"é"}')]);
  using linked = new Linked(async () => ({ result: { thread: part } }));
  linked.connection.notify('n', { part });
  linked.send('{"id":1,"method":"m"}\n');
  assert.deepEqual(await linked.lineCount(2), [
    '{"method":"n","params":{"part":{"a":"é"}}}',
    '{"id":1,"result":{"thread":{"a":"é"}}}',
  ]);
});

test('a result that JSON cannot hold is an internal error, and the connection goes on', async () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  using linked = new Linked(async ({ method }) => ({ result: method === 'cycle' ? cycle : 1 }));
  linked.send('{"id":1,"method":"cycle"}\n{"id":2,"method":"m"}\n');
  const lines = await linked.lineCount(2);
  assert.deepEqual(lines, ['{"error":{"code":-32603,"message":"internal error"},"id":1}', '{"id":2,"result":1}']);
});

test('a malformed answer ends the waiting for a good one', async () => {
  using linked = new Linked(async () => ({ result: 1 }));
  const answer = linked.connection.request('ask', {}, new AbortController().signal);
  await linked.lineCount(1);
  linked.send('{"id":0,"error":"no"}\n{"id":0,"result":1}\n');
  assert.deepEqual(await answer, { kind: 'malformed', message: 'Invalid request: malformed response' });
});

test('requests to the client are numbered from 0 and settled by the answer with that very id', async () => {
  using linked = new Linked(async () => ({ result: 1 }));
  const { signal } = new AbortController();
  const answers = [0, 1, 2].map((n) => linked.connection.request('ask', { n }, signal));
  assert.deepEqual(
    await linked.lineCount(3),
    [0, 1, 2].map((n) => `{"method":"ask","id":${n},"params":{"n":${n}}}`),
  );

  linked.send('{"id":"0","result":"wrong type"}\n{"id":9,"result":"unknown"}\n{"id":0.0,"result":1}\n');
  linked.send('{"id":0}\n{"id":1,"result":null}\n{"id":1,"result":"again"}\n');
  linked.send('{"id":2,"error":{"code":5,"message":"no"}}\n{"id":0,"result":{"ok":true}}\n');
  assert.deepEqual(await Promise.all(answers), [
    { kind: 'result', value: { ok: true } },
    { kind: 'result', value: null },
    { kind: 'error', code: 5, message: 'no' },
  ]);
  assert.equal(linked.logged.filter((event) => event === 'stray-answer').length, 3);
  assert.equal(linked.logged.filter((event) => event === 'bad-line').length, 2);
});

test('an answer is not delayed by requests that run or wait', async () => {
  const never = deferred<{ result: unknown }>();
  using linked = new Linked(() => never.promise);
  const answer = linked.connection.request('ask', {}, new AbortController().signal);
  await linked.lineCount(1);
  linked.send(`${'{"id":1,"method":"slow"}\n'.repeat(1000)}{"id":0,"result":1}\n`);
  assert.deepEqual(await answer, { kind: 'result', value: 1 });
});

test('a request to the client ends with its signal, and at shutdown; late answers are ignored', async () => {
  using linked = new Linked(async () => ({ result: 1 }));
  const controller = new AbortController();
  const first = linked.connection.request('ask', {}, controller.signal);
  const second = linked.connection.request('ask', {}, new AbortController().signal);
  await linked.lineCount(2);
  controller.abort();
  assert.deepEqual(await first, { kind: 'closed' });
  linked.send('{"id":0,"result":1}\n');
  await turns();
  assert.ok(linked.logged.includes('stray-answer'));

  linked.connection.closeRequests();
  assert.deepEqual(await second, { kind: 'closed' });
  assert.deepEqual(await linked.connection.request('ask', {}, new AbortController().signal), { kind: 'closed' });
  assert.equal(linked.lines.length, 2);
});

test('a client that does not read is not read from, and gets everything once it reads', async () => {
  const big = 'x'.repeat(10_000);
  let handled = 0;
  using linked = new Linked(async () => {
    handled += 1;
    return { result: big };
  });
  linked.toClient.pause();
  const total = 2000;
  for (let sent = 0; sent < total / 20; sent += 1) linked.send('{"id":1,"method":"m"}\n'.repeat(20));
  await turns(3000);
  assert.ok(handled < 400, `${handled} requests handled for a client that does not read`);
  assert.ok(linked.connection.pressure.queuedBytes < 4_000_000);
  linked.toClient.resume();
  assert.equal((await linked.lineCount(total)).length, total);
});

test('a client that is gone is logged once, and requests are still taken', async () => {
  let handled = 0;
  using linked = new Linked(async () => {
    handled += 1;
    return { result: 1 };
  });
  linked.toClient.break(new Error('EPIPE'));
  for (let sent = 0; sent < 3; sent += 1) {
    linked.send('{"id":1,"method":"m"}\n');
    await turns();
  }
  assert.equal(handled, 3);
  assert.equal(linked.logged.filter((event) => event === 'client-stopped-reading').length, 1);
});

test('requests without an answer can be answered from outside, once', async () => {
  const late = deferred<{ result: unknown }>();
  using linked = new Linked(() => late.promise);
  linked.send('{"id":"a","method":"m"}\n{"id":"b","method":"m"}\n');
  await turns();
  const answered = linked.connection.allAnswered();
  linked.connection.answerRest({ code: -32603, message: 'bye' });
  await answered;
  late.resolve({ result: 1 });
  await turns();
  assert.deepEqual(
    linked.lines,
    ['a', 'b'].map((id) => `{"error":{"code":-32603,"message":"bye"},"id":"${id}"}`),
  );
});

test('very many notifications are all out, at a cost that does not grow with their number', async () => {
  using linked = new Linked(async () => ({ result: 1 }));
  const params = {
    threadId: '0192f3a1-7b6c-7def-8abc-0123456789ab',
    turnId: '0',
    itemId: 'item-1',
    delta: 'some text',
  };
  const total = 150_000;
  const send = async (): Promise<void> => {
    for (let sent = 0; sent < total; sent += 1) {
      linked.connection.notify('item/agentMessage/delta', params);
      if (linked.connection.pressure.high) await linked.connection.pressure.ready();
    }
    await linked.connection.flushed();
  };
  await resolvedWithin(20_000, 'notifications', send);
  assert.equal(linked.lines.length, total);
});

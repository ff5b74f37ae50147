import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { completed, created, failed, functionCall, message, says } from '../support/model-events.ts';
import { json, status, stream } from '../support/model-server.ts';

const LIMIT = { top: 'model_auto_compact_token_limit = 1000\n' };
const big = (id: string) => stream(says(`said ${id}`, id, { input: 5000, output: 1 }));

test('a turn that starts over the limit is compacted first, before its message is recorded', async () => {
  await using box = await Box.open(LIMIT);
  box.model.script(big('msg-1'), stream(says('THE SUMMARY', 'sum-1')), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first question');
  const turn = await box.completed(threadId, 'second question');
  assert.deepEqual(
    turn.items().map(({ type }) => type),
    ['contextCompaction', 'userMessage', 'agentMessage'],
  );
  const compacted = box.client.ofMethod('thread/compacted').map(({ params }) => params);
  assert.deepEqual(compacted, [{ threadId, turnId: turn.id }]);
  assert.match(turn.all('codex/event/warning')[0].msg.message, /^Heads up:/);
  const [, summary, after] = box.model.to();
  assert.deepEqual(summary?.body.tools, []);
  assert.equal(summary?.body.parallel_tool_calls, false);
  const texts = ((after?.body.input ?? []) as object[]).map(textOf);
  assert.match(texts[0] ?? '', /^<permissions instructions>/);
  assert.equal(texts.at(-3), 'first question');
  assert.ok(texts.at(-2)?.endsWith('\nTHE SUMMARY'));
  assert.equal(texts.at(-1), 'second question');
  assert.ok(!texts.some((text) => text === 'said msg-1'));
  // What was streamed is what is read back, also after a restart; and the context is the compacted one.
  await box.start();
  await box.call('thread/resume', { threadId });
  assert.deepEqual((await box.turnsOf(threadId))[1].items, turn.items());
  box.model.script(stream(says('resumed', 'msg-3')));
  await box.completed(threadId, 'third question');
  const resumed = (await box.sent(4)).map(textOf);
  assert.ok(resumed.some((text) => text.endsWith('\nTHE SUMMARY')));
  assert.ok(!resumed.includes('said msg-1'));
});

test('a request that needs a follow-up over the limit is compacted in the middle of the turn', async () => {
  await using box = await Box.open(LIMIT);
  box.model.script(
    stream(created(), functionCall('c1', 'nothing', {}), completed('r', { input: 5000 })),
    stream(says('SUMMARY', 'sum-1')),
    stream(says('done', 'msg-2')),
  );
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    turn.items().map(({ type }) => type),
    ['userMessage', 'contextCompaction', 'agentMessage'],
  );
  assert.ok(textOf((await box.sent(3)).at(-1)).endsWith('\nSUMMARY'));
});

test('item-lifecycle: a compaction that fails ends its item; the turn goes on and its status is its own', async () => {
  await using box = await Box.open(LIMIT);
  box.model.script(big('msg-1'), status(400, 'cannot'), stream(says('still here', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  const turn = await box.completed(threadId, 'two');
  assert.equal(turn.all('error')[0].error.message, 'cannot');
  assert.equal(turn.items('contextCompaction').length, 1);
  assert.deepEqual((await box.sent(3)).slice(-3).map(textOf), ['one', 'said msg-1', 'two']);
});

test('a history too long to be summarised loses its oldest items until it fits', async () => {
  await using box = await Box.open(LIMIT);
  const tooLong = stream(created(), failed('context_length_exceeded'));
  box.model.script(big('msg-1'), tooLong, tooLong, stream(says('SHORT', 'sum-1')), stream(says('ok', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  await box.completed(threadId, 'two');
  const lengths = box.model
    .to()
    .slice(1, 4)
    .map(({ body }) => body.input.length);
  assert.equal(lengths[1], (lengths[0] ?? 0) - 1);
  assert.equal(lengths[2], (lengths[0] ?? 0) - 2);
});

test('thread/compact/start runs a compaction as a turn of its own', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), stream(says('SUMMARY', 'sum-1')), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'question');
  assert.deepEqual(await box.call('thread/compact/start', { threadId }), {});
  await box.client.takeMethod('turn/completed');
  const ended = (await box.client.takeMethod('turn/completed')).params.turn;
  assert.equal(ended.status, 'completed');
  assert.equal(box.client.ofMethod('turn/started').at(-1)?.params.turn.id, ended.id);
  const items = box.client.ofMethod('item/completed').filter(({ params }) => params.turnId === ended.id);
  assert.deepEqual(
    items.map(({ params }) => params.item.type),
    ['contextCompaction'],
  );
  await box.completed(threadId, 'next');
  assert.ok(textOf((await box.sent(3)).at(-2)).endsWith('\nSUMMARY'));
  const turns = await box.turnsOf(threadId);
  assert.deepEqual(
    turns.map(({ id, status: how }) => [id, how]),
    box.client.ofMethod('turn/completed').map(({ params }) => [params.turn.id, params.turn.status]),
  );
});

test('thread/compact/start that fails ends its turn as failed, and the thread goes on', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), status(400, 'cannot'), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'question');
  await box.call('thread/compact/start', { threadId });
  const failedTurn = await box.client.waitFor(
    ({ method, params }) => method === 'turn/completed' && params.turn.status === 'failed',
    'the failed compaction',
  );
  assert.equal(failedTurn.params.turn.error.message, 'cannot');
  await box.completed(threadId, 'next');
  assert.deepEqual((await box.sent(3)).slice(-3).map(textOf), ['question', 'one', 'next']);
});

test('remote compaction replaces the history by what the provider returns', async () => {
  await using box = await Box.open({
    ...LIMIT,
    start: false,
  });
  const path = `${box.home}/config.toml`;
  box.write(path, box.read(path).replace('name = "Local"', 'name = "OpenAI"'));
  await box.start();
  box.model.script(big('msg-1'), stream(says('after', 'msg-2')));
  const kept = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'kept by the provider' }] },
    { type: 'compaction', encrypted_content: 'sealed' },
  ];
  box.model.compact(json({ output: kept }));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  const turn = await box.completed(threadId, 'two');
  assert.equal(turn.items('contextCompaction').length, 1);
  const [request] = box.model.to('/v1/responses/compact');
  assert.deepEqual(Object.keys(request?.body ?? {}), ['model', 'input', 'instructions']);
  assert.equal(request?.headers.accept, '*/*');
  assert.equal(request?.headers.session_id, undefined);
  assert.deepEqual(box.model.to()[1]?.body.input, [
    ...kept,
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'two' }] },
  ]);
  assert.deepEqual(turn.all('codex/event/warning'), []);
});

test('remote compaction that fails is told with its kind, and the turn goes on', async () => {
  await using box = await Box.open({ ...LIMIT, start: false });
  const path = `${box.home}/config.toml`;
  box.write(path, box.read(path).replace('name = "Local"', 'name = "OpenAI"'));
  await box.start();
  box.model.script(big('msg-1'), stream(created(), message('msg-2', 'on'), completed()));
  box.model.compact(status(400, 'cannot'));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  const turn = await box.completed(threadId, 'two');
  assert.equal(turn.all('error')[0].error.message, 'Error running remote compact task: cannot');
});

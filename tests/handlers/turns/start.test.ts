import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { gate, stream } from '../../support/model-server.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

test('turn/start answers with an empty running turn before anything of it is told', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const threadId = await box.thread();
  const id = box.client.start('turn/start', { threadId, input: [{ type: 'text', text: 'Hi' }] });
  const reply = await box.client.reply(id);
  assert.match(reply.result.turn.id, UUID_V7);
  assert.deepEqual(reply.result, { turn: { id: reply.result.turn.id, items: [], status: 'inProgress', error: null } });
  const started = await box.client.takeMethod('turn/started');
  assert.deepEqual(started.params, { threadId, turn: reply.result.turn });
  const at = box.client.messages.indexOf(reply);
  assert.equal(box.client.messages[at + 1], started);
  const before = box.client.messages.slice(0, at).filter(({ params }) => params?.id === reply.result.turn.id);
  assert.deepEqual(before, []);
});

test('a plain turn is told in a fixed order, each event under its older name first', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const turn = await box.completed(await box.thread(), 'Hi');
  assert.deepEqual(turn.methods(), [
    'turn/started',
    'item/started',
    'item/completed',
    'item/started',
    'item/completed',
    'turn/completed',
  ]);
  const told = box.client.messages
    .filter(
      ({ method, params }) => method !== undefined && (params?.id ?? params?.turnId ?? params?.turn?.id) === turn.id,
    )
    .map(({ method }) => method?.replace('codex/event/', '~'));
  assert.deepEqual(
    told.filter((name) => name !== '~token_count' && name !== 'thread/tokenUsage/updated'),
    [
      'turn/started',
      '~task_started',
      ...['~item_started', 'item/started', '~item_completed', 'item/completed', '~user_message'],
      ...['~item_started', 'item/started', '~item_completed', 'item/completed', '~agent_message'],
      '~task_complete',
      'turn/completed',
    ],
  );
});

test('turn/start: what it brings along stays for later turns, the output schema does not', async () => {
  await using box = await Box.open({ top: 'model_supports_reasoning_summaries = true\n' });
  box.model.script(answer(1), answer(2), answer(3));
  const threadId = await box.thread();
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  await box.completed(threadId, 'one', {
    model: 'other-model',
    effort: 'high',
    summary: 'concise',
    cwd: box.folder,
    approvalPolicy: 'on-request',
    sandboxPolicy: { type: 'dangerFullAccess' },
    outputSchema: schema,
    someUnknownField: 1,
  });
  await box.completed(threadId, 'two', { model: null, effort: null, summary: null, outputSchema: null });
  await box.completed(threadId, 'three', { effort: 'low' });
  const [one, two, three] = box.model.to().map(({ body }) => body);
  assert.ok(one && two && three);
  assert.deepEqual(one.text, {
    format: { type: 'json_schema', strict: true, schema, name: 'codex_output_schema' },
  });
  assert.deepEqual(Object.keys((one.text as Item).format), ['type', 'strict', 'schema', 'name']);
  assert.equal(two.text, undefined);
  for (const body of [one, two, three]) assert.equal(body.model, 'other-model');
  assert.deepEqual(one.reasoning, { effort: 'high', summary: 'concise' });
  assert.deepEqual(two.reasoning, { effort: 'high', summary: 'concise' });
  assert.deepEqual(three.reasoning, { effort: 'low', summary: 'concise' });
  const added = (one.input as Item[]).slice(-3).map((item) => [item.role, textOf(item)]);
  assert.equal(added[0]?.[0], 'user');
  assert.match(added[0]?.[1] ?? '', new RegExp(`^<environment_context>\\n {2}<cwd>${box.folder}</cwd>\\n {2}<shell>`));
  assert.equal(added[1]?.[0], 'developer');
  assert.match(
    added[1]?.[1] ?? '',
    /^<permissions instructions>[\s\S]*danger-full-access[\s\S]*<\/permissions instructions>$/,
  );
  assert.deepEqual(added[2], ['user', 'one']);
  // Repeated or unchanged values add nothing.
  assert.deepEqual((two.input as Item[]).slice(-2).map(textOf), ['answer 1', 'two']);
});

test('turn/start: a collaboration mode replaces model, effort and mode, and beats them in the same request', async () => {
  await using box = await Box.open({ top: 'model_supports_reasoning_summaries = true\n' });
  box.model.script(answer(1), answer(2), answer(3));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'one', {
    model: 'loser',
    effort: 'low',
    collaborationMode: {
      mode: 'pair_programming',
      settings: { model: 'winner', reasoning_effort: 'high', developer_instructions: 'Take turns.' },
    },
  });
  assert.equal(turn.all('codex/event/task_started')[0].msg.collaboration_mode_kind, 'pair_programming');
  const [one] = box.model.to();
  assert.equal(one?.body.model, 'winner');
  assert.deepEqual(one?.body.reasoning, { effort: 'high', summary: 'auto' });
  const texts = ((one?.body.input ?? []) as Item[]).map(textOf);
  assert.equal(texts.at(-2), '<collaboration_mode>Take turns.</collaboration_mode>');
  // A model patches the record: the mode and its instructions stay and are told again.
  await box.completed(threadId, 'two', { model: 'third' });
  assert.deepEqual((await box.sent(2)).slice(-2).map(textOf), [
    '<collaboration_mode>Take turns.</collaboration_mode>',
    'two',
  ]);
  // A whole record without an effort resets it.
  await box.completed(threadId, 'three', { collaborationMode: { mode: 'code', settings: { model: 'fourth' } } });
  assert.deepEqual(box.model.to()[2]?.body.reasoning, { summary: 'auto' });
});

test('turn/start: personality is told to models that have a text for it', async () => {
  await using box = await Box.open({ model: 'exp-codex' });
  box.model.script(answer(1), answer(2));
  const threadId = await box.thread();
  await box.completed(threadId, 'one', { personality: 'friendly' });
  assert.ok(!(await box.sent(1)).some((item) => textOf(item).startsWith('<personality_spec>')));
  await box.completed(threadId, 'two', { personality: 'pragmatic' });
  const told = (await box.sent(2)).filter((item) => textOf(item).startsWith('<personality_spec>'));
  assert.equal(told.length, 1);
  assert.equal(told[0]?.role, 'developer');
});

test('turn/start without input: settings are noted, the turn completes, nobody is asked', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, [], { cwd: '/somewhere/else' });
  assert.deepEqual(turn.methods(), ['turn/started', 'turn/completed']);
  assert.deepEqual(turn.all('codex/event/task_started'), []);
  assert.equal(box.model.to().length, 0);
  await box.completed(threadId, 'now');
  assert.match(textOf((await box.sent(1)).at(-2)), /<cwd>\/somewhere\/else<\/cwd>/);
});

test('turn/start: every refusal has the code and the text that clients match on', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  const input: object[] = [];
  const unloaded = '01900000-0000-7000-8000-000000000000';
  const cases: [object, string | RegExp][] = [
    [{ threadId: 'abc', input }, /^invalid thread id: invalid length: expected length 32 for simple format, found 3$/],
    [{ threadId: unloaded, input }, `thread not found: ${unloaded}`],
    [{ threadId }, 'Invalid request: missing field `input`'],
    [{ input }, 'Invalid request: missing field `threadId`'],
    [{ threadId, input: [{ type: 'text' }] }, 'Invalid request: missing field `text`'],
    [{ threadId, input: 'x' }, 'Invalid request: invalid type: string "x", expected a sequence'],
    [{ threadId: 5, input }, 'Invalid request: invalid type: integer `5`, expected a string'],
    [
      { threadId, input, approvalPolicy: 'zz' },
      'Invalid request: unknown variant `zz`, expected one of `untrusted`, `on-failure`, `on-request`, `never`',
    ],
    [
      { threadId, input, personality: 'zz' },
      'Invalid request: unknown variant `zz`, expected `friendly` or `pragmatic`',
    ],
    [
      { threadId, input: [{ type: 'foo' }] },
      'Invalid request: unknown variant `foo`, expected one of `text`, `image`, `localImage`, `skill`, `mention`',
    ],
    [
      { threadId, input, sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['relative'] } },
      'Invalid request: AbsolutePathBuf deserialized without a base path',
    ],
    [{ threadId, input, collaborationMode: { mode: 'plan', settings: {} } }, 'Invalid request: missing field `model`'],
  ];
  for (const [params, expected] of cases) {
    const { code, message } = await box.error('turn/start', params);
    assert.equal(code, -32600, message);
    if (typeof expected === 'string') assert.equal(message, expected);
    else assert.match(message, expected);
  }
  assert.deepEqual(box.client.ofMethod('turn/started'), []);
});

test('ids-unique: turn ids are UUIDs of version 7, also after a restart, and never repeat', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const threadId = await box.thread();
  const first = await box.completed(threadId, 'one');
  await box.start();
  await box.call('thread/resume', { threadId });
  const second = await box.completed(threadId, 'two', { cwd: box.folder });
  assert.match(first.id, UUID_V7);
  assert.match(second.id, UUID_V7);
  assert.notEqual(first.id, second.id);
});

test('two turns on two threads run at the same time', async () => {
  await using box = await Box.open();
  const [one, two] = [gate(), gate()];
  box.model.script(stream(one.wait, says('first')), stream(two.wait, says('second')));
  const turns = [await box.turn(await box.thread(), 'a'), await box.turn(await box.thread(), 'b')];
  await Promise.all([one.reached, two.reached]);
  two.open();
  one.open();
  for (const turn of turns) assert.equal((await turn.ended()).status, 'completed');
});

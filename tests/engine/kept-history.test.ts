import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type BoxOptions, type Item, type TurnWatch, textOf } from '../support/box.ts';
import {
  completed,
  created,
  failed,
  incomplete,
  itemAdded,
  itemDone,
  messageItem,
  reasoning,
  says,
  textDelta,
} from '../support/model-events.ts';
import { cut, hang, json, type Reply, status, stream } from '../support/model-server.ts';

const LIMIT = { top: 'model_auto_compact_token_limit = 1000\n' };
const big = (id: string): Reply => stream(says(`said ${id}`, id, { input: 5000, output: 1 }));
/** Reported as if the summary had cost as much: the thread is still over its limit. */
const nothing = (usage = { input: 5000 }): Reply => stream(created(), completed('r', usage));
const blank = (text: string): Reply => stream(says(text, 'sum', { input: 5000 }));
/** What was said in a request: its messages without those that set a thread up. */
const told = (box: Box, count: number): Promise<string[]> => box.sent(count).then(spoken);
const spoken = (input: readonly Item[]): string[] =>
  input.map(textOf).filter((text) => text !== '' && !text.startsWith('<') && !text.startsWith('# AGENTS.md'));

async function failedTurn(turn: TurnWatch): Promise<string> {
  const { status: how, error } = await turn.ended();
  assert.equal(how, 'failed');
  return error.message;
}

const EMPTY: readonly (readonly [string, Reply])[] = [
  ['nothing at all', nothing()],
  ['no words', blank('')],
  ['white space', blank(' \n\t ')],
  ['thoughts only', stream(created(), reasoning('rs', ['hm']), completed('r', { input: 5000 }))],
  [
    'a message of another role',
    stream(created(), itemDone({ ...messageItem('u', 'x'), role: 'user' }), completed('r', { input: 5000 })),
  ],
];

test('empty-summary: it is asked for once more, then the turn fails and the history stays, in the file too', async () => {
  await using box = await Box.open(LIMIT);
  const threads = new Map<string, string>();
  for (const [what, reply] of EMPTY) {
    const before = box.model.to().length;
    box.model.script(big('msg-1'), reply, reply);
    const threadId = await box.thread();
    await box.completed(threadId, 'one');
    assert.match(await failedTurn(await box.turn(threadId, 'two')), /empty summary/, what);
    assert.equal(box.model.to().length - before, 3, what);
    threads.set(threadId, what);
  }
  await box.start();
  for (const [threadId, what] of threads) {
    box.model.script(stream(says('SUMMARY', 'sum-2')), stream(says('on', 'msg-2')));
    await box.call('thread/resume', { threadId });
    await box.completed(threadId, 'three');
    const [compaction] = box.model.to().slice(-2);
    assert.deepEqual(spoken(compaction?.body.input ?? []).slice(0, 3), ['one', 'said msg-1', 'two'], what);
  }
});

test('empty-summary: a second try that says something is the summary', async () => {
  await using box = await Box.open(LIMIT);
  box.model.script(big('msg-1'), blank(' '), stream(says('SUMMARY', 'sum-2')), stream(says('on', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  await box.completed(threadId, 'two');
  assert.match((await told(box, 4)).at(-2) ?? '', /\nSUMMARY$/);
});

test('empty-summary: the last words that are any count, and words that came as deltas only', async () => {
  const answers = [
    stream(created(), itemDone(messageItem('a', 'SUMMARY')), itemDone(messageItem('b', ' ')), completed()),
    stream(created(), itemAdded(messageItem('a', null)), textDelta('SUMM'), textDelta('ARY'), completed()),
  ];
  for (const answer of answers) {
    await using box = await Box.open();
    box.model.script(stream(says('one')), answer, stream(says('on', 'msg-2')));
    const threadId = await box.thread();
    await box.completed(threadId, 'question');
    await box.call('thread/compact/start', { threadId });
    await box.client.waitFor(({ method }) => method === 'thread/compacted', 'the compaction');
    await box.completed(threadId, 'next');
    assert.match((await told(box, 3)).at(-2) ?? '', /\nSUMMARY$/);
  }
});

const MANUAL: readonly (readonly [string, readonly Reply[], RegExp])[] = [
  ['empty', [nothing(), nothing()], /empty summary/],
  [
    'cut off',
    [stream(created(), itemDone(messageItem('a', 'SUMM')), incomplete('max_output_tokens'))],
    /incomplete \(max_output_tokens\)/,
  ],
  [
    'called complete and incomplete at once',
    [
      stream(created(), itemDone(messageItem('a', 'SUMM')), {
        type: 'response.completed',
        response: { id: 'r', status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      }),
    ],
    /incomplete \(content_filter\)/,
  ],
  ['broken off', [cut(created(), itemDone(messageItem('a', 'SUMM')))], /broke/],
  ['refused', [status(400, 'cannot')], /^cannot$/],
];

test('empty-summary: a compaction on request that comes to nothing fails and leaves the history', async () => {
  await using box = await Box.open();
  const threads = new Map<string, string>();
  for (const [what, replies, message] of MANUAL) {
    box.model.script(stream(says('one')), ...replies);
    const threadId = await box.thread();
    await box.completed(threadId, 'question');
    await box.call('thread/compact/start', { threadId });
    const { params } = await box.client.waitFor(
      ({ method, params: it }) =>
        method === 'turn/completed' && it.threadId === threadId && it.turn.status === 'failed',
      `the failed compaction: ${what}`,
    );
    assert.match(params.turn.error.message, message);
    threads.set(threadId, what);
  }
  await box.start();
  for (const [threadId, what] of threads) {
    box.model.script(stream(says('after', 'msg-2')));
    await box.call('thread/resume', { threadId });
    await box.completed(threadId, 'next');
    assert.deepEqual(spoken(box.model.to().at(-1)?.body.input ?? []), ['question', 'one', 'next'], what);
  }
});

test('a compaction that is interrupted, also while it looks for what fits, leaves the history', async () => {
  await using box = await Box.open();
  const tooLong = stream(created(), failed('context_length_exceeded'));
  box.model.script(stream(says('one')), tooLong, tooLong, hang(created()));
  box.model.script(stream(says('SUMMARY', 'sum')), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'question');
  await box.call('thread/compact/start', { threadId });
  await box.model.waitForRequest(4);
  const turnId = box.client.ofMethod('turn/started').at(-1)?.params.turn.id;
  await box.call('turn/interrupt', { threadId, turnId });
  await box.client.waitFor(({ params }) => params?.turn?.status === 'interrupted', 'the interruption');
  // The thread is known to be over its window, so the next turn begins by compacting what is all still there.
  await box.completed(threadId, 'next');
  assert.deepEqual((await told(box, 5)).slice(0, -1), ['question', 'one']);
});

const REMOTE: BoxOptions = {
  ...LIMIT,
  args: ['-c', 'model_providers.local.name="OpenAI"'],
};

const COMPACT = '/v1/responses/compact';

const UNUSABLE: readonly (readonly [string, unknown])[] = [
  ['an empty list', { output: [] }],
  ['no list', {}],
  ['a list of what nobody knows', { output: [{ type: 'brand_new' }, null] }],
  ['blank messages', { output: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: ' ' }] }] }],
  ['a seal without content', { output: [{ type: 'compaction', encrypted_content: '' }] }],
  ['thoughts only', { output: [{ type: 'reasoning', summary: [], encrypted_content: 'x' }] }],
];

test('empty-summary: remote compaction that answers with nothing is repeated once and leaves the history', async () => {
  await using box = await Box.open(REMOTE);
  for (const [what, reply] of UNUSABLE) {
    const before = box.model.to(COMPACT).length;
    box.model.script(big('msg-1'), stream(says('on', 'msg-2')));
    box.model.compact(
      json(reply),
      json(reply),
      json({ output: [{ type: 'compaction', encrypted_content: 'sealed' }] }),
    );
    const threadId = await box.thread();
    await box.completed(threadId, 'one');
    const message = await failedTurn(await box.turn(threadId, 'two'));
    assert.match(message, /^Error running remote compact task: the compacted history/, what);
    assert.equal(box.model.to(COMPACT).length - before, 2, what);
    await box.completed(threadId, 'three');
    assert.deepEqual(spoken(box.model.to(COMPACT).at(-1)?.body.input ?? []), ['one', 'said msg-1', 'two'], what);
  }
});

test('remote compaction of a history that is too long leaves out the oldest items until it fits', async () => {
  await using box = await Box.open(REMOTE);
  const tooLong = status(400, { error: { code: 'context_length_exceeded', message: 'too long' } });
  box.model.script(big('msg-1'), stream(says('on', 'msg-2')));
  box.model.compact(tooLong, tooLong, json({ output: [{ type: 'compaction', encrypted_content: 'sealed' }] }));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  await box.completed(threadId, 'two');
  const lengths = box.model.to(COMPACT).map(({ body }) => body.input.length);
  assert.deepEqual(
    lengths.map((length) => (lengths[0] ?? 0) - length),
    [0, 1, 2],
  );
});

for (const [what, tooLong] of [
  ['a 400', status(400, { error: { code: 'context_length_exceeded', message: 'Too long.' } })],
  ['a 400 in other words', status(400, { error: { message: "This model's maximum context length is 10 tokens." } })],
  ['response.failed', stream(created(), failed('context_length_exceeded'))],
] as const) {
  test(`a thread over its window, told by ${what}, is compacted in the next turn and recovers`, async () => {
    await using box = await Box.open();
    box.model.script(
      stream(says('one')),
      tooLong,
      tooLong,
      stream(says('SUMMARY', 'sum')),
      stream(says('on', 'msg-2')),
    );
    const threadId = await box.thread();
    await box.completed(threadId, 'question');
    const turn = await box.turn(threadId, 'more');
    const { status: how, error } = await turn.ended();
    assert.deepEqual([how, error.codexErrorInfo], ['failed', 'contextWindowExceeded']);
    await box.completed(threadId, 'again');
    const input = await told(box, 5);
    assert.equal(input.at(-1), 'again');
    assert.match(input.at(-2) ?? '', /\nSUMMARY$/);
    await box.start();
    await box.call('thread/resume', { threadId });
    box.model.script(stream(says('and on', 'msg-3')));
    await box.completed(threadId, 'last');
    assert.deepEqual((await told(box, 6)).slice(0, input.length), input);
  });
}

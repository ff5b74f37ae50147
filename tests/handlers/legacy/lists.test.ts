import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import { Conversation, UNKNOWN_ID } from './conversation.ts';

const idOf = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** A stored conversation with a git head, changed on day `n`. */
function seed(box: Box, n: number, meta: object = {}): string {
  const path = join(box.home, `sessions/2025/01/0${n}/rollout-2025-01-0${n}T10-00-00-${idOf(n)}.jsonl`);
  const time = `2025-01-0${n}T10:00:00Z`;
  const git = { commit_hash: 'abc', branch: 'main', repository_url: 'https://example.com/r.git' };
  const head = { id: idOf(n), timestamp: time, cwd: '/w', originator: 'x', cli_version: '0.94.0', source: 'cli', git };
  const lines = [
    ['session_meta', { ...head, model_provider: 'local', ...meta }],
    ['response_item', { type: 'message', role: 'user', content: [{ type: 'input_text', text: `said ${n}` }] }],
    ['event_msg', { type: 'user_message', message: `said ${n}`, images: null }],
  ];
  mkdirSync(dirname(path), { recursive: true });
  box.write(path, lines.map(([type, payload]) => `${JSON.stringify({ timestamp: time, type, payload })}\n`).join(''));
  utimesSync(path, new Date(time), new Date(time));
  return path;
}

test('listConversations gives pages, the last changed first', async () => {
  await using box = await Box.open();
  const paths = [1, 2, 3].map((n) => seed(box, n));
  seed(box, 4, { model_provider: 'elsewhere' });
  const changed = new Date('2025-02-01T00:00:00Z');
  utimesSync(paths[0] ?? '', changed, changed);
  const first = await box.call('listConversations', { pageSize: 2 });
  assert.deepEqual(
    first.items.map(({ conversationId }: { conversationId: string }) => conversationId),
    [idOf(1), idOf(3)],
  );
  assert.deepEqual(first.items[0], {
    conversationId: idOf(1),
    path: paths[0],
    preview: 'said 1',
    timestamp: '2025-01-01T10:00:00Z',
    updatedAt: '2025-02-01T00:00:00Z',
    modelProvider: 'local',
    cwd: '/w',
    cliVersion: '0.94.0',
    source: 'cli',
    gitInfo: { sha: 'abc', branch: 'main', origin_url: 'https://example.com/r.git' },
  });
  const second = await box.call('listConversations', { cursor: first.nextCursor });
  assert.deepEqual([second.items.length, second.nextCursor], [1, null]);
  assert.equal((await box.call('listConversations', { modelProviders: [] })).items.length, 4);
  assert.equal((await box.call('listConversations', { pageSize: 0 })).items.length, 1);
  assert.deepEqual(await box.error('listConversations', { cursor: 'x' }), {
    code: -32600,
    message: 'invalid cursor: x',
  });
  assert.match((await box.error('listConversations', { pageSize: -1 })).message, /invalid value: integer/);
});

test('getConversationSummary by id and by path, from the home folder on', async () => {
  await using box = await Box.open();
  const path = seed(box, 1, { source: { subagent: 'review' }, git: undefined });
  const { summary } = await box.call('getConversationSummary', { conversationId: idOf(1) });
  assert.deepEqual([summary.path, summary.preview, summary.gitInfo], [path, 'said 1', null]);
  assert.deepEqual(summary.source, { subagent: 'review' });
  const byPath = await box.call('getConversationSummary', {
    rolloutPath: relative(box.home, path),
    conversationId: UNKNOWN_ID,
  });
  assert.deepEqual(byPath.summary, summary);
  // Without a turn there is nothing to preview.
  box.model.script(stream(says('x')));
  const fresh = await Conversation.begin(box);
  assert.equal((await box.call('getConversationSummary', { conversationId: fresh.id })).summary.preview, '');
});

test('getConversationSummary: every refusal has its code and text', async () => {
  await using box = await Box.open();
  assert.deepEqual(await box.error('getConversationSummary', { conversationId: UNKNOWN_ID }), {
    code: -32600,
    message: `no rollout found for conversation id ${UNKNOWN_ID}`,
  });
  assert.deepEqual(await box.error('getConversationSummary', { rolloutPath: '/no/such' }), {
    code: -32603,
    message: 'failed to load conversation summary from /no/such: No such file or directory (os error 2)',
  });
  assert.equal(
    (await box.error('getConversationSummary', { conversationId: 'zz' })).message,
    'Invalid request: data did not match any variant of untagged enum GetConversationSummaryParams',
  );
});

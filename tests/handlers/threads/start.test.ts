import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('thread/start answers with the thread and its settings, then tells of it', async () => {
  await using box = await Box.open({ top: 'model_reasoning_effort = "high"\n' });
  const id = box.client.start('thread/start', {});
  const reply = await box.client.reply(id);
  const { thread, ...settings } = reply.result;
  assert.match(thread.id, UUID_V7);
  assert.deepEqual(settings, {
    model: 'some-model',
    modelProvider: 'local',
    cwd: box.workspace,
    approvalPolicy: 'never',
    sandbox: { type: 'readOnly' },
    reasoningEffort: 'high',
  });
  assert.deepEqual(Object.keys(thread), [
    ...['id', 'preview', 'modelProvider', 'createdAt', 'updatedAt', 'path', 'cwd', 'cliVersion', 'source', 'gitInfo'],
    'turns',
  ]);
  assert.deepEqual([thread.preview, thread.turns, thread.source, thread.gitInfo], ['', [], 'vscode', null]);
  const started = await box.client.takeMethod('thread/started');
  assert.deepEqual(started.params, { thread });
  assert.ok(box.client.messages.indexOf(started) > box.client.messages.indexOf(reply));
  // The file is there with its head and the set-up messages.
  const [head, ...rest] = readFileSync(thread.path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(head.type, 'session_meta');
  assert.equal(head.payload.id, thread.id);
  assert.ok(rest.length >= 2 && rest.every(({ type }) => type === 'response_item'));
});

test('thread/start takes the settings of the request over the configuration', async () => {
  await using box = await Box.open();
  const { thread, ...settings } = await box.call('thread/start', {
    model: 'asked-model',
    cwd: 'relative/folder',
    approvalPolicy: 'on-request',
    sandbox: 'workspace-write',
    config: { model_reasoning_effort: 'low' },
    baseInstructions: 'Base.',
    developerInstructions: 'Dev.',
  });
  assert.equal(thread.cwd, `${box.workspace}/relative/folder`);
  assert.equal(settings.model, 'asked-model');
  assert.equal(settings.approvalPolicy, 'on-request');
  assert.equal(settings.sandbox.type, 'workspaceWrite');
  assert.equal(settings.reasoningEffort, 'low');
  box.model.script(stream(says('ok')));
  await box.completed(thread.id, 'go');
  const body = box.model.to()[0]?.body;
  assert.equal(body?.instructions, 'Base.');
  assert.equal(textOf(body?.input[1] ?? {}), 'Dev.');
});

test('thread/start: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const provider = await box.error('thread/start', { modelProvider: 'nobody' });
  assert.deepEqual(provider, { code: -32600, message: 'error deriving config: Model provider `nobody` not found' });
  const sandbox = await box.error('thread/start', { sandbox: 'zz' });
  assert.equal(sandbox.code, -32600);
  assert.match(sandbox.message, /^Invalid request: unknown variant `zz`, expected one of `read-only`/);
  const config = await box.error('thread/start', { config: { model_reasoning_effort: 5 } });
  assert.equal(config.code, -32600);
  assert.match(config.message, /^error deriving config: /);
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
});

test('an ephemeral thread has no file, runs turns, and is read without them', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('ok')), stream(says('again', 'msg-2')));
  const { thread } = await box.call('thread/start', { ephemeral: true });
  assert.equal(thread.path, null);
  await box.completed(thread.id, 'go');
  await box.completed(thread.id, 'on');
  assert.ok((await box.sent(2)).some((item) => textOf(item) === 'ok'));
  assert.equal(existsSync(`${box.home}/sessions`), false);
  const read = await box.call('thread/read', { threadId: thread.id });
  assert.deepEqual([read.thread.id, read.thread.path, read.thread.preview], [thread.id, null, '']);
  const refused = await box.error('thread/read', { threadId: thread.id, includeTurns: true });
  assert.equal(refused.message, 'ephemeral threads do not support includeTurns');
  const resumed = await box.error('thread/resume', { threadId: thread.id });
  assert.deepEqual(resumed, { code: -32600, message: `no rollout found for thread id ${thread.id}` });
});

test('a thread in a git repository notes commit, branch and origin', async () => {
  await using box = await Box.open({
    prepare: ({ workspace }) => {
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: workspace });
      git('init', '-q', '-b', 'trunk');
      git('commit', '-q', '--allow-empty', '-m', 'first');
      git('remote', 'add', 'origin', 'https://example.invalid/r.git');
    },
  });
  const { thread } = await box.call('thread/start', {});
  assert.equal(thread.gitInfo.branch, 'trunk');
  assert.equal(thread.gitInfo.originUrl, 'https://example.invalid/r.git');
  assert.match(thread.gitInfo.sha, /^[0-9a-f]{40}$/);
});

test('many threads can be started at once', async () => {
  await using box = await Box.open();
  const ids = Array.from({ length: 30 }, () => box.client.start('thread/start', {}));
  const threads = await Promise.all(ids.map(async (id) => (await box.client.reply(id)).result.thread.id));
  assert.equal(new Set(threads).size, 30);
  assert.deepEqual((await box.call('thread/loaded/list')).data, threads.toSorted());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_BUILT } from '../../src/handlers/not-built.ts';
import { Box } from '../support/box.ts';

test('a method that is declared and not built says so', async () => {
  await using box = await Box.open();
  let refused = 0;
  for (const method of NOT_BUILT as readonly string[]) {
    const { code, message } = await box.error(method, {});
    // Params are looked at first, as everywhere.
    if (message.startsWith('Invalid request: ')) continue;
    refused += 1;
    assert.deepEqual([code, message], [-32603, `not supported yet: ${method}`]);
  }
  assert.ok(refused > 0 || (NOT_BUILT as readonly string[]).length < 5);
});

test('model/list gives models with their efforts, page by page', async () => {
  await using box = await Box.open();
  const all = await box.call('model/list');
  assert.ok(all.data.length > 1);
  assert.equal(all.nextCursor, null);
  assert.equal(all.data.filter(({ isDefault }: { isDefault: boolean }) => isDefault).length, 1);
  const first = await box.call('model/list', { limit: 1 });
  assert.deepEqual(first.data, all.data.slice(0, 1));
  const second = await box.call('model/list', { limit: 1, cursor: first.nextCursor });
  assert.deepEqual(second.data, all.data.slice(1, 2));
  assert.deepEqual(await box.error('model/list', { cursor: 'nonsense' }), {
    code: -32600,
    message: 'invalid cursor: nonsense',
  });
});

test('models-offline: a thread starts at once when the model list does not answer', async () => {
  await using box = await Box.open();
  box.model.route('GET', '/v1/models', { status: 200, headers: {}, body: [], after: 'hang', delayMs: 60_000 });
  await box.start({ OPENAI_BASE_URL: box.model.baseUrl });
  await box.call('model/list');
  const asked = await box.model.waitForRequest(1, '/v1/models');
  let isOver = false;
  void asked.closed.then(() => {
    isOver = true;
  });
  await box.thread();
  assert.ok(!isOver, 'the list was still being waited for when the thread had started');
});

test('skills/list gives what the folders hold, for each folder that is named', async () => {
  await using box = await Box.open({
    prepare: (it) => {
      it.write('.git/HEAD', 'ref: refs/heads/main\n');
      it.write('.codex/skills/here/SKILL.md', '---\nname: here\ndescription: of this repository\n---\nx\n');
      it.write(`${it.home}/skills/mine/SKILL.md`, '---\nname: mine\ndescription: of this user\n---\nx\n');
    },
  });
  const { data } = await box.call('skills/list', { cwds: [box.workspace, box.folder] });
  assert.deepEqual(
    data.map(({ cwd }: { cwd: string }) => cwd),
    [box.workspace, box.folder],
  );
  const names = data.map(({ skills }: { skills: { name: string }[] }) => skills.map(({ name }) => name));
  assert.ok(names[0].includes('here') && names[0].includes('mine'));
  assert.ok(!names[1].includes('here') && names[1].includes('mine'));
});

test('getUserAgent says what initialize said', async () => {
  await using box = await Box.open();
  const [hello] = box.client.messages;
  assert.deepEqual(await box.call('getUserAgent'), hello?.result);
});

test('search-skip-git: fuzzyFileSearch finds files, and never inside .git', async () => {
  await using box = await Box.open({
    prepare: (it) => {
      for (const path of ['src/needle.ts', 'docs/other.md', '.git/needle', '.git/HEAD']) it.write(path, 'x');
    },
  });
  const { files } = await box.call('fuzzyFileSearch', { query: 'needle', roots: [box.workspace] });
  assert.deepEqual(
    files.map(({ path }: { path: string }) => path),
    ['src/needle.ts'],
  );
  assert.equal(files[0].root, box.workspace);
});

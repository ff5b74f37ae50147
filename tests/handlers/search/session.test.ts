import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions } from '../../support/box.ts';
import type { WireMessage } from '../../support/raw-client.ts';

const UPDATED = 'fuzzyFileSearch/sessionUpdated';
const COMPLETED = 'fuzzyFileSearch/sessionCompleted';

const withFiles = (files: readonly string[], more: BoxOptions = {}): Promise<Box> =>
  Box.open({
    ...more,
    prepare: (box) => {
      for (const path of files) box.write(path, '');
    },
  });

const start = (box: Box, sessionId = 's'): Promise<unknown> =>
  box.call('fuzzyFileSearch/sessionStart', { sessionId, roots: [box.workspace] });
const update = (box: Box, query: string, sessionId = 's'): Promise<unknown> =>
  box.call('fuzzyFileSearch/sessionUpdate', { sessionId, query });

interface Updated {
  readonly sessionId: string;
  readonly query: string;
  readonly files: readonly { readonly path: string }[];
}

const paramsOf = (message: WireMessage): Updated => message.params as Updated;
const pathsOf = (message: WireMessage): string[] => paramsOf(message).files.map(({ path }) => path);

/** The next results that are these paths. */
const shown = (box: Box, paths: readonly string[]): Promise<WireMessage> =>
  box.client.take(
    (message) => message.method === UPDATED && JSON.stringify(pathsOf(message)) === JSON.stringify(paths),
    `results ${paths.join(' ')}`,
  );

test('a query of a session gives its files as a search does, then one word that it is complete', async () => {
  await using box = await withFiles(['src/main.rs', 'other']);
  assert.deepEqual(await start(box), {});
  assert.deepEqual(await update(box, 'main'), {});
  const { params } = await box.client.takeMethod(UPDATED);
  const { files } = await box.call('fuzzyFileSearch', { query: 'main', roots: [box.workspace] });
  assert.deepEqual(params, { sessionId: 's', query: 'main', files });
  assert.equal(files.length, 1);
  assert.deepEqual((await box.client.takeMethod(COMPLETED)).params, { sessionId: 's' });
});

test('a query that finds nothing says so, and so does an empty one', async () => {
  await using box = await withFiles(['a']);
  await start(box);
  for (const query of ['zzz', '']) {
    await update(box, query);
    assert.deepEqual((await box.client.takeMethod(UPDATED)).params, { sessionId: 's', query, files: [] });
    await box.client.takeMethod(COMPLETED);
  }
});

test('results change when files appear, are renamed, become ignored and go, without another completion', async () => {
  await using box = await withFiles(['main.rs']);
  await start(box);
  await update(box, 'main');
  await shown(box, ['main.rs']);
  await box.client.takeMethod(COMPLETED);
  box.write('sub/main.ts', '');
  await shown(box, ['main.rs', 'sub/main.ts']);
  renameSync(join(box.workspace, 'sub'), join(box.workspace, 'other'));
  await shown(box, ['main.rs', 'other/main.ts']);
  writeFileSync(join(box.workspace, '.gitignore'), '*.rs\n');
  await shown(box, ['other/main.ts']);
  rmSync(join(box.workspace, 'other/main.ts'));
  await shown(box, []);
  assert.equal(box.client.ofMethod(COMPLETED).length, 1);
});

test('a query that is replaced is heard of no more, and the last one is answered', async () => {
  const files = Array.from({ length: 3_000 }, (_, index) => `d${index % 50}/file-${index}`);
  await using box = await withFiles(files);
  await start(box);
  const queries = ['f', 'fi', 'fil', 'file', 'file-', 'file-2', 'file-29', 'file-299', 'file-2999'];
  const from = box.client.messages.length;
  for (const query of queries) await update(box, query);
  await shown(box, ['d49/file-2999']);
  let latest = -1;
  for (const message of box.client.messages.slice(from)) {
    if (message.id !== undefined) latest += 1;
    if (message.method === UPDATED) assert.equal(paramsOf(message).query, queries[latest]);
  }
  assert.equal(box.client.ofMethod(UPDATED).filter((message) => paramsOf(message).query === 'file-2999').length, 1);
});

test('nothing is sent for a session that was stopped, and its id is free again', async () => {
  await using box = await withFiles(['main.rs']);
  await start(box);
  await update(box, 'main');
  await shown(box, ['main.rs']);
  await box.client.takeMethod(COMPLETED);
  assert.deepEqual(await box.call('fuzzyFileSearch/sessionStop', { sessionId: 's' }), {});
  box.write('main.ts', '');
  await start(box, 'other');
  await update(box, 'ma', 'other');
  await shown(box, ['main.rs', 'main.ts']);
  assert.equal(box.client.ofMethod(UPDATED).filter((message) => paramsOf(message).sessionId === 's').length, 1);
  await start(box);
});

test('an id in use and an unknown one are refused; stopping an unknown one is not', async () => {
  await using box = await withFiles([]);
  await start(box);
  const params = { sessionId: 's', roots: [] };
  assert.deepEqual(await box.error('fuzzyFileSearch/sessionStart', params), {
    code: -32600,
    message: 'search session already exists: s',
  });
  assert.deepEqual(await box.error('fuzzyFileSearch/sessionUpdate', { sessionId: 'none', query: 'a' }), {
    code: -32600,
    message: 'search session not found: none',
  });
  assert.deepEqual(await box.call('fuzzyFileSearch/sessionStop', { sessionId: 'none' }), {});
});

test('a tree that is larger than the indexes may be is searched all the same', async () => {
  await using box = await withFiles(['main.rs', 'a', 'b'], { tables: '[file_search]\nmax_indexed_files = 2\n' });
  await start(box);
  await update(box, 'main');
  await shown(box, ['main.rs']);
  await box.client.takeMethod(COMPLETED);
  box.write('main.ts', '');
  const { files } = await box.call('fuzzyFileSearch', { query: 'main', roots: [box.workspace] });
  assert.equal(files.length, 2);
});

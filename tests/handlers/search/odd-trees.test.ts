/** Trees that were made to hold a search up, through the real server. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';

const open = (prepare: (box: Box) => void, tables = ''): Promise<Box> => Box.open({ prepare, tables });

/** Paths that a search of a folder of the workspace finds. */
async function found(box: Box, query: string, folder: string): Promise<string[]> {
  const { files } = await box.call('fuzzyFileSearch', { query, roots: [join(box.workspace, folder)] });
  return files.map(({ path }: { path: string }) => path);
}

test('rules of many stars, pipes and devices in place of rule files hold up no search of any folder', async () => {
  await using box = await open((made) => {
    const path = (...parts: string[]): string => join(made.workspace, ...parts);
    for (let at = 0; at < 200; at++) made.write(`odd/${'a'.repeat(200)}${at}`, '');
    made.write('odd/main', '');
    made.write('odd/.gitignore', `${'*a'.repeat(50_000)}b\n${`${'*a'.repeat(100)}b\n`.repeat(500)}`);
    for (const name of ['.ignore', '.git']) execFileSync('mkfifo', [path('odd', name)]);
    mkdirSync(path('odd/in'));
    symlinkSync('/dev/zero', path('odd/in/.gitignore'));
    made.write('even/main', '');
  });
  const searches = [found(box, 'main', 'odd'), found(box, 'main', 'even')];
  assert.deepEqual(await Promise.all(searches), [['main'], ['main']]);
  const { params } = await box.client.takeMethod('configWarning');
  assert.match(JSON.stringify(params), /File search does not show everything below .*odd: an ignore file/);
});

for (const ranking of ['path', 'fzf']) {
  test(`names are found however their letters are written, in searches and sessions, ranked by ${ranking}`, async () => {
    const names = ['caf\u00e9.txt', 'cafe\u0301.md'];
    await using box = await open((made) => {
      for (const name of names) made.write(`d/${name}`, '');
      made.write('d/z\u00e9z', '');
      made.write('d/.gitignore', 'z?z\n');
    }, `[file_search]\nranking = "${ranking}"\n`);
    await box.call('fuzzyFileSearch/sessionStart', { sessionId: 's', roots: [join(box.workspace, 'd')] });
    for (const query of ['caf\u00e9', 'cafe\u0301']) {
      assert.deepEqual((await found(box, query, 'd')).sort(), [...names].sort());
      await box.call('fuzzyFileSearch/sessionUpdate', { sessionId: 's', query });
      const isWhole = (text: string): boolean => names.every((name) => text.includes(name));
      await box.client.take(
        ({ method, params }) => method === 'fuzzyFileSearch/sessionUpdated' && isWhole(JSON.stringify(params)),
        `both names for ${JSON.stringify(query)}`,
      );
    }
    assert.deepEqual(await found(box, 'z', 'd'), []);
  });
}

test('links to the folder around, to one another and to what the kernel shows add nothing, and are answered', async () => {
  await using box = await open((made) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    for (const name of names) made.write(`tree/${name}/main`, '');
    for (const name of names) {
      for (const other of names) symlinkSync(join('..', other), join(made.workspace, 'tree', name, `to-${other}`));
    }
    symlinkSync('/proc', join(made.workspace, 'tree/proc'));
    symlinkSync('/sys', join(made.workspace, 'tree/sys'));
  });
  assert.equal((await found(box, 'main$', 'tree')).length, 50);
  assert.deepEqual((await found(box, '^a main$', 'tree')).length, 10);
});

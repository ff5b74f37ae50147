/**
 * What a repository may bring to hold a search up: each is answered, and so is whoever searches elsewhere meanwhile. The server would
 * wait for minutes before it answers with what there is so far.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { patientTimers } from '../support/server.ts';

async function found(box: Box, ...roots: readonly string[]): Promise<number> {
  const { files } = await box.call('fuzzyFileSearch', { query: 'main', roots });
  return files.length;
}

test('rules without end, rules by the ten thousand and pipes in place of rules are answered in time', async () => {
  await using box = await Box.open({
    env: { NODE_OPTIONS: patientTimers() },
    prepare: (made) => {
      const path = (...parts: string[]): string => join(made.workspace, ...parts);
      for (const folder of ['many', 'sparse', 'zero', 'git', 'fine']) made.write(`${folder}/main`, '');
      made.write('many/.gitignore', Array.from({ length: 100_000 }, (_, at) => `*a${at}*b?`).join('\n'));
      made.write('many/.ignore', Array.from({ length: 100_000 }, (_, at) => `a/*/b${at}`).join('\n'));
      closeSync(openSync(path('sparse/.gitignore'), 'w'));
      truncateSync(path('sparse/.gitignore'), 2 ** 40);
      symlinkSync('/dev/zero', path('zero/.gitignore'));
      mkdirSync(path('zero/.git/info'), { recursive: true });
      execFileSync('mkfifo', [path('zero/.git/info/exclude'), path('zero/.ignore')]);
      made.write('git/.git', 'gitdir: /dev/zero\n');
    },
  });
  const roots = ['many', 'sparse', 'zero', 'git', 'fine'].map((name) => join(box.workspace, name));
  await found(box, join(box.folder, 'nothing')); // starts all that a search needs
  assert.deepEqual(await Promise.all(roots.map((root) => found(box, root))), [1, 1, 1, 1, 1]);
});

test('roots that are no folders, or no paths at all, have no files and hold nothing up', async () => {
  await using box = await Box.open({
    env: { NODE_OPTIONS: patientTimers() },
    prepare: (made) => made.write('fine/main', ''),
  });
  const pipe = join(box.folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const odd = [
    pipe,
    join(box.workspace, 'fine/main'),
    '/proc/self/fd/0',
    `/a\0b`,
    `/${'x'.repeat(100_000)}`,
    '/x'.repeat(50_000),
  ];
  const counts = await Promise.all([
    ...odd.map((root) => found(box, root)),
    found(box, join(box.workspace, 'fine'), ...odd),
  ]);
  assert.deepEqual(counts, [0, 0, 0, 0, 0, 0, 1]);
});

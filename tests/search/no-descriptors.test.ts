import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tree } from './support/tree.ts';

const script = fileURLToPath(new URL('support/full.main.js', import.meta.url));
const skip = process.platform === 'win32' && 'descriptors are not limited';

test('folders that lack a descriptor are reported, and read as soon as there is one', { skip }, () => {
  using tree = Tree.of({ 'a/main': '', 'a/other': '', 'a/.gitignore': 'other\n' });
  using next = Tree.of({ main: '', other: '', '.gitignore': 'other\n' });
  const limited = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, script, tree.root, next.root];
  const result = JSON.parse(execFileSync('sh', limited, { encoding: 'utf8' }));
  assert.deepEqual(result, {
    before: ['a/.gitignore', 'a/main'],
    without: [],
    kept: ['a/.gitignore', 'a/main'],
    after: ['.gitignore', 'main'],
    bounds: ['descriptors'],
    unread: [0],
  });
});

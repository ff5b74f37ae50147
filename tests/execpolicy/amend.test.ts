import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, utimes } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appendAllowRule } from '../../src/execpolicy/amend.ts';
import { loadExecPolicy } from '../../src/execpolicy/load.ts';
import { Home } from './home.ts';

const run = promisify(execFile);
const FILE = 'rules/default.rules';

test('folder and file are created with one line per rule', async () => {
  await using home = await Home.make();
  await appendAllowRule(home.path('new'), ['git', 'push']);
  await appendAllowRule(home.path('new'), ['ls']);
  assert.equal(
    await home.read(`new/${FILE}`),
    'prefix_rule(pattern=["git", "push"], decision="allow")\nprefix_rule(pattern=["ls"], decision="allow")\n',
  );
  assert.deepEqual(await readdir(home.path('new/rules')), ['default.rules']);
});

test('a missing final newline is added first', async () => {
  await using home = await Home.make();
  await home.write(FILE, '# mine');
  await appendAllowRule(home.root, ['a']);
  assert.equal(await home.read(FILE), '# mine\nprefix_rule(pattern=["a"], decision="allow")\n');
});

test('a rule that is there already is not repeated', async () => {
  await using home = await Home.make();
  await appendAllowRule(home.root, ['a']);
  await appendAllowRule(home.root, ['a']);
  assert.equal(await home.read(FILE), 'prefix_rule(pattern=["a"], decision="allow")\n');
});

test('words of any kind come back as they went in', async () => {
  await using home = await Home.make();
  const words = ['a"b', "c'd", 'e\\f', 'g\nh', '\0\u007f', 'é😀\u2028', '', '{x}', '# no'];
  await appendAllowRule(home.root, words);
  const { policy, problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.deepEqual(problems, []);
  assert.deepEqual(policy.allowedPrefixes(), [words]);
});

test('an empty prefix and words that cannot be written are refused, and the file is left alone', async () => {
  await using home = await Home.make();
  await assert.rejects(appendAllowRule(home.root, []), { code: 'invalid-rule' });
  await assert.rejects(appendAllowRule(home.root, ['\ud800']), { code: 'invalid-rule' });
  assert.deepEqual(await readdir(home.root), []);
});

test('a file that cannot be written is an error that names it', async () => {
  await using home = await Home.make();
  await home.write('rules', 'a file in the way');
  await assert.rejects(appendAllowRule(home.root, ['a']), { code: 'io-failed', message: /default\.rules/ });
});

test('twenty appends at once are all kept, each once', async () => {
  await using home = await Home.make();
  await home.write(FILE, '# no newline');
  const words = Array.from({ length: 20 }, (_, index) => `tool${index}`);
  await Promise.all([...words, ...words].map((word) => appendAllowRule(home.root, [word])));
  const lines = (await home.read(FILE)).split('\n');
  assert.equal(lines.at(0), '# no newline');
  assert.deepEqual(
    lines.slice(1, -1).sort(),
    words.map((word) => `prefix_rule(pattern=["${word}"], decision="allow")`).sort(),
  );
  assert.deepEqual(await readdir(home.path('rules')), ['default.rules']);
});

test('appends of several processes at once are all kept', async () => {
  await using home = await Home.make();
  const appender = fileURLToPath(new URL('appender.main.js', import.meta.url));
  await Promise.all(['p', 'q', 'r'].map((name) => run(process.execPath, [appender, home.root, name, '10'])));
  const { policy, problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.deepEqual(problems, []);
  assert.equal(policy.allowedPrefixes().length, 30);
});

test('a lock left behind by a process that died is taken over', async () => {
  await using home = await Home.make();
  const lock = await home.write(`${FILE}.lock`, 'dead');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  await appendAllowRule(home.root, ['a']);
  assert.deepEqual(await readdir(home.path('rules')), ['default.rules']);
});

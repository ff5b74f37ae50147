/** What Node and libraries warn of and print stays off stderr, unless the log was asked for. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { until } from '../support/patience.ts';

const HOOK = new URL('support/noisy.main.js', import.meta.url).href;

/** A server all of whose threads have started, and have warned and printed since. Resolves with its stderr after its end. */
async function stderrOfNoisy(env: Readonly<Record<string, string>>): Promise<string> {
  await using box = await Box.open({ start: false });
  const folder = join(box.folder, 'noisy');
  mkdirSync(folder);
  await box.start({ NODE_OPTIONS: `--import=${HOOK}`, NOISY: folder, ...env });
  box.model.script(stream(says('a')));
  await (await box.turn(await box.thread(), 'go')).ended();
  await box.call('thread/list', {});
  box.write('a.txt', '');
  await box.call('fuzzyFileSearch', { query: 'a', roots: [box.workspace] });
  writeFileSync(join(folder, 'go'), '');
  // The main thread, a shard, the lister, the indexer and somebody who searches.
  await until(
    () => readdirSync(folder).length >= 6,
    () => `more than ${readdirSync(folder)}`,
  );
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  return box.client.server.stderr;
}

test('quiet-stderr: what any thread warns of or prints is not on stderr', async () => {
  assert.equal(await stderrOfNoisy({}), '');
});

test('quiet-stderr: the log tells of it when asked to', async () => {
  const records = (await stderrOfNoisy({ SHARDEX_LOG: 'warn' })).trimEnd().split('\n');
  for (const text of ['PEAR', 'PLUM']) {
    const told = records.filter((line) => JSON.parse(line).level === 'warn' && line.includes(text));
    assert.ok(told.length >= 5, `${text}: ${told.length}`);
  }
});

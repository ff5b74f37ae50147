import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { encode } from '../../src/rollout/format.ts';
import { scanLines } from '../../src/rollout/line-scan.ts';
import { BROKEN_LINE, StoredLines } from '../../src/rollout/read.ts';
import { agentEvent, loadRollout, meta, said, temporaryFolder, userEvent } from './fixtures.ts';

async function entriesOf(path: string): Promise<RolloutEntry[]> {
  const entries: RolloutEntry[] = [];
  await scanLines(path, (line) => {
    const entry = line.entry();
    if (entry !== null) entries.push(entry);
  });
  return entries;
}

test('invalid UTF-8 spoils only its own line', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const bad = Buffer.from(encode(agentEvent('x'), 0));
  bad[bad.indexOf('"x"') + 1] = 0xff;
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(encode(meta(), 0)), bad, Buffer.from(encode(agentEvent('after'), 0))]),
  );
  assert.deepEqual(await loadRollout(path), [meta(), agentEvent('after')]);
});

test('a torn last line is lost, a whole one without an end is not', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const last = encode(userEvent('last'), 0).trimEnd();
  writeFileSync(path, encode(meta(), 0) + last);
  assert.equal((await loadRollout(path)).length, 2);
  writeFileSync(path, encode(meta(), 0) + last.slice(0, -1));
  assert.equal((await loadRollout(path)).length, 1);
});

test('a blank file and one without a head are refused by name', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  writeFileSync(path, ' \n\n');
  await assert.rejects(loadRollout(path), { code: 'rollout-unreadable', message: 'empty session file' });
  writeFileSync(path, encode(userEvent('x'), 0));
  await assert.rejects(loadRollout(path), {
    code: 'rollout-unreadable',
    message: 'failed to parse thread ID from rollout file',
  });
  await assert.rejects(loadRollout(join(folder.path, 'missing')), { code: 'ENOENT' });
});

test('lines come out the same wherever the bytes are cut', () => {
  const text = 'one\n\nzwei ü 𝄞\r\nlast';
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const splitter = new StoredLines();
    const lines = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut)), splitter.end()];
    assert.deepEqual(lines, ['one', '', 'zwei ü 𝄞\r', 'last']);
  }
});

test('random bytes never throw, and whole lines between them are never lost', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(noise, fc.string()), { maxLength: 8 }), async (pairs) => {
      const parts = pairs.flatMap(([bytes, text]) => [bytes, Buffer.from(`\n${encode(agentEvent(text), 0)}`)]);
      writeFileSync(path, Buffer.concat(parts));
      const read = (await entriesOf(path)).filter((entry) => entry.type === 'event_msg');
      assert.deepEqual(
        read,
        pairs.map(([, text]) => agentEvent(text)),
      );
    }),
    { numRuns: 200 },
  );
});

test('a file cut anywhere loses at most the line that was cut', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const entries = [meta(), said('user', 'grüße'), userEvent('grüße'), agentEvent('hällo')];
  const lines = entries.map((entry) => Buffer.from(encode(entry, 0)));
  const whole = Buffer.concat(lines);
  for (let size = 0; size <= whole.length; size += 7) {
    writeFileSync(path, whole.subarray(0, size));
    let end = 0;
    const expected = entries.filter((_, index) => {
      end += lines[index]?.length ?? 0;
      return size >= end - 1;
    });
    assert.deepEqual(await entriesOf(path), expected);
  }
});

test('a line longer than any text counts as broken and takes no memory', () => {
  const splitter = new StoredLines();
  const chunk = Buffer.alloc(1 << 26, 0x20);
  for (let count = 0; count < 5; count += 1) assert.deepEqual(splitter.push(chunk), []);
  assert.deepEqual(splitter.push(Buffer.from('\nnext\n')), [BROKEN_LINE, 'next']);
});

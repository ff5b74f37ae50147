import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { unifiedHunks } from '../../src/patch/line-diff.ts';
import { within } from '../support/processor-time.ts';

test('equal texts have no hunks', () => {
  assert.equal(unifiedHunks('a\n', 'a\n', 3), '');
});

test('ranges leave out a length of one and name the line before an empty one', () => {
  assert.equal(unifiedHunks('', 'a\n', 3), '@@ -0,0 +1 @@\n+a\n');
  assert.equal(unifiedHunks('a\nb\n', '', 3), '@@ -1,2 +0,0 @@\n-a\n-b\n');
});

test('a missing final line feed is marked', () => {
  assert.equal(unifiedHunks('x\ny', 'X\ny\n', 1), '@@ -1,2 +1,2 @@\n-x\n-y\n\\ No newline at end of file\n+X\n+y\n');
});

test('of equal lines the last is the one removed', () => {
  assert.equal(unifiedHunks('a\nb\nb\nb\nc\n', 'a\nb\nb\nc\n', 1), '@@ -3,3 +3,2 @@\n b\n-b\n c\n');
});

test('changes share a hunk when their context lines meet', () => {
  const old = 'a\n1\n2\nb\n';
  assert.equal(unifiedHunks(old, 'A\n1\n2\nB\n', 1), '@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n');
  const apart = unifiedHunks('a\n1\n2\n3\nb\n', 'A\n1\n2\n3\nB\n', 1);
  assert.equal(apart, '@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B\n');
});

test('texts without anything in common come out in bounded time, as one hunk', () => {
  const text = (mark: string) => Array.from({ length: 20_000 }, (_, index) => `${mark}${index}\n`).join('');
  const hunks = within(5_000, 'unlike lines', () => unifiedHunks(text('a'), text('b'), 3));
  assert.ok(hunks.startsWith('@@ -1,20000 +1,20000 @@\n-a0\n'));
  assert.ok(hunks.endsWith('+b19999\n'));
});

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n'), { maxLength: 14 });
const text = fc.tuple(lines, fc.constantFrom('', 'a', 'z')).map(([all, rest]) => all.join('') + rest);

test('hunks rebuild the new text from the old one', () => {
  fc.assert(
    fc.property(text, text, fc.nat({ max: 4 }), (old, fresh, context) => {
      assert.equal(rebuild(old, unifiedHunks(old, fresh, context)), fresh);
    }),
  );
});

test('git reads the hunks and agrees on how much changed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-diff-'));
  try {
    fc.assert(
      fc.property(text, text, (old, fresh) => {
        writeFileSync(join(folder, 'old'), old);
        writeFileSync(join(folder, 'new'), fresh);
        const args = ['diff', '--no-index', '--no-color', '--minimal', '-U3', '--', 'old', 'new'];
        const { stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
        const expected = stdout.slice(Math.max(0, stdout.indexOf('@@'))).replace(/^(@@ .* @@).*$/gm, '$1');
        const actual = unifiedHunks(old, fresh, 3);
        // Git passes over lines that are frequent, also with --minimal, and then has more than the fewest changes.
        if (changed(expected) !== changed(actual)) assert.ok(changed(expected) > fewestChanges(old, fresh));
        assert.equal(changed(actual), fewestChanges(old, fresh));
        assert.equal(rebuild(old, expected), fresh);
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a plain edit has the very hunks of git', () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-diff-'));
  const old = Array.from({ length: 40 }, (_, index) => `line ${index}\n`);
  const fresh = old.toSpliced(30, 2, 'new\n').toSpliced(12, 0, 'more\n', 'line 11\n').toSpliced(0, 1);
  writeFileSync(join(folder, 'old'), old.join(''));
  writeFileSync(join(folder, 'new'), fresh.join(''));
  const args = ['diff', '--no-index', '--no-color', '-U3', '--', 'old', 'new'];
  const { stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const hunks = stdout.slice(stdout.indexOf('@@')).replace(/^(@@ .* @@).*$/gm, '$1');
  assert.equal(unifiedHunks(old.join(''), fresh.join(''), 3), hunks);
});

const changed = (hunks: string): number => hunks.split('\n').filter((line) => /^[-+]/.test(line)).length;

const splitLines = (value: string): string[] => value.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** By the longest common subsequence of lines, in full. */
function fewestChanges(old: string, fresh: string): number {
  const [from, to] = [splitLines(old), splitLines(fresh)];
  let above = Array.from({ length: to.length + 1 }, () => 0);
  for (const line of from) {
    const row = [0];
    for (const [at, other] of to.entries()) {
      row.push(line === other ? (above[at] ?? 0) + 1 : Math.max(row[at] ?? 0, above[at + 1] ?? 0));
    }
    above = row;
  }
  return from.length + to.length - 2 * (above[to.length] ?? 0);
}

/** Applies hunks by their line numbers, checking every line. */
function rebuild(old: string, hunks: string): string {
  const oldLines = splitLines(old);
  const result: string[] = [];
  let position = 0;
  for (const line of splitLines(hunks.replace(/\n\\ No newline at end of file\n/g, '\u0000\n'))) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    if (header !== null) {
      const start = Number(header[1]) - (header[2] === '0' ? 0 : 1);
      result.push(...oldLines.slice(position, start));
      position = start;
      continue;
    }
    const content = line.slice(1).replace(/\u0000\n$/, '');
    if (line.startsWith('+')) result.push(content);
    else assert.equal(content, oldLines[position]);
    if (line.startsWith(' ')) result.push(content);
    if (!line.startsWith('+')) position += 1;
  }
  return [...result, ...oldLines.slice(position)].join('');
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excludesFileOf } from '../../src/search/git-settings.ts';
import { within } from '../support/processor-time.ts';

test('the last setting of the section counts, with quotes, escapes and comments as git has them', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['[core]\nexcludesFile = /a/b', '/a/b'],
    ['[core]\r\n\texcludesfile=a b ; mine\r\n', 'a b'],
    ['[CORE] EXCLUDESFILE = "~/a ; b" # mine', '~/a ; b'],
    ['[core]\nexcludesFile = "a \\"b\\" \\\\"', 'a "b" \\'],
    ['[core]\nexcludesFile = a\n[core]\nexcludesFile = b', 'b'],
    ['[user]\nexcludesFile = a\n[core "x"]\nexcludesFile = b', undefined],
    ['[core]\nexcludesFile =', undefined],
    ['[core]\nexcludesFiles = a\nexcludesFile a\n[core', undefined],
  ];
  for (const [settings, expected] of cases) assert.equal(excludesFileOf(settings), expected, settings);
});

test('settings of a megabyte that never end are read in a moment', () => {
  const most = 1 << 20;
  for (const unit of ['[', '\\', '"', ' ', '[core]', '[core]\nexcludesfile = "', '= ']) {
    const settings = `[core]\nexcludesFile = ${unit.repeat(most / unit.length)}`;
    within(2_000, unit, () => excludesFileOf(settings));
  }
});

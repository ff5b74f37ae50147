/** 200 KB of the worst that a model can send, and files that make it worse: each is answered in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interceptPatch } from '../../src/patch/intercept.ts';
import { unifiedHunks } from '../../src/patch/line-diff.ts';
import { applyChunks } from '../../src/patch/match.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { within } from '../support/processor-time.ts';
import { patch } from './support/workspace.ts';

const BYTES = 200_000;
/** Far above what they take (hundreds of milliseconds at most) and below what anything quadratic takes. */
const MOST_MS = 10_000;

const fill = (unit: string): string => unit.repeat(Math.ceil(BYTES / unit.length));

function update(file: string, body: string): void {
  const parsed = parsePatch(`*** Begin Patch\n*** Update File: f\n${body}\n*** End Patch`);
  if (!parsed.ok) return;
  for (const section of parsed.sections) {
    if (section.kind === 'update') assert.equal(typeof applyChunks(file, section.chunks, 'f').ok, 'boolean');
  }
}

const numbered = (from: number, to: number, line: (at: number) => string): string =>
  Array.from({ length: to - from }, (_, at) => line(from + at)).join('');

const cases: Readonly<Record<string, () => unknown>> = {
  'many chunks that match only without blanks': () => update(fill('  x\n'), fill('@@\n-x\n')),
  'many chunks that are nowhere': () => update(fill('a\n'), fill('@@\n-b\n')),
  'many headers': () => update(fill(' a\nb\n'), fill('@@ a\n-b\n')),
  'nested headers': () => update(fill('a\n'), `${fill('@@ a\n')}-b`),
  'many near matches for one long chunk': () => update(fill('a\nb\n'), `${fill('-a\n-b\n')}-a\n-a`),
  'many near matches for many chunks': () => update(fill('a\n') + fill('b\n'), fill('@@\n-a\n-a\n-a\n-b\n-b\n-a\n')),
  'many chunks, each a near match all over the file': () =>
    update(
      fill('a\n'),
      numbered(0, 300, (at) => `@@\n${'-a\n'.repeat(at % 150)}-b\n+${at}\n`),
    ),
  'chunks of equal lines that grow': () =>
    update(
      fill('a\nb\n'),
      numbered(1, 280, (at) => `@@\n${' a\n b\n'.repeat(at)} b\n`.slice(0, 360)),
    ),
  'one line of blanks': () => update(`${fill(' ')}x`, `-${fill(' ')}y`),
  'one line of marks': () => update(`e${fill('\u0301\u0323')}`, `-é${fill('\u0323\u0301')}`),
  'a line of dashes and quotes': () => update(fill('\u2013\u201c'), `-${fill('-"')}x`),
  'the end marker many times': () => update(fill('a\n'), fill('@@\n-a\n*** End of File\n')),
  'additions only': () => update(fill('a\n'), fill('@@ a\n+b\n')),
  'carriage returns': () => update(fill('\r'), `-${fill('\r')}`),
  'a patch of blank lines': () => parsePatch(patch('*** Update File: f', fill('\n'))),
  'a patch of sections': () => parsePatch(patch(fill('*** Delete File: a\n').trimEnd())),
  'an added file of empty lines': () => parsePatch(patch('*** Add File: f', fill('+\n').trimEnd())),
  'a script of assignments': () => interceptPatch(['bash', '-lc', `${fill('a=b ')}x`]),
  'a script of quoted assignments': () => interceptPatch(['bash', '-lc', `${fill(`a='' b="" `)}apply_patch x`]),
  'a script of blanks': () => interceptPatch(['bash', '-lc', `${fill(' ')}cd`]),
  'a script of escaped line ends': () => interceptPatch(['bash', '-lc', `${fill('\\\n')}cd x`]),
  'a script of blank lines': () => interceptPatch(['bash', '-lc', `cd x && ${fill('\n ')}y`]),
  'a script with a long folder': () => interceptPatch(['bash', '-lc', `cd ${fill('x')} x`]),
  'a script with a folder of escapes': () => interceptPatch(['bash', '-lc', `cd ${fill('\\x')}&`]),
  'a script with an open quote': () => interceptPatch(['bash', '-lc', `cd '${fill('x')}`]),
  'a here-document without an end': () => interceptPatch(['bash', '-lc', `apply_patch <<EOF\n${fill('\t\n')}`]),
  'a here-document with a long tag': () => interceptPatch(['bash', '-lc', `apply_patch <<${fill('E')}'\n`]),
  'a here-document of tabs': () => interceptPatch(['bash', '-lc', `apply_patch <<-E\n${fill('\t')}x`]),
  'a diff of unlike lines': () =>
    unifiedHunks(
      numbered(0, 15_000, (at) => `${at}\n`),
      numbered(15_000, 30_000, (at) => `${at}\n`),
      1,
    ),
  'a diff of shuffled lines': () =>
    unifiedHunks(
      numbered(0, 15_000, (at) => `${(at * 7919) % 15_000}\n`),
      numbered(0, 15_000, (at) => `${at}\n`),
      1,
    ),
  'a diff of equal lines': () => unifiedHunks(fill('a\n'), fill('a\n') + fill('a\n'), 1),
  'a diff with every second line changed': () => unifiedHunks(fill('a\nb\n'), fill('a\nc\n'), 3),
  'a diff of one long line': () => unifiedHunks(fill('x'), fill('xy'), 1),
};

for (const [rule, run] of Object.entries(cases)) {
  test(`worst case: ${rule}`, () => void within(MOST_MS, rule, run));
}

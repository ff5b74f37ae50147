/** Patches by every route, good and bad; without what only one of both keeps, which DIFFERENCES.md lists. */
import { applyPatch, calls, functionCall, says, shell, shellCommand } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { rewritten } from '../support/masks.ts';
import type { Loose, Session } from '../support/session.ts';

const patch = (...lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n');

const files = (s: Session): void => {
  s.write('a.txt', 'one\ntwo\nthree\n');
  s.write('no-end.txt', 'last line without end');
  s.write('crlf.txt', 'a\r\nb\r\n');
  s.write('dir/ünï.txt', 'ä\nö\nü\n');
};

const eachInATurn =
  (...items: readonly Loose[]) =>
  async (s: Session): Promise<void> => {
    const thread = await s.thread();
    for (const [at, item] of items.entries()) {
      s.model.script(stream(calls(item)), stream(says('done', `done-${at}`)));
      await s.turn(thread, `turn ${at}`);
    }
  };

/** The reason, which only one of both gives. */
const REASON = /: Not a directory \(os error 20\)(\\n|\n)No file was changed\./g;
const USAGE = /usage: apply_patch[^"]*/i;

const GOOD = [
  patch('*** Add File: new/deep/file.txt', '+hello', '+'),
  patch('*** Update File: a.txt', '@@', ' one', '-two', '+2', ' three'),
  patch('*** Update File: a.txt', '*** Move to: moved/b.txt', '@@', '-one', '+1'),
  patch('*** Delete File: no-end.txt'),
  patch('*** Update File: crlf.txt', '@@', '-b'),
  patch('*** Update File: dir/ünï.txt', '@@ ä', ' ö', '+neu', '*** End of File'),
  patch('*** Delete File: dir/ünï.txt', '*** Add File: dir/other.txt', '+x'),
  patch('*** Update File: dir/other.txt', '@@', ' x', '+again'),
];

const BAD = [
  '',
  'nonsense',
  patch(),
  patch('*** Update File: missing.txt', '@@', '-x', '+y'),
  patch('*** Update File: a.txt', '@@', '-not there', '+y'),
  patch('*** Delete File: missing.txt'),
  patch('*** Delete File: dir'),
  patch('*** Add File: a.txt/inside', '+x'),
  patch('*** Update File: a.txt'),
  patch('*** Frobnicate: a.txt'),
  '*** Begin Patch\n*** Add File: x\n+y\n',
  patch('*** Update File: a.txt', '@@ no such context', '-one', '+1'),
];

export const patches: readonly Conversation[] = [
  {
    name: 'good patches as free text',
    setUp: { model: 'gpt-5.2-codex' },
    prepare: files,
    talk: eachInATurn(...GOOD.map((text, at) => applyPatch(`p${at}`, text))),
  },
  {
    name: 'bad patches as free text',
    mask: (block) => rewritten(block, (value) => (typeof value === 'string' ? value.replace(REASON, '') : value)),
    setUp: { model: 'gpt-5.2-codex' },
    prepare: files,
    talk: eachInATurn(...BAD.map((text, at) => applyPatch(`p${at}`, text))),
  },
  {
    name: 'patches as a function, as commands and in here-documents',
    mask: (block) => rewritten(block, (value) => (typeof value === 'string' ? value.replace(USAGE, '<usage>') : value)),
    setUp: { model: 'gpt-oss:20b' },
    prepare: files,
    talk: eachInATurn(
      functionCall('p1', 'apply_patch', { input: GOOD[0] }),
      functionCall('p2', 'apply_patch', { input: BAD[3] }),
      functionCall('p3', 'apply_patch', '{}'),
      shell('p4', ['apply_patch', GOOD[1] ?? '']),
      shell('p5', ['bash', '-lc', `apply_patch <<'EOF'\n${GOOD[3]}EOF\n`]),
      shellCommand('p6', `cd dir && apply_patch <<'EOF'\n${patch('*** Add File: in-dir.txt', '+x')}EOF\n`),
      shellCommand('p7', `applypatch <<'EOF'\n${BAD[4]}EOF\n`),
      shell('p8', ['apply_patch']),
    ),
  },
  {
    name: 'patches with offsets, fuzzy blanks, several hunks and repeated lines',
    setUp: { model: 'gpt-5.1' },
    prepare: (s) => {
      const lines = Array.from({ length: 40 }, (_, at) => (at % 10 === 0 ? 'repeat' : `line ${at}`));
      s.write('long.txt', `${lines.join('\n')}\n`);
      s.write('blank.txt', 'x  \n\ty “quoted” – dash\n\nz\n');
    },
    talk: eachInATurn(
      applyPatch(
        'p1',
        patch(
          '*** Update File: long.txt',
          '@@ line 11',
          '@@',
          ' line 19',
          '-repeat',
          '+second',
          '@@',
          '-line 39',
          '+end',
        ),
      ),
      applyPatch('p2', patch('*** Update File: blank.txt', '@@', ' x  ', '-y "quoted" - dash', '+Y')),
      applyPatch('p3', patch('*** Update File: long.txt', '@@', '+added at the end')),
      applyPatch('p4', patch('*** Update File: long.txt', '@@ repeat', '+at the end', '*** End of File')),
    ),
  },
  {
    name: 'one turn with several patches of one file, and what they sum up to',
    setUp: { model: 'gpt-5.2-codex' },
    prepare: files,
    talk: async (s) => {
      s.model.script(
        stream(calls(applyPatch('p1', GOOD[1] ?? ''))),
        stream(calls(applyPatch('p2', GOOD[2] ?? ''))),
        stream(calls(shell('c1', ['bash', '-c', 'echo more >> moved/b.txt']))),
        stream(calls(applyPatch('p3', patch('*** Delete File: moved/b.txt')))),
        stream(says('done', 'm1')),
      );
      await s.turn(await s.thread(), 'go');
    },
  },
];

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandActions, splitWords } from '../../src/command-analysis/actions.ts';
import { quoteArgv } from '../../src/command-analysis/quote.ts';
import { shortPath } from '../../src/command-analysis/summaries.ts';
import type { CommandAction } from '../../src/protocol/items.ts';
import { parsedCommandOf } from '../../src/rollout/stored-event.ts';
import { fixture } from './support.ts';

/** What codex app-server 0.94.0 showed for each argv: its text and its actions. */
type Row = [argv: string[], command: string, actions: CommandAction[]];

const rows = JSON.parse(readFileSync(fixture('actions.json'), 'utf8')) as Row[];

test('the recorded command lines are shown as they were', () => {
  assert.ok(rows.length > 500);
  for (const [argv, command, actions] of rows) {
    assert.deepEqual(commandActions(argv), actions, JSON.stringify(argv));
    assert.equal(quoteArgv(argv), command);
  }
});

const script = (text: string): CommandAction[] => commandActions(['bash', '-lc', text]);

test('formatting filters are left out, and a script of nothing else is unknown', () => {
  assert.deepEqual(script('rg foo | sort | uniq -c | head -n 5'), [
    { type: 'search', command: 'rg foo', query: 'foo', path: null },
  ]);
  assert.deepEqual(script('sort | head'), [{ type: 'unknown', command: 'sort | head' }]);
});

test('xargs counts as a filter unless what it runs changes files', () => {
  assert.equal(script('ls | xargs cat').length, 1);
  for (const changing of ['sed -i s/a/b/', 'perl -pi -e x', 'ruby -i x', 'rg --replace x', '-n 1 sed --in-place x']) {
    assert.equal(script(`ls | xargs ${changing}`).length, 2, changing);
  }
});

test('cd moves the paths of later reads and is not an action', () => {
  assert.deepEqual(script('cd a && cd b && cat c'), [{ type: 'read', command: 'cat c', name: 'c', path: 'a/b/c' }]);
  assert.deepEqual(script('cd a && cd /b && cat c'), [{ type: 'read', command: 'cat c', name: 'c', path: '/b/c' }]);
  assert.deepEqual(script('cd a'), []);
});

test('equal neighbours are one action', () => {
  assert.equal(script('cat a && cat a').length, 1);
  assert.equal(script('cat a && cat b && cat a').length, 3);
});

test('a line break inside a word joins its halves, as in the shell', () => {
  assert.deepEqual(script('foo a\\\nb && bar'), [
    { type: 'unknown', command: 'foo ab' },
    { type: 'unknown', command: 'bar' },
  ]);
});

test('the short form of a path skips folders that say nothing', () => {
  const forms: Record<string, string> = {
    'a/b.ts': 'b.ts',
    'a/src/': 'a',
    '/x/node_modules/dist': 'x',
    'src/build': 'src/build',
    'a\\b': 'b',
    '/': '',
    '.': '.',
  };
  for (const [path, short] of Object.entries(forms)) assert.equal(shortPath(path), short, path);
});

test('older clients get the same facts under older names', () => {
  const actions: CommandAction[] = [
    { type: 'read', command: 'c', name: 'n', path: 'p' },
    { type: 'listFiles', command: 'c', path: null },
    { type: 'search', command: 'c', query: 'q', path: null },
    { type: 'unknown', command: 'c' },
  ];
  assert.deepEqual(actions.map(parsedCommandOf), [
    { type: 'read', cmd: 'c', name: 'n', path: 'p' },
    { type: 'list_files', cmd: 'c', path: null },
    { type: 'search', cmd: 'c', query: 'q', path: null },
    { type: 'unknown', cmd: 'c' },
  ]);
});

test('any argv and any script has actions of the four kinds', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('&&', '|', ';', 'cd', 'cat', 'rg', '-n', 'sed', '1,5p', "'", '"', '\\'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      for (const actions of [commandActions(words), script(words.join(' '))]) {
        for (const action of actions) assert.match(action.type, /^(read|listFiles|search|unknown)$/);
      }
    }),
  );
});

test('quoted words split into the words they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))), (words) => {
      assert.deepEqual(splitWords(quoteArgv(words)), words);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteArgv } from '../../src/command-analysis/quote.ts';

const FORMS: readonly (readonly [word: string, quoted: string])[] = [
  ['', "''"],
  ['plain', 'plain'],
  ['a+b-c./:@]_9', 'a+b-c./:@]_9'],
  ['a b', "'a b'"],
  ['a=b', "'a=b'"],
  ['[', "'['"],
  ['~/x', "'~/x'"],
  ['a,b', "'a,b'"],
  ['é', "'é'"],
  ["it's", `"it's"`],
  ["it's $HOME", `"it's "'$HOME'`],
  ['a^b', "a'^b'"],
  ['^a', "'^a'"],
  ["^'", `'^'"'"`],
  ['a\\b', '"a\\\\b"'],
  ['$`"', `'$\`"'`],
  [`'"`, `"'\\""`],
  ['a\nb', "'a\nb'"],
  ['!', "'!'"],
];

for (const [word, quoted] of FORMS) {
  test(`${JSON.stringify(word)} is quoted as ${JSON.stringify(quoted)}`, () => {
    assert.equal(quoteArgv([word]), quoted);
  });
}

test('words are joined with spaces', () => {
  assert.equal(quoteArgv(['bash', '-lc', 'ls | wc']), "bash -lc 'ls | wc'");
  assert.equal(quoteArgv([]), '');
});

test('a NUL byte hides the whole line', () => {
  assert.equal(quoteArgv(['a', 'b\0c']), '<command included NUL byte>');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDangerous } from '../../src/command-analysis/safety.ts';
import { isKnownSafe } from '../support/known-safe.ts';

const argv = (line: string): string[] => line.split(' ');
const script = (text: string): string[] => ['bash', '-lc', text];

const SAFE = [
  'cat a',
  'cd x',
  'cut -f1',
  'echo',
  'expr 1',
  'false',
  'grep a',
  'head',
  'id',
  'ls',
  'nl',
  'paste',
  'pwd',
  'rev',
  'seq 1',
  'stat .',
  'tail',
  'tr a b',
  'true',
  'uname',
  'uniq',
  'wc',
  'which ls',
  'whoami',
  'base64',
  'base64 -d',
  'find . -name x',
  'rg a',
  'git branch -a',
  'git status',
  'git log',
  'git diff',
  'git show HEAD',
  'sed -n 5p',
  'sed -n 1,5p a',
  '/bin/ls',
  '/usr/bin/git status',
];

const UNKNOWN = [
  'touch x',
  'sort',
  'base64 -o x',
  'base64 -ox',
  'base64 --output x',
  'base64 --output=x',
  'find . -exec x',
  'find . -execdir x',
  'find . -ok x',
  'find . -okdir x',
  'find . -delete',
  'find . -fls x',
  'find . -fprint x',
  'find . -fprint0 x',
  'find . -fprintf x',
  'rg --pre x a',
  'rg --pre=x a',
  'rg --hostname-bin x',
  'rg --hostname-bin=x',
  'rg --search-zip a',
  'rg -z a',
  'git',
  'git push',
  'git -C x status',
  'git --no-pager log',
  'cargo build',
  'cargo check',
  'git branch -D x',
  'cargo',
  'sed -n p a',
  'sed 1p',
  'sed -n 1p a b',
  'sed -n 1,p a',
  './ls',
  '/home/me/ls',
  'sub/ls',
  'ls.exe',
  'LS',
  'bash -l ls',
  'fish -c ls',
  'sudo ls',
  'rm x',
];

for (const line of SAFE) test(`safe: ${line}`, () => assert.equal(isKnownSafe(argv(line)), true));
for (const line of UNKNOWN) test(`not known to be safe: ${line}`, () => assert.equal(isKnownSafe(argv(line)), false));

test('numfmt and tac are safe on Linux only', () => {
  for (const program of ['numfmt', 'tac']) {
    assert.equal(isKnownSafe([program], 'linux'), true);
    assert.equal(isKnownSafe([program], 'darwin'), false);
  }
});

test('nothing is not safe', () => assert.equal(isKnownSafe([]), false));

test('a script is safe when all its commands are', () => {
  for (const text of ['ls && pwd', 'cd x && ls | head -5', 'ls\npwd', "bash -lc 'ls | wc'", 'find . \\( -name a \\)']) {
    assert.equal(isKnownSafe(script(text)), true, text);
  }
  for (const text of ['ls && touch x', 'ls $x', 'ls > x', '(ls)', '', "bash -lc 'touch x'"]) {
    assert.equal(isKnownSafe(script(text)), false, text);
  }
});

test('a script is judged by what the shell makes of it, too', () => {
  for (const text of [
    'find . -e\\xec rm {} +',
    'find . "-e\\\nxec" rm',
    'find . -ex\\\nec rm {} +',
    'find . {-delete,x}',
    'find . {-name{x},-delete}',
    'git s{tatus,x}',
    'base64 \\-o x',
    'rg -\\z a',
  ]) {
    assert.equal(isKnownSafe(script(text)), false, text);
  }
  assert.equal(isKnownSafe(script('ls {a,b}')), true);
});

const DANGEROUS = [
  'rm -f x',
  'rm -rf x',
  'rm -rf',
  'git reset',
  'git rm x',
  '/usr/bin/git reset --hard',
  'sudo rm -rf x',
  'sudo git reset',
  'sudo sudo rm -f x',
];

const HARMLESS = [
  'rm x',
  'rm',
  'rm -fr x',
  'rm -r -f x',
  '/bin/rm -rf x',
  'git push',
  'git -c a=b reset',
  'sudo rm x',
  'sudo -n rm -rf x',
  'sudo',
];

for (const line of DANGEROUS) test(`dangerous: ${line}`, () => assert.equal(isDangerous(argv(line)), true));
for (const line of HARMLESS) test(`not dangerous: ${line}`, () => assert.equal(isDangerous(argv(line)), false));

test('a script is dangerous when one of its commands is', () => {
  for (const text of [
    'ls; rm -rf x',
    'ls | rm -f',
    'rm -rf "x"',
    "bash -lc 'rm -rf x'",
    'rm -r\\f x',
    'git re\\\nset',
  ]) {
    assert.equal(isDangerous(script(text)), true, text);
  }
  assert.equal(isDangerous(script('rm -rf $x')), false);
});

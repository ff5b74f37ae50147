import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { interceptPatch } from '../../src/patch/intercept.ts';

const PATCH = '*** Begin Patch\n*** Add File: a\n+x\n*** End Patch';
const DOCUMENT = `${PATCH}\nEOF\n`;
const inBash = (script: string) => interceptPatch(['bash', '-lc', script]);
const found = (workdirOverride: string | null = null, text = PATCH) => ({ kind: 'patch', text, workdirOverride });
const NONE = { kind: 'none' };

for (const program of ['apply_patch', 'applypatch']) {
  test(`${program} with one argument is a patch, even a broken one`, () => {
    assert.deepEqual(interceptPatch([program, PATCH]), found());
    assert.deepEqual(interceptPatch([program, 'nonsense']), found(null, 'nonsense'));
    assert.deepEqual(interceptPatch([program, PATCH, 'more']), NONE);
    assert.deepEqual(interceptPatch([program]), NONE);
  });
}

const shells: readonly (readonly string[])[] = [
  ['bash', '-lc'],
  ['/bin/bash', '-c'],
  ['zsh', '-lc'],
  ['/usr/bin/sh', '-c'],
  ['pwsh', '-Command'],
  ['powershell.exe', '-NoProfile', '-Command'],
  ['C:\\Windows\\System32\\cmd.exe', '/c'],
];
for (const shell of shells) {
  test(`a here-document is found under ${shell.join(' ')}`, () => {
    assert.deepEqual(interceptPatch([...shell, `apply_patch <<'EOF'\n${DOCUMENT}`]), found());
  });
}

const otherCommands: readonly (readonly string[])[] = [
  [],
  ['ls'],
  ['fish', '-c', `apply_patch <<'EOF'\n${DOCUMENT}`],
  ['bash', '-C', `apply_patch <<'EOF'\n${DOCUMENT}`],
  ['bash', `apply_patch <<'EOF'\n${DOCUMENT}`],
  ['bash', '-lc', `apply_patch <<'EOF'\n${DOCUMENT}`, 'argument'],
  ['bash', '-l', '-c', `apply_patch <<'EOF'\n${DOCUMENT}`],
];
test('another program or another flag is an ordinary command', () => {
  for (const argv of otherCommands) assert.deepEqual(interceptPatch(argv), NONE, argv.join(' '));
});

const accepted: readonly [opening: string, workdir: string | null][] = [
  ['apply_patch <<EOF', null],
  ['apply_patch <<"EOF"', null],
  ["applypatch << 'EOF'", null],
  ['apply_patch<<EOF', null],
  ['apply_patch <<\\EOF', null],
  ['\n  apply_patch <<EOF  ', null],
  ['FOO=1 BAR="$X" EMPTY= apply_patch <<EOF', null],
  ['cd sub/dir && apply_patch <<EOF', 'sub/dir'],
  ["cd 'a b' && apply_patch <<EOF", 'a b'],
  ['cd "a b" && apply_patch <<EOF', 'a b'],
  ['cd a\\ b && apply_patch <<EOF', 'a b'],
  ['cd x &&\n  apply_patch <<EOF', 'x'],
  ['cd x && \\\napply_patch <<EOF', 'x'],
  ['A=1 cd x && B=2 apply_patch <<EOF', 'x'],
];
for (const [opening, workdir] of accepted) {
  test(`taken as a patch: ${JSON.stringify(opening)}`, () => {
    assert.deepEqual(inBash(`${opening}\n${DOCUMENT}`), found(workdir));
  });
}

const refused = [
  'apply_patch <<EOF;',
  'apply_patch <<EOF | cat',
  'apply_patch <<EOF && ls',
  'apply_patch <<EOF || ls',
  'apply_patch <<EOF > out',
  'apply_patch <<EOF &',
  'apply_patch --flag <<EOF',
  'apply_patch x <<EOF',
  '# note\napply_patch <<EOF',
  'ls; apply_patch <<EOF',
  'echo x && apply_patch <<EOF',
  '(apply_patch <<EOF',
  '! apply_patch <<EOF',
  "'apply_patch' <<EOF",
  'my_apply_patch <<EOF',
  'cd x; apply_patch <<EOF',
  'cd x || apply_patch <<EOF',
  'cd x | apply_patch <<EOF',
  'cd x y && apply_patch <<EOF',
  'cd x && cd y && apply_patch <<EOF',
  'cd && apply_patch <<EOF',
  'cd -P && apply_patch <<EOF',
  'cd $HOME && apply_patch <<EOF',
  'cd "$HOME" && apply_patch <<EOF',
  'cd ~ && apply_patch <<EOF',
  'cd a*b && apply_patch <<EOF',
  'cd a{b,c} && apply_patch <<EOF',
  'cd pre"fix" && apply_patch <<EOF',
  "cd 'a'\\''b' && apply_patch <<EOF",
  'A=$(rm -r x) apply_patch <<EOF',
];
for (const opening of refused) {
  test(`an ordinary command: ${JSON.stringify(opening)}`, () => {
    assert.deepEqual(inBash(`${opening}\n${DOCUMENT}`), NONE);
  });
}

test('anything behind the here-document makes it an ordinary command', () => {
  for (const more of ['ls\n', ';', '# note', 'EOF\n']) {
    assert.deepEqual(inBash(`apply_patch <<EOF\n${DOCUMENT}${more}`), NONE, more);
  }
  assert.deepEqual(inBash(`apply_patch <<EOF\n${DOCUMENT}\n  \n`), found());
});

test('a here-document without its tag ends with the script', () => {
  assert.deepEqual(inBash(`apply_patch <<EOF\n${PATCH}`), found());
});

test('<<- takes leading tabs off', () => {
  const document = DOCUMENT.replace(/^/gm, '\t');
  assert.deepEqual(inBash(`apply_patch <<-EOF\n${document}`), found());
});

test('line ends with carriage returns are read', () => {
  assert.deepEqual(inBash(`apply_patch <<EOF\n${DOCUMENT}`.replaceAll('\n', '\r\n')), found());
});

test('what is in the here-document is for the caller to judge', () => {
  assert.deepEqual(inBash('apply_patch <<EOF\nnot a patch\nEOF\n'), found(null, 'not a patch'));
});

test('a patch that no program was asked to apply is implicit', () => {
  assert.deepEqual(interceptPatch([PATCH]), { kind: 'implicit' });
  assert.deepEqual(inBash(PATCH), { kind: 'implicit' });
  assert.deepEqual(inBash('*** Begin Patch\nnonsense\n*** End Patch'), NONE);
});

test('no script makes the scanner throw or run away', () => {
  const piece = fc.constantFrom(
    'cd ',
    'a',
    ' ',
    '&&',
    'A=1 ',
    '\n',
    '\\',
    '"',
    "'",
    'apply_patch',
    '<<EOF',
    'EOF',
    '$',
    '\\\n',
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => inBash(pieces.join('')).kind !== 'implicit'));
  assert.deepEqual(inBash('A=1 '.repeat(20_000)), NONE);
  assert.deepEqual(inBash(`cd ${'\\a'.repeat(50_000)}`), NONE);
});

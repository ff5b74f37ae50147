import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PatchLine, type PatchSection, parsePatch } from '../../src/patch/parse.ts';

const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

const sections = (text: string): readonly PatchSection[] => {
  const parsed = parsePatch(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.message);
  return parsed.sections;
};

const KINDS = { ' ': 'keep', '-': 'remove', '+': 'add' } as const;
const kindOf = (mark: string): PatchLine['kind'] => (mark === '-' || mark === '+' ? KINDS[mark] : 'keep');

/** Lines as a patch spells them. */
const marked = (...texts: readonly string[]): PatchLine[] =>
  texts.map((text) => ({ kind: kindOf(text.charAt(0)), text: text.slice(1) }));

const errorOf = (text: string): string => {
  const parsed = parsePatch(text);
  assert.ok(!parsed.ok, 'the patch was accepted');
  return parsed.message;
};

test('every kind of section is read', () => {
  const text = patch(
    '*** Add File: new.txt',
    '+one',
    '+',
    '*** Delete File: gone.txt',
    '*** Update File: a.txt',
    '*** Move to: b.txt',
    '@@ class A',
    ' kept',
    '-old',
    '+new',
    '',
    '@@',
    '+last',
    '*** End of File',
  );
  assert.deepEqual(sections(text), [
    { kind: 'add', path: 'new.txt', content: 'one\n\n' },
    { kind: 'delete', path: 'gone.txt' },
    {
      kind: 'update',
      path: 'a.txt',
      movePath: 'b.txt',
      chunks: [
        { headers: ['class A'], lines: marked(' kept', '-old', '+new', ''), atEndOfFile: false },
        { headers: [], lines: marked('+last'), atEndOfFile: true },
      ],
    },
  ]);
});

test('a patch without sections is read as such', () => {
  assert.deepEqual(sections(patch()), []);
});

test('an added file may be empty', () => {
  assert.deepEqual(sections(patch('*** Add File: e')), [{ kind: 'add', path: 'e', content: '' }]);
});

test('white space around the text, the frame and the headers is ignored, carriage returns too', () => {
  const text = '\n \t*** Begin Patch  \r\n  *** Delete File: a b \r\n*** End Patch\n\n';
  assert.deepEqual(sections(text), [{ kind: 'delete', path: 'a b' }]);
});

test('a byte order mark is not white space', () => {
  assert.match(errorOf(`\ufeff${patch()}`), /^invalid patch: first line/);
});

for (const opening of ['<<EOF', "<<'EOF'", '<<"EOF"']) {
  test(`a here-document ${opening} around the patch is taken off`, () => {
    assert.equal(sections(`${opening}\n${patch('*** Delete File: a')}\nEOF`).length, 1);
  });
}

test('only a here-document named EOF is taken off, and only around a whole patch', () => {
  assert.match(errorOf(`<<END\n${patch()}\nEND`), /^invalid patch: first line must be '\*\*\* Begin Patch'$/);
  assert.match(errorOf(`<<EOF\n${patch()}\nEND`), /^invalid patch: first line/);
  assert.match(errorOf('<<EOF\n*** Begin Patch\nx\nEOF'), /^invalid patch: last line must be '\*\*\* End Patch'$/);
});

test('the first chunk of a file needs no @@ line', () => {
  const [section] = sections(patch('*** Update File: a', '-x'));
  assert.deepEqual(section?.kind === 'update' && section.chunks, [
    { headers: [], lines: marked('-x'), atEndOfFile: false },
  ]);
});

test('several @@ lines with text are headers from the outside in', () => {
  const [section] = sections(patch('*** Update File: a', '@@ class A', '@@   def f', '-x', '@@', '@@ g', '+y'));
  assert.deepEqual(section?.kind === 'update' && section.chunks, [
    { headers: ['class A', '  def f'], lines: marked('-x'), atEndOfFile: false },
    { headers: ['g'], lines: marked('+y'), atEndOfFile: false },
  ]);
});

test('blank lines are skipped where a chunk may begin and are context elsewhere', () => {
  const text = patch('*** Update File: a', '', '  ', '@@', '-x', '*** End of File', '', '@@', '+y', '');
  const [section] = sections(text);
  assert.deepEqual(section?.kind === 'update' && section.chunks.map((chunk) => chunk.lines), [
    marked('-x'),
    marked('+y', ''),
  ]);
});

const errors: readonly [rule: string, lines: readonly string[], message: string | RegExp][] = [
  ['an unknown header', [' nonsense '], /^invalid hunk at line 2, 'nonsense' is not a valid hunk header\. /],
  ['a header without a path', ['*** Add File: '], /^invalid hunk at line 2, '\*\*\* Add File:' is not a valid/],
  [
    'an update without a chunk',
    ['*** Delete File: a', '*** Update File: x'],
    "invalid hunk at line 3, Update file hunk for path 'x' is empty",
  ],
  [
    'a bad first change line',
    ['*** Update File: x', '@@', 'bad'],
    /^invalid hunk at line 4, Unexpected line found in update hunk: 'bad'\. /,
  ],
  [
    'a bad first change line without @@ (the number is one too high, as ever)',
    ['*** Update File: x', 'bad'],
    /^invalid hunk at line 4, Unexpected line found in update hunk: 'bad'\. /,
  ],
  [
    'a bare @@ line behind another one',
    ['*** Update File: x', '@@ a', '@@', '-c'],
    /^invalid hunk at line 4, Unexpected line found in update hunk: '@@'\. /,
  ],
  [
    'a chunk that is only an end marker',
    ['*** Update File: x', '@@', '*** End of File'],
    'invalid hunk at line 4, Update hunk does not contain any lines',
  ],
  [
    'a chunk without lines',
    ['*** Update File: x', '@@'],
    'invalid hunk at line 4, Update hunk does not contain any lines',
  ],
  [
    'a later chunk without @@',
    ['*** Update File: x', '-a', '*** End of File', 'zzz'],
    "invalid hunk at line 5, Expected update hunk to start with a @@ context marker, got: 'zzz'",
  ],
];
for (const [rule, lines, message] of errors) {
  test(`an error names its line: ${rule}`, () => {
    const actual = errorOf(patch(...lines));
    if (typeof message === 'string') assert.equal(actual, message);
    else assert.match(actual, message);
  });
}

test('a broken frame is an error that names the missing line', () => {
  assert.equal(errorOf(''), "invalid patch: first line must be '*** Begin Patch'");
  assert.equal(errorOf('*** Begin Patch'), "invalid patch: last line must be '*** End Patch'");
});

test('no text makes the parser throw', () => {
  const line = fc.oneof(
    fc.constantFrom('*** Begin Patch', '*** End Patch', '@@', '@@ c', '*** End of File', '*** Update File: a', '+', ''),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      parsePatch(lines.join('\n'));
      parsePatch(patch(...lines));
    }),
  );
});

test('a patch written out is read back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '*', '@', '+', '-', 'é', '\t') });
  const path = fc.stringMatching(/^[a-z][a-z ./]{0,8}[a-z]$/);
  const change = fc.record({ mark: fc.constantFrom(' ', '-', '+'), text });
  const chunk = fc.record({
    headers: fc.array(text, { maxLength: 3 }),
    changes: fc.array(change, { minLength: 1, maxLength: 5 }),
    atEndOfFile: fc.boolean(),
  });
  const section = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), path, lines: fc.array(text) }),
    fc.record({ kind: fc.constant('delete' as const), path }),
    fc.record({
      kind: fc.constant('update' as const),
      path,
      movePath: fc.option(path, { nil: null }),
      chunks: fc.array(chunk, { minLength: 1, maxLength: 4 }),
    }),
  );
  const write = (one: typeof section extends fc.Arbitrary<infer T> ? T : never): string[] => {
    if (one.kind === 'add') return [`*** Add File: ${one.path}`, ...one.lines.map((added) => `+${added}`)];
    if (one.kind === 'delete') return [`*** Delete File: ${one.path}`];
    return [
      `*** Update File: ${one.path}`,
      ...(one.movePath === null ? [] : [`*** Move to: ${one.movePath}`]),
      ...one.chunks.flatMap(({ headers, changes, atEndOfFile }) => [
        ...(headers.length === 0 ? ['@@'] : headers.map((header) => `@@ ${header}`)),
        ...changes.map(({ mark, text: changed }) => mark + changed),
        ...(atEndOfFile ? ['*** End of File'] : []),
      ]),
    ];
  };
  fc.assert(
    fc.property(fc.array(section), (wanted) => {
      const expected = wanted.map((one) => {
        if (one.kind === 'add')
          return { kind: 'add', path: one.path, content: one.lines.map((l) => `${l}\n`).join('') };
        if (one.kind === 'delete') return { kind: 'delete', path: one.path };
        const chunks = one.chunks.map(({ headers, changes, atEndOfFile }) => ({
          headers,
          lines: changes.map(({ mark, text: changed }) => ({ kind: kindOf(mark), text: changed })),
          atEndOfFile,
        }));
        return { kind: 'update', path: one.path, movePath: one.movePath, chunks };
      });
      assert.deepEqual(sections(patch(...wanted.flatMap(write))), expected);
    }),
  );
});

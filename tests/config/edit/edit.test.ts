import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editToml, rewriteToml, type TomlEdit, TomlEditError, type TomlPath } from '../../../src/config/edit/edit.ts';
import { renderKey, renderValue } from '../../../src/config/edit/render.ts';
import type { TomlValue } from '../../../src/config/toml.ts';

const set = (path: TomlPath, value: TomlValue): TomlEdit => ({ kind: 'set', path, value });
const remove = (...path: TomlPath): TomlEdit => ({ kind: 'remove', path });

/** Layouts as observed on codex app-server 0.94.0, unless the name says that ours keeps more. */
const CASES: readonly (readonly [rule: string, before: string, edits: readonly TomlEdit[], after: string])[] = [
  [
    'a value is replaced in place, with its comments and spacing kept',
    '# keep\nmodel   =   "a"   # beside\nother = 1\n',
    [set(['model'], 'b')],
    '# keep\nmodel   =   "b"   # beside\nother = 1\n',
  ],
  [
    'a new key of the document stands behind its last one, before the first header',
    'a = 1\n\n# of tools\n[tools]\nx = 1\n',
    [set(['b'], 2n)],
    'a = 1\nb = 2\n\n# of tools\n[tools]\nx = 1\n',
  ],
  [
    'a new key of a table stands behind its last one',
    '[a]\n  x = 1\n\n[b]\n',
    [set(['a', 'y'], true), set(['b', 'z'], 1.5)],
    '[a]\n  x = 1\n  y = true\n\n[b]\nz = 1.5\n',
  ],
  [
    'a new table stands at the end, before the comments there',
    'a = 1\n# end\n',
    [set(['profiles', 'quick', 'model'], 'm')],
    'a = 1\n\n[profiles.quick]\nmodel = "m"\n# end\n',
  ],
  [
    'tables in a new table get sections, those in its lists stand inline',
    '',
    [set(['t'], { list: [{ x: 1n }], inner: { y: 'z' }, empty: {} })],
    '[t]\nlist = [{ x = 1 }]\n\n[t.inner]\ny = "z"\n\n[t.empty]\n',
  ],
  [
    'a removed key takes its own comments along, and the emptied table stays',
    '[a]\n# of x\nx = 1 # beside\n\n[b]\n',
    [remove('a', 'x')],
    '[a]\n\n[b]\n',
  ],
  [
    'a removed table leaves the comments that a blank line parts from it (ours keeps more)',
    '# about the file\n\n# of a\n[a]\nx = 1\n[a.b]\ny = 1\n[c]\n',
    [remove('a')],
    '# about the file\n\n[c]\n',
  ],
  [
    'keys are quoted where they must be',
    '',
    [set(['projects', '/tmp/x', 'a b'], 1n)],
    '[projects."/tmp/x"]\n"a b" = 1\n',
  ],
  ['line ends become those of Unix', 'a = 1\r\n[b]\r\n', [set(['b', 'c'], 1n)], 'a = 1\n[b]\nc = 1\n'],
  [
    'an item appended to a list gets a section behind the last one',
    '[[s.c]]\nx = 1\n\n[tools]\n',
    [set(['s', 'c', 1], { x: 2n })],
    '[[s.c]]\nx = 1\n\n[[s.c]]\nx = 2\n\n[tools]\n',
  ],
  [
    'the first item of a new list gets a section below its table',
    '[s]\nfoo = 1\n[tools]\n',
    [set(['s', 'c', 0], { x: 2n })],
    '[s]\nfoo = 1\n\n[[s.c]]\nx = 2\n[tools]\n',
  ],
  [
    'a removed item leaves the others as they are',
    '# one\n[[c]]\nx = 1\n\n# two\n[[c]]\nx = 2 # beside\n',
    [remove('c', 0)],
    '\n# two\n[[c]]\nx = 2 # beside\n',
  ],
  [
    'a list that is written inline stays inline (ours keeps more)',
    'c = [{ x = 1 }] # beside\n',
    [set(['c', 1], { x: 2n })],
    'c = [{ x = 1 }, { x = 2 }] # beside\n',
  ],
  [
    'a table of dotted keys grows by dotted keys (ours keeps more)',
    'a.b = 1 # beside\nc = 2\n',
    [set(['a', 'd'], { e: 1n })],
    'a.b = 1 # beside\na.d = { e = 1 }\nc = 2\n',
  ],
  [
    'an inline table stays inline (ours keeps more)',
    'a = { b = 1 } # c\n',
    [set(['a', 'd'], 2n)],
    'a = { b = 1, d = 2 } # c\n',
  ],
  [
    'an implied table gets a header with its first value',
    '[a.b]\nx = 1\n',
    [set(['a', 'y'], 1n)],
    '[a]\ny = 1\n[a.b]\nx = 1\n',
  ],
  ['a dotted table stays when it is emptied', 'a.b = 1\n', [remove('a', 'b')], '[a]\n'],
  ['what is in the way of a path is replaced', 'a = 5\n', [set(['a', 'b'], 1n)], '[a]\nb = 1\n'],
  ['removing what is not there changes nothing', 'a = 1\r\n', [remove('b', 'c'), remove('a', 'x')], 'a = 1\r\n'],
  ['a missing newline at the end is added', 'a = 1', [set(['b'], 1n)], 'a = 1\nb = 1\n'],
  ['a byte order mark stays', '\uFEFFa = 1\n', [set(['a'], 2n)], '\uFEFFa = 2\n'],
];

for (const [rule, before, edits, after] of CASES) {
  test(rule, () => assert.equal(editToml(before, edits), after));
}

test('strings get the quotes that need the fewest escapes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain', '"plain"'],
    ['', '""'],
    ['ü', '"ü"'],
    ['with "q"\\', `'with "q"\\'`],
    [`'"/S`, `"""'"/S"""`],
    ['a\nb', '"""\na\nb"""'],
    ['tab\t', '"tab\\t"'],
    ['\u0007', '"\\u0007"'],
    ["it's", `"it's"`],
  ];
  for (const [text, written] of cases) assert.equal(renderValue(text), written);
});

test('floats have a fraction and no exponent', () => {
  const cases: readonly (readonly [number, string])[] = [
    [1000, '1000.0'],
    [1e-7, '0.0000001'],
    [-1.25e21, '-1250000000000000000000.0'],
    [1.5e-9, '0.0000000015'],
    [-0, '-0.0'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NaN, 'nan'],
  ];
  for (const [value, written] of cases) assert.equal(renderValue(value), written);
});

test('a key is bare when it can be', () => {
  assert.deepEqual(['a-B_9', 'a b', '', 'ü', 'a"b'].map(renderKey), ['a-B_9', '"a b"', '""', '"ü"', `'a"b'`]);
});

test('a text that does not parse is refused with the place of the fault', () => {
  assert.throws(
    () => editToml('a = 1\nthis is = bad\n', [set(['a'], 2n)]),
    (error) => {
      assert.ok(error instanceof TomlEditError);
      assert.match(error.message, /^line 2, column \d+: ./);
      return true;
    },
  );
});

test('a whole value is written with as few changes as can be', () => {
  const before = 'a = 1 # one\n[t] # two\nx = 1 # three\ny = 2\n';
  assert.equal(rewriteToml(before, { a: 1n, t: { x: 2n } }), 'a = 1 # one\n[t] # two\nx = 2 # three\n');
});

test('a run of writes leaves the file that codex app-server 0.94.0 leaves', () => {
  const before = `# a comment to keep
model = "gpt-old"   # and one beside a value
sandbox_mode = "workspace-write"

[tools]
view_image = false

[sandbox_workspace_write]
writable_roots = ["/var/data"]
network_access = true
`;
  const after = `# a comment to keep
model = "gpt-default"   # and one beside a value
sandbox_mode = "workspace-write"
approval_policy = "never"
model_reasoning_effort = "high"

[tools]

[sandbox_workspace_write]
network_access = true

[profiles.quick]
model = "gpt-quick"

[features]
undo = true
`;
  const edits = [
    set(['model'], 'gpt-new'),
    set(['sandbox_workspace_write'], { network_access: true }),
    remove('tools', 'view_image'),
    set(['profiles', 'quick', 'model'], 'gpt-quick'),
    set(['approval_policy'], 'never'),
    set(['features', 'undo'], true),
    set(['model'], 'gpt-default'),
    set(['model_reasoning_effort'], 'high'),
  ];
  assert.equal(editToml(before, edits), after);
});

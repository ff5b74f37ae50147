import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StartupError } from '../../src/base/errors.ts';
import { featureOverrides, splitOverride } from '../../src/config/cli-overrides.ts';
import { ConfigError } from '../../src/config/errors.ts';
import { parseOverrideValue, sessionFlags } from '../../src/config/overrides.ts';
import { readToml, type TomlValue } from '../../src/config/toml.ts';
import { locateValue } from '../../src/config/toml-positions.ts';
import { sandbox } from './sandbox.ts';

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));

test('an override is split at the first equals sign and trimmed', () => {
  assert.deepEqual(splitOverride(' b = "x=y" '), ['b', '"x=y"']);
  assert.throws(
    () => splitOverride('foo'),
    new StartupError("error parsing -c overrides: Invalid override (missing '='): foo"),
  );
  assert.throws(
    () => splitOverride('=foo'),
    new StartupError('error parsing -c overrides: Empty key in override: =foo'),
  );
});

test('--enable and --disable take known names, old ones too', () => {
  assert.deepEqual(featureOverrides(['connectors'], ['steer']), [
    ['features.connectors', 'true'],
    ['features.steer', 'false'],
  ]);
  assert.throws(() => featureOverrides(['foo'], []), new StartupError('Unknown feature flag: foo'));
});

const VALUES: readonly (readonly [string, TomlValue])[] = [
  ['1', 1n],
  ["'y'", 'y'],
  ['', ''],
  ['[1,', '[1,'],
  ['1 # c', 1n],
  ['"unterminated', 'unterminated'],
  ['""x""', 'x'],
  ['1_000', 1000n],
  ['0x1f', 31n],
  ['true', true],
  ['True', 'True'],
  ['a=b', 'a=b'],
  ['9223372036854775808', '9223372036854775808'],
  ['"""a\nb"""', 'a\nb'],
  ['1\nz=2', 1n],
];

for (const [raw, value] of VALUES) {
  test(`the text ${JSON.stringify(raw)} is read as a TOML value or else as a string`, () => {
    assert.deepEqual(parseOverrideValue(raw), value);
  });
}

test('overrides apply in order; what is no table on the way is replaced by one', () => {
  const table = sessionFlags(
    [
      ['r.s.t', '1'],
      ['r.s', '2'],
      ['r.s.u', '3'],
      ['..', '1'],
      ['"q.w"', '1'],
    ],
    { 'r.v': [1, 1.5, null] },
  );
  assert.deepEqual(plain(table), { r: { s: { u: 3 }, v: [1, 1.5, ''] }, '': { '': { '': 1 } }, '"q': { 'w"': 1 } });
});

test('keys that mean something to JavaScript are just keys', () => {
  const table = sessionFlags([['__proto__.polluted', '1']], { 'constructor.prototype.x': 1 });
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.deepEqual(Object.keys(table ?? {}), ['__proto__', 'constructor']);
});

test('any text is an override value', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (raw) => parseOverrideValue(raw) !== undefined));
});

const tomlText = fc
  .array(
    fc.constantFrom(
      ...[
        '[',
        ']',
        '{',
        '}',
        '=',
        '.',
        ',',
        '\n',
        '"',
        "'",
        '"""',
        '#',
        ' ',
        '1',
        '-',
        'true',
        'model',
        'x',
        '[[',
        ']]',
      ],
      ...[
        'features',
        'profiles',
        'model_providers',
        'history',
        '[[skills.config]]\n',
        'notify=',
        'approval_policy=',
        '\\u00e9',
      ],
      ...['sandbox_workspace_write', 'projects', '__proto__', '2020-01-01', 'é', '😀', '\r\n', '1.5', 'mcp_servers.x'],
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

test('the place of anything in any text is a place in that text', () => {
  fc.assert(
    fc.property(
      tomlText,
      fc.array(fc.oneof(fc.constantFrom('model', 'x', 'features'), fc.nat(2)), { maxLength: 3 }),
      (text, path) => {
        const { start, end } = locateValue(text, path);
        const lines = text.split('\n').length;
        assert.ok(start.line >= 1 && start.line <= end.line && end.line <= lines && start.column >= 1);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any text of a configuration file gives a configuration or a ConfigError', async () => {
  await using box = await sandbox();
  const json = fc.dictionary(
    fc.constantFrom('model', 'features', 'x.y', 'notify', 'profiles.a', 'skills'),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(tomlText, json, async (text, overrides) => {
      await box.write('codex-home/config.toml', text);
      await box.load({ requestOverrides: overrides }).catch((error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
      });
    }),
    { numRuns: 500 },
  );
});

test('any typed-looking table gives a configuration or a ConfigError', async () => {
  await using box = await sandbox();
  const keys = [
    'model',
    'features',
    'notify',
    'history',
    'otel',
    'tools',
    'projects',
    'agents',
    'profile',
    'mcp_servers',
    'tui',
  ];
  const leaf = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.double(), fc.constant(null));
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 2 }),
    fc.dictionary(fc.string({ maxLength: 3 }), leaf, { maxKeys: 2 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...keys), value), async (overrides) => {
      await box.load({ requestOverrides: overrides }).catch((error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
      });
    }),
    { numRuns: 500 },
  );
});

test('absurd nesting is refused, not a stack overflow', async () => {
  await using box = await sandbox();
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  await assert.rejects(box.load({ requestOverrides: { x: deep } }), ConfigError);
  await assert.rejects(box.load({ requestOverrides: { [Array(5000).fill('a').join('.')]: 1 } }), ConfigError);
  assert.equal(readToml(`x=${'['.repeat(100_000)}`).ok, false);
});

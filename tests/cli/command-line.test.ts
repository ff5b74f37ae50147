import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartupError } from '../../src/base/errors.ts';
import { readCommandLine, UsageError } from '../../src/cli.ts';

const serve = { kind: 'serve', overrides: [], analyticsDefaultEnabled: false };

test('no arguments, app-server and the stdio flags start the server', () => {
  for (const line of ['', 'app-server', 'app-server --listen stdio://', '--stdio app-server', 'app-server --stdio']) {
    assert.deepEqual(readCommandLine(line.split(' ').filter(Boolean)), serve, line);
  }
});

test('options count before and after the sub-command; features come behind -c', () => {
  const args = ['--enable', 'apps', '-c', 'a.b = 1', 'app-server', '--config=m==x', '--disable=collab', '-c', '-x=1'];
  assert.deepEqual(readCommandLine([...args, '--analytics-default-enabled']), {
    kind: 'serve',
    overrides: [
      ['a.b', '1'],
      ['m', '=x'],
      ['-x', '1'],
      ['features.apps', 'true'],
      ['features.collab', 'false'],
    ],
    analyticsDefaultEnabled: true,
  });
});

test('values that make no sense end the start with the texts that are known', () => {
  const refused = (args: readonly string[], message: string): void =>
    assert.throws(
      () => readCommandLine(args),
      (error) => error instanceof StartupError && error.message === message,
    );
  refused(['-c', 'foo'], "error parsing -c overrides: Invalid override (missing '='): foo");
  refused(['app-server', '-c', '=foo'], 'error parsing -c overrides: Empty key in override: =foo');
  refused(['app-server', '--enable', 'nope'], 'Unknown feature flag: nope');
  assert.equal(readCommandLine(['--enable', 'connectors']).kind, 'serve');
});

test('what cannot be read is a usage error', () => {
  const lines = [
    '--bogus',
    'app-server --version',
    'app-server -m x',
    'app-server -c',
    'app-server foo',
    'foo',
    'app-server --listen ws://x',
    'app-server generate-ts',
    'app-server generate-ts x --out d',
    'app-server --out d',
    'shim',
    'shim a b',
  ];
  for (const line of lines) {
    assert.throws(
      () => readCommandLine(line.split(' ')),
      (error) => error instanceof UsageError && error.usage !== '',
      line,
    );
  }
});

test('help is there at every level, the version at the top', () => {
  for (const line of [
    '--help',
    'app-server --help',
    'app-server -h',
    'app-server generate-ts --help',
    'shim -h',
    'help',
  ]) {
    const command = readCommandLine(line.split(' '));
    assert.ok(command.kind === 'print' && command.text.includes('Usage: shardex'), line);
  }
  assert.deepEqual(readCommandLine(['--version']), { kind: 'version' });
});

test('declarations are exported into a folder', () => {
  assert.deepEqual(readCommandLine(['app-server', 'generate-json-schema', '-o', 'dir']), {
    kind: 'export',
    format: 'json-schema',
    folder: 'dir',
    prettier: undefined,
  });
});

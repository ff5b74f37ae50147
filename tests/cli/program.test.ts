import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cmdLauncher, shellLauncher } from '../../src/base/launcher.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { distFolder } from '../support/server.ts';
import { Folder } from './support/folder.ts';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, program = process.execPath): Ran {
  const all = program === process.execPath ? [join(distFolder(), 'main.js'), ...args] : [...args];
  return spawnSync(program, all, {
    encoding: 'utf8',
    input: '',
    timeout: PATIENCE_MS,
    env: { ...process.env, ...env },
  });
}

test('--version prints the name that clients parse', () => {
  assert.deepEqual({ ...pick(run(['--version'])) }, { status: 0, stdout: 'codex-cli 0.100.0\n', stderr: '' });
});

test('help goes to stdout, a usage error to stderr with exit code 2, a wrong value to stderr with exit code 1', () => {
  const help = run(['app-server', '--help']);
  assert.ok(help.status === 0 && help.stdout.includes('--listen') && help.stderr === '');
  const usage = run(['app-server', '--bogus']);
  assert.ok(usage.status === 2 && usage.stdout === '' && usage.stderr.includes('--bogus'));
  const wrong = run(['app-server', '--enable', 'nope']);
  assert.deepEqual(pick(wrong), { status: 1, stdout: '', stderr: 'Error: Unknown feature flag: nope\n' });
});

test('a CODEX_HOME that is no folder ends the start and is named', () => {
  using folder = new Folder();
  for (const home of [join(folder.path, 'missing'), join(distFolder(), 'main.js')]) {
    const { status, stderr } = run([], { CODEX_HOME: home });
    assert.ok(status === 1 && stderr.startsWith('Error: ') && stderr.includes(home), stderr);
  }
});

test('the launcher starts this program from a folder with blanks and quotes in its name', () => {
  using folder = new Folder();
  const build = join(folder.path, 'the build');
  for (const name of ['main.js', 'code']) cpSync(join(distFolder(), name), join(build, name), { recursive: true });
  const bin = join(folder.path, 'bin');
  const shim = spawnSync(process.execPath, [join(build, 'main.js'), 'shim', bin], { encoding: 'utf8' });
  assert.deepEqual([shim.status, shim.stdout], [0, `${join(bin, 'codex')}\n`]);
  assert.ok(existsSync(join(bin, 'codex.cmd')));
  assert.equal(statSync(join(bin, 'codex')).mode & 0o111, 0o111);
  assert.equal(run(['--version'], {}, join(bin, 'codex')).stdout, 'codex-cli 0.100.0\n');
});

test('launchers quote what the shells would read', () => {
  const target = { node: "/it's/node", main: '/100%/main.js' };
  assert.equal(shellLauncher(target), `#!/bin/sh\nexec '/it'\\''s/node' '/100%/main.js' "$@"\n`);
  assert.ok(cmdLauncher(target).includes('"/100%%/main.js" %*'));
});

test('JSON Schemas and TypeScript types are written into a folder that is created; a folder that cannot be is named', () => {
  using folder = new Folder();
  const out = join(folder.path, 'a', 'b');
  assert.deepEqual(pick(run(['app-server', 'generate-json-schema', '--out', out])), {
    status: 0,
    stdout: '',
    stderr: '',
  });
  assert.ok(existsSync(join(out, 'codex_app_server_protocol.schemas.json')));
  assert.equal(run(['app-server', 'generate-ts', '-o', out]).status, 0);
  assert.ok(existsSync(join(out, 'index.ts')));
  const refused = run(['app-server', 'generate-json-schema', '--out', join(distFolder(), 'main.js')]);
  assert.ok(refused.status === 1 && refused.stderr.startsWith('Error: '));
});

test('a formatter that fails ends with exit code 1 after the files are written', () => {
  using folder = new Folder();
  const ran = run(['app-server', 'generate-ts', '--out', folder.path, '--prettier', join(folder.path, 'none')]);
  assert.ok(ran.status === 1 && ran.stderr.startsWith('Error: '));
  assert.ok(existsSync(join(folder.path, 'index.ts')));
});

function pick({ status, stdout, stderr }: Ran): Ran {
  return { status, stdout, stderr };
}

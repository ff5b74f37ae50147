/** The files in dist that people and clients name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { projectRoot, readProjectFile } from '../support/project.ts';
import { launchersFolder } from '../support/server.ts';

const manifest = JSON.parse(readProjectFile('package.json'));

const launchers = readdirSync(launchersFolder(), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js') && !name.startsWith('builds'))
  .filter((name) =>
    /require\('path'\)\.join\(__dirname, '[^']*builds\//.test(readFileSync(join(launchersFolder(), name), 'utf8')),
  );

class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'shardex-launch-')));
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs a script under a Node that says it is of another version. */
function runAs(version: string, args: readonly string[]): unknown[] {
  using folder = new Folder();
  const pretend = join(folder.path, 'pretend.cjs');
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  writeFileSync(
    pretend,
    `Object.defineProperty(process, 'versions', { value: ${versions} });
    Object.defineProperty(process, 'version', { value: 'v${version}' });`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', pretend, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, CODEX_HOME: folder.path },
    encoding: 'utf8',
    input: '',
  });
  return [status, stdout, stderr];
}

test('every launcher ends with one line under a Node that is too old', () => {
  assert.ok(
    launchers.includes('main.js') &&
      launchers.includes('apply-patch.js') &&
      launchers.includes(join('tests', 'run.js')),
  );
  for (const name of launchers) {
    for (const version of ['12.22.12', '18.20.8', '20.18.3']) {
      const line = `Shardex needs Node.js 20.19 or newer; this is v${version}\n`;
      assert.deepEqual(runAs(version, [join(launchersFolder(), name), '--help']), [1, '', line], name);
    }
  }
  for (const version of ['20.19.0', '21.0.0', '22.1.0', '100.0.0']) {
    assert.equal(runAs(version, [join(launchersFolder(), 'main.js'), '--help'])[0], 0, version);
  }
});

test('every script of the package checks the version first, and asks for the version that the package asks for', () => {
  const check = 'node -r ./src/build/node-version.cjs';
  for (const [name, command] of Object.entries<string>(manifest.scripts)) assert.ok(command.startsWith(check), name);
  assert.equal(manifest.engines.node, '>=20.19.0');
  const [status, stdout, stderr] = runAs('20.18.3', ['-r', './src/build/node-version.cjs', '-e', '1']);
  assert.deepEqual([status, stdout, stderr], [1, '', 'Shardex needs Node.js 20.19 or newer; this is v20.18.3\n']);
});

test('what every launcher begins with can be read by old versions of Node', async () => {
  for (const name of launchers) {
    const text = readFileSync(join(launchersFolder(), name), 'utf8');
    await transform(text, { target: 'es5', supported: { 'dynamic-import': true } });
  }
  await transform(readProjectFile('src/build/node-version.cjs'), { target: 'es5' });
});

test('a launcher runs from any folder and through a link, and the shim starts it', () => {
  using folder = new Folder();
  const main = join(launchersFolder(), 'main.js');
  const link = join(folder.path, 'shardex');
  symlinkSync(main, link);
  const bin = join(folder.path, 'bin');
  const run = (args: readonly string[]): string =>
    spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' }).stdout;
  assert.equal(run([link, '--version']), `codex-cli ${manifest.version}\n`);
  run([link, 'shim', bin]);
  assert.ok(readFileSync(join(bin, 'codex'), 'utf8').includes(`'${realpathSync(main)}'`), 'not a build that goes away');
});

/** When packages are installed, and what is left of those before. npm is played by a script that does what `npm ci` does to the folder. */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/project.ts';

/** Installs what the lock file names, except what is for another system, or breaks off in the middle. */
const NPM = `
const { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
appendFileSync(process.env.CALLS, process.argv.slice(2).join(' ') + '\\n');
rmSync('node_modules', { recursive: true, force: true });
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const here = Object.entries(packages).filter(([path, { os }]) => path !== '' && os === undefined);
for (const [path, { version }] of here) {
  mkdirSync(path, { recursive: true });
  writeFileSync(path + '/package.json', JSON.stringify({ version }));
  if (process.env.BREAK_OFF) process.exit(7);
}
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(here) }));
`;

const PACKAGES = {
  '': { name: 'shardex' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/@b/c': { version: '2.0.0', integrity: 'sha512-c' },
  'node_modules/a/node_modules/d': { version: '3.0.0', integrity: 'sha512-d' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['plan9'] },
};

class Checkout implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'shardex-checkout-'));
  readonly #calls = join(this.root, 'calls');

  constructor() {
    cpSync(join(projectRoot(), 'src/build'), join(this.root, 'src/build'), { recursive: true });
    writeFileSync(join(this.root, 'npm-cli.js'), NPM);
    writeFileSync(join(this.root, 'package.json'), '{}');
    this.lock(PACKAGES);
  }

  lock(packages: object): void {
    writeFileSync(join(this.root, 'package-lock.json'), JSON.stringify({ packages }));
  }

  path(...parts: string[]): string {
    return join(this.root, 'node_modules', ...parts);
  }

  /** Installs when it is needed, as `setup.mjs` does. */
  setUp(env: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
    const script = `import('./src/build/install.mjs').then(({ isInstalled, install }) => {
      process.exitCode = isInstalled() ? 0 : install();
    })`;
    const npm = { npm_execpath: join(this.root, 'npm-cli.js'), CALLS: this.#calls };
    const options = { cwd: this.root, env: { ...process.env, ...npm, ...env }, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, ['-e', script], options);
  }

  /** Calls of npm since the last look. */
  calls(): string[] {
    const text = existsSync(this.#calls) ? readFileSync(this.#calls, 'utf8') : '';
    rmSync(this.#calls, { force: true });
    return text.split('\n').filter((line) => line !== '');
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

test('packages are installed once, and again when one is missing or another one is asked for', () => {
  using checkout = new Checkout();
  assert.equal(checkout.setUp().status, 0);
  assert.match(checkout.calls().join(), /^ci --include=dev --include=optional /);
  assert.equal(checkout.setUp().status, 0);
  assert.deepEqual(checkout.calls(), []);
  for (const harm of [
    () => rmSync(checkout.path('a', 'node_modules', 'd'), { recursive: true }),
    () => rmSync(checkout.path('@b', 'c', 'package.json')),
    () => writeFileSync(checkout.path('a', 'package.json'), '{"version":"0.9.0"}'),
    () => rmSync(checkout.path('.package-lock.json')), // an installation that did not come to its end
    () => writeFileSync(checkout.path('.package-lock.json'), '{"packages":{'),
    () => checkout.lock({ ...PACKAGES, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }),
    () => checkout.lock({ ...PACKAGES, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-other' } }),
    () => checkout.lock({ ...PACKAGES, 'node_modules/e': { version: '1.0.0' } }),
    () => checkout.lock(PACKAGES),
    () => rmSync(checkout.path(), { recursive: true }),
  ]) {
    harm();
    assert.equal(checkout.setUp().status, 0);
    assert.equal(checkout.calls().length, 1, String(harm));
    assert.equal(checkout.setUp().status, 0);
    assert.deepEqual(checkout.calls(), [], String(harm));
  }
});

test('an installation that fails leaves the packages before it, and says so', () => {
  using checkout = new Checkout();
  checkout.setUp();
  checkout.lock({ ...PACKAGES, 'node_modules/e': { version: '1.0.0' } });
  assert.equal(checkout.setUp({ BREAK_OFF: '1' }).status, 7);
  assert.ok(existsSync(checkout.path('@b', 'c', 'package.json')));
  assert.deepEqual(readdirSync(join(checkout.root, '.build')), []);
  const { status, stderr } = checkout.setUp({ npm_execpath: '', PATH: join(checkout.root, 'nowhere') });
  assert.equal(status, 1);
  assert.match(stderr, /^npm could not be started: /);
});

test('packages that the lock file takes from the project come along', () => {
  using checkout = new Checkout();
  mkdirSync(join(checkout.root, 'mine'));
  writeFileSync(join(checkout.root, 'mine', 'package.json'), '{"version":"0.0.0"}');
  checkout.lock({ ...PACKAGES, 'node_modules/mine': { resolved: 'mine', link: true }, mine: { version: '0.0.0' } });
  assert.equal(checkout.setUp().status, 0);
  assert.equal(checkout.calls().length, 1);
  assert.equal(checkout.setUp().status, 0);
  assert.deepEqual(checkout.calls(), []);
});

/** Builds that meet each other, and what is left when something went wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ProjectCopy } from './project-copy.ts';

/** Built once, copied by every test. */
const original = new ProjectCopy();
before(() => {
  const { status, stderr } = original.build();
  assert.deepEqual([status, stderr], [0, '']);
});
after(() => original[Symbol.dispose]());
const built = (): ProjectCopy => new ProjectCopy(original);

test('a build that fails or is killed leaves the one before and nothing else', async () => {
  using copy = built();
  const [first = ''] = copy.builds();
  writeFileSync(copy.path('src/cli.ts'), 'export const = ;');
  const { status, stderr } = copy.build();
  assert.equal(status, 1);
  assert.match(stderr, /src\/cli\.ts:1:13/);
  assert.deepEqual(copy.builds(), [first]);
  assert.equal(copy.version(), 'codex-cli 0.100.0');
  const child = spawn(process.execPath, ['src/build/bundle.mjs'], { cwd: copy.root, stdio: 'ignore' });
  const exited = once(child, 'exit');
  while (copy.builds().length === 1 && child.exitCode === null) await delay(1);
  child.kill('SIGKILL');
  await exited;
  assert.equal(copy.version(), 'codex-cli 0.100.0');
  assert.equal(copy.build().status, 1);
  assert.deepEqual(copy.builds(), [first]);
});

test('two builds at once give one', async () => {
  using copy = new ProjectCopy();
  assert.deepEqual(await Promise.all([copy.buildBeside(), copy.buildBeside()]), [0, 0]);
  assert.equal(copy.builds().length, 1);
  assert.equal(copy.version(), 'codex-cli 0.100.0');
});

test('whatever is missing in dist is built again', () => {
  using copy = built();
  const [name = ''] = copy.builds();
  const place = (...parts: string[]): string => copy.path('dist', 'builds', name, ...parts);
  const compiled = place('compiled', `${process.versions.v8}-${process.arch}`);
  for (const harms of [
    [
      () => rmSync(place('code', 'worker-turns.js')),
      () => writeFileSync(place('code', 'main.js'), ''),
      () => rmSync(place('piscina'), { recursive: true }),
      () => rmSync(copy.path('dist', 'main.js')),
    ],
    [
      () => writeFileSync(place('files.json'), '{"main'),
      () => writeFileSync(copy.path('dist', 'package.json'), '{ "type": "module" }'),
      () => rmSync(join(compiled, 'worker-turns.js.cache')),
    ],
    [() => rmSync(compiled, { recursive: true })],
  ]) {
    for (const harm of harms) harm();
    assert.equal(copy.build().status, 0);
    assert.equal(copy.version(), 'codex-cli 0.100.0', harms.join());
    assert.ok(existsSync(place('code', 'worker-turns.js')) && existsSync(place('piscina', 'worker.js')), harms.join());
    assert.ok(existsSync(join(compiled, 'worker-turns.js.cache')), harms.join());
    assert.deepEqual(copy.builds(), [name]);
  }
});

test('a folder for the build may be anywhere, and what else is in it stays', () => {
  using copy = new ProjectCopy();
  mkdirSync(copy.path('else where'));
  writeFileSync(copy.path('else where', 'mine.txt'), '');
  assert.equal(copy.build('--out', copy.path('else where')).status, 0);
  assert.equal(copy.node(copy.path('else where', 'main.js'), '--version').stdout, 'codex-cli 0.100.0\n');
  assert.ok(existsSync(copy.path('else where', 'mine.txt')) && !existsSync(copy.path('dist')));
  const { status, stderr } = copy.build('--out', copy.path('package.json'));
  assert.equal(status, 1);
  assert.match(stderr, /^The build failed: .*package\.json.*\n$/);
});

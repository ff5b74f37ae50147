/** What is published, and what a fresh clone installs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename } from 'node:path';
import { test } from 'node:test';
import { filesBelow, projectRoot, readProjectFile } from '../support/project.ts';
import { distFolder, launchersFolder } from '../support/server.ts';
import { readSource } from '../support/source-text.ts';

const manifest = JSON.parse(readProjectFile('package.json'));
const lock = JSON.parse(readProjectFile('package-lock.json'));

test('the program of the package is a script that names its interpreter and may be run', () => {
  const [[, path]] = Object.entries<string>(manifest.bin) as [[string, string]];
  const built = path.replace(/^dist/, launchersFolder());
  assert.ok(readFileSync(built, 'utf8').startsWith('#!/usr/bin/env node\n'));
  if (process.platform !== 'win32') assert.equal(statSync(built).mode & 0o111, 0o111);
});

test('one build is published, without its tests and benches', () => {
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: projectRoot(),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(packed.stdout);
  const paths = files.map(({ path }) => path);
  const builds = new Set(paths.filter((path) => path.startsWith('dist/builds/')).map((path) => path.split('/')[2]));
  assert.deepEqual([...builds], [basename(distFolder())]);
  const inBuild = paths.map((path) => path.split('/').slice(3).join('/'));
  for (const name of ['main.js', 'code/main.js', 'piscina/worker.js']) assert.ok(inBuild.includes(name), name);
  assert.deepEqual(
    paths.filter((path) => /(^|\/)(tests|bench|src)\//.test(path)),
    [],
  );
  for (const name of ['dist/main.js', 'dist/package.json', 'README.md']) assert.ok(paths.includes(name), name);
});

test('the lock file has every package of every platform, so that a fresh clone installs', () => {
  const missing = Object.values<{ optionalDependencies?: object }>(lock.packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}).filter((name) => lock.packages[`node_modules/${name}`] === undefined),
  );
  assert.deepEqual(missing, []);
});

test('the lock file and the manifest ask for the same', () => {
  const asked = ({ dependencies, devDependencies, optionalDependencies }: typeof manifest) => ({
    ...devDependencies,
    ...dependencies,
    ...optionalDependencies,
  });
  assert.deepEqual(asked(lock.packages['']), asked(manifest));
});

test('every package that the product imports is a dependency, and every dependency is imported', () => {
  const imported = new Set(
    ['src', 'workers']
      .flatMap(filesBelow)
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readSource(readProjectFile(path)).imports)
      .map(({ specifier }) => specifier)
      .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
  assert.deepEqual([...imported].sort(), Object.keys(declared).sort());
});

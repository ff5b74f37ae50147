/** What is published, and what a fresh clone installs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { test } from 'node:test';
import { filesBelow, readProjectFile } from '../support/project.ts';
import { distFolder } from '../support/server.ts';
import { readSource } from '../support/source-text.ts';

const manifest = JSON.parse(readProjectFile('package.json'));
const lock = JSON.parse(readProjectFile('package-lock.json'));

test('the program of the package is a script that names its interpreter', () => {
  const [[, path]] = Object.entries<string>(manifest.bin) as [[string, string]];
  const built = readFileSync(path.replace(/^dist/, distFolder()), 'utf8');
  assert.ok(built.startsWith('#!/usr/bin/env node\n'));
});

test('tests and benches are not published', () => {
  for (const folder of ['!dist/tests', '!dist/bench']) assert.ok(manifest.files.includes(folder), folder);
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

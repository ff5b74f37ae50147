import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { listFiles } from '../../../bench/search/tree/list-files.ts';
import { planTree } from '../../../bench/search/tree/plan.ts';
import { openTreeFolder, plantTree } from '../../../bench/search/tree/plant.ts';
import { surveyTree } from '../../../bench/search/tree/survey.ts';
import { openTrees } from '../../../bench/search/tree/trees.ts';
import { distFolder } from '../../support/server.ts';
import { TempFolder } from './support/temp-folder.ts';

const program = pathToFileURL(join(distFolder(), 'bench/search/tree/plant.main.js'));
const shape = { files: 150, seed: 3 };
const silent = (): void => undefined;
const { signal } = new AbortController();

test('a planted tree holds the planned files, and tells how many were made', async () => {
  using temp = new TempFolder();
  let told = 0;
  const onMade = (files: number): void => {
    told += files;
  };
  const root = await plantTree({ folder: temp.path, shape, program, signal, onMade });
  const planned = [...planTree(shape)].flatMap(({ path, files }) => files.map((name) => path + name));
  assert.deepEqual(listFiles(root).sort(), planned.sort());
  assert.equal(told, 150);
});

test('a complete tree is used again, one without its stamp is made anew', async () => {
  using temp = new TempFolder();
  const options = { folder: temp.path, shape, program, signal, onMade: silent };
  const root = await plantTree(options);
  writeFileSync(join(root, 'left-over'), '');
  assert.equal(await plantTree(options), root);
  assert.ok(listFiles(root).includes('left-over'));
  rmSync(`${root}.json`);
  await plantTree(options);
  assert.ok(!listFiles(root).includes('left-over'));
});

test('planting ends when it is aborted, and what is there then is no complete tree', async () => {
  using temp = new TempFolder();
  const controller = new AbortController();
  const options = { folder: temp.path, shape: { files: 20_000, seed: 1 }, program, signal: controller.signal };
  const onMade = (): void => controller.abort(new Error('enough'));
  await assert.rejects(plantTree({ ...options, onMade }), /enough/);
  assert.deepEqual(readdirSync(temp.path), ['files-20000-seed-1']);
  assert.ok(listFiles(join(temp.path, 'files-20000-seed-1')).length < 20_000);
  await assert.rejects(plantTree({ ...options, onMade }), /enough/, 'not even begun');
});

test('generated trees are not put among other files', () => {
  using temp = new TempFolder();
  writeFileSync(join(temp.path, 'mine.txt'), '');
  assert.throws(() => openTreeFolder(temp.path), /--root.*mine\.txt/);
});

test('generated trees are removed at the end, unless a folder for them was named', async () => {
  using temp = new TempFolder();
  let scratchRoot = '';
  {
    using grove = openTrees({ roots: [], files: [10], seed: 1, keep: false }, program);
    scratchRoot = (await grove.trees[0]?.plant(silent, signal)) ?? '';
    assert.equal(listFiles(scratchRoot).length, 10);
  }
  assert.throws(() => statSync(scratchRoot), { code: 'ENOENT' });
  {
    using grove = openTrees({ roots: [temp.path], files: [10], seed: 1, keep: false }, program);
    await grove.trees[0]?.plant(silent, signal);
  }
  assert.deepEqual(readdirSync(temp.path), ['files-10-seed-1', 'files-10-seed-1.json']);
});

test('a survey counts everything and samples the same for the same seed', async () => {
  using temp = new TempFolder();
  const root = await plantTree({ folder: temp.path, shape: { files: 1000, seed: 1 }, program, signal, onMade: silent });
  const survey = surveyTree(root, 5);
  assert.equal(survey.files, 1000);
  assert.equal(survey.folders, 67);
  assert.deepEqual(surveyTree(root, 5), survey);
  assert.notDeepEqual(surveyTree(root, 6).samplePaths, survey.samplePaths);
  const all = new Set(listFiles(root));
  assert.ok(survey.samplePaths.every((path) => all.has(path)));
});

test('what git keeps for itself is counted, and not looked for', () => {
  using temp = new TempFolder();
  for (const folder of ['.git/objects', 'sub/.git', 'sub/src']) mkdirSync(join(temp.path, folder), { recursive: true });
  for (const name of ['.git/objects/ab', 'sub/.git/HEAD', 'sub/src/a.c']) writeFileSync(join(temp.path, name), '');
  const { files, folders, samplePaths, sampleFolders } = surveyTree(temp.path, 1);
  assert.deepEqual([files, folders], [3, 6]);
  assert.deepEqual([samplePaths, sampleFolders], [['sub/src/a.c'], ['', 'sub/', 'sub/src/']]);
});

test('a tree without files, a file and a missing folder cannot be measured', () => {
  using temp = new TempFolder();
  assert.throws(() => surveyTree(temp.path, 1), /--root.*holds no files/);
  writeFileSync(join(temp.path, 'file'), '');
  assert.throws(() => surveyTree(join(temp.path, 'file'), 1), /--root.*not a folder/);
  assert.throws(() => surveyTree(join(temp.path, 'nowhere'), 1), /ENOENT.*nowhere/);
});

test('a listing does not follow links', (context) => {
  if (process.platform === 'win32') return context.skip('links need a right there');
  using temp = new TempFolder();
  mkdirSync(join(temp.path, 'a'));
  writeFileSync(join(temp.path, 'a/b'), '');
  symlinkSync('..', join(temp.path, 'a/up'));
  assert.deepEqual(listFiles(temp.path), ['a/b', 'a/up']);
});

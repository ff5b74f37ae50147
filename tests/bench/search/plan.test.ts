import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { planTree } from '../../../bench/search/tree/plan.ts';
import { IGNORE_RULES } from '../../../bench/search/tree/words.ts';
import { FolderRules } from '../../../src/search/ignore.ts';

const planned = (files: number, seed: number) => [...planTree({ files, seed })];
const pathsOf = (files: number, seed: number): string[] =>
  planned(files, seed).flatMap((folder) => folder.files.map((name) => folder.path + name));

test('a planned tree is the same for the same seed and another for another', () => {
  assert.deepEqual(planned(500, 7), planned(500, 7));
  assert.notDeepEqual(pathsOf(500, 7), pathsOf(500, 8));
});

test('a seed means the same tree on every machine and in every run', () => {
  assert.deepEqual(pathsOf(40, 1).slice(-3), KNOWN_PATHS);
  const listing = createHash('sha256').update(pathsOf(20_000, 1).join('\n')).digest('hex');
  assert.equal(listing, KNOWN_LISTING, 'raise PLAN_VERSION with it: kept trees are made anew then');
});

test('a planned tree has exactly as many files as asked for, and no two with one name', () => {
  const size = fc.integer({ min: 1, max: 2000 });
  fc.assert(
    fc.property(size, fc.nat(), (files, seed) => {
      const paths = pathsOf(files, seed);
      assert.equal(paths.length, files);
      assert.equal(new Set(paths.map((path) => path.toLowerCase())).size, files);
    }),
    { numRuns: 50 },
  );
});

test('parents are planned before what is in them', () => {
  const seen = new Set<string>();
  for (const { path } of planned(3000, 2)) {
    const parent = path.replace(/[^/]+\/$/, '');
    assert.ok(path === '' || seen.has(parent), path);
    seen.add(path);
  }
});

test('there are about fifteen files a folder, and paths as deep as in a repository', () => {
  const folders = planned(30_000, 1);
  const depths = folders.map(({ path }) => path.split('/').length - 1);
  assert.ok(Math.abs(30_000 / folders.length - 15) < 1);
  assert.ok(Math.max(...depths) >= 7 && Math.max(...depths) <= 12, `deepest: ${Math.max(...depths)}`);
});

test('ignore files of a planned tree ignore nothing in it', () => {
  const ignores = (path: string): boolean => {
    const parts = path.split('/');
    let rules = FolderRules.none.with('gitIgnore', IGNORE_RULES);
    for (const folder of parts.slice(0, -1)) {
      if (rules.ignoresFolder(folder)) return true;
      rules = rules.enter(folder);
    }
    return rules.ignoresFile(parts.at(-1) ?? '');
  };
  assert.equal(ignores('a/node_modules/b'), true);
  const paths = pathsOf(30_000, 1);
  assert.ok(paths.some((path) => path.endsWith('.gitignore')));
  assert.deepEqual(paths.filter(ignores), []);
});

const KNOWN_LISTING = '83a495f3709676f3b08c06fc852adcdbf546e1a2c5215e2bcfe90014dcd2aff8';
const KNOWN_PATHS = ['src/store/vector_trace.kt', 'src/store/mapper_command.java', 'src/store/prefix_config.java'];

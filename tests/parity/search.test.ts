/**
 * File search over the wire: random queries find the same files with the same scores and positions, in a tree that is
 * made up and in one that is there.
 *
 *   SEARCH_TREE=~/src/linux npm run parity -- search
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { walked } from '../search/support/indexes.ts';
import { Random, seedOf } from '../support/random.ts';
import { referenceProblem } from '../support/reference.ts';
import { type Loose, Session } from './support/session.ts';

const skip = referenceProblem() !== null;
const QUERIES = 500;
/** Most rows in an answer: rows as bad as the last one may have been left out by chance. */
const MAX_ROWS = 50;
const REAL_TREES = [
  process.env.SEARCH_TREE ?? '',
  '/usr/share/doc',
  '/usr/lib/node_modules',
  '/usr/local/lib/node_modules',
];
const WORDS = [
  'src',
  'lib',
  'Index',
  'main',
  'test',
  'Util',
  'read_me',
  'foo-bar',
  'ÄÖ',
  '日本',
  'a',
  'config.d',
  'e\u0301t',
];

/** Paths of a made-up tree: deep and flat, with separators, scripts and cases of every kind. */
function madePaths(random: Random): string[] {
  return Array.from({ length: 1500 }, (_, at) => {
    const folders = Array.from({ length: random.below(5) }, () => random.pick(WORDS));
    const name = `${random.pick(WORDS)}${random.pick(['', '_', '-', '.', ' '])}${random.pick(WORDS)}${at % 7}`;
    return [...folders, `${name}.${random.pick(['ts', 'md', 'TXT', 'json'])}`].join('/');
  });
}

function queryFrom(path: string, random: Random): string {
  const from = random.below(path.length);
  const letters = [...path.slice(from, from + 2 + random.below(14))];
  const kept = letters.filter(() => random.below(4) > 0);
  const text = kept.map((letter) => (random.below(8) === 0 ? letter.toUpperCase() : letter)).join('');
  return random.below(15) === 0 ? `${text}${random.pick(['z', ' ', '/', 'ö', '.'])}` : text;
}

async function rowsOf(session: Session, query: string, root: string): Promise<Loose[]> {
  const { files } = await session.call('fuzzyFileSearch', { query, roots: [root], cancellationToken: null });
  return files;
}

/** What must be equal: everything better than the last row of a full answer. */
function certain(files: readonly Loose[]): string[] {
  const last = files.length === MAX_ROWS ? files.at(-1).score : Number.NEGATIVE_INFINITY;
  return files
    .filter(({ score }) => score > last)
    .map(({ path, score, indices, file_name }) => JSON.stringify({ path, score, indices, file_name }))
    .sort();
}

test(`${QUERIES} random queries find the same in both servers`, { skip }, async (context) => {
  const random = new Random(seedOf(context));
  await using reference = await Session.open('reference');
  await using ours = await Session.open('ours');
  const paths = [...new Set(madePaths(random))];
  for (const path of paths) reference.write(path, '');
  await Promise.all([reference.start(), ours.start()]);
  const roots = [reference.workspace, ...REAL_TREES.filter((root) => existsSync(root)).slice(0, 1)];
  const seeds = new Map<string, string[]>([[reference.workspace, paths]]);
  for (const root of roots.slice(1)) {
    seeds.set(root, [...paths.slice(0, 20), ...walked(root)]);
  }
  const different: string[] = [];
  let rows = 0;
  for (let at = 0; at < QUERIES; at += 1) {
    const root = roots[at % roots.length] ?? '';
    const query = queryFrom(random.pick(seeds.get(root) ?? paths), random);
    const [left, right] = (await Promise.all([rowsOf(reference, query, root), rowsOf(ours, query, root)])).map(certain);
    rows += left?.length ?? 0;
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    const missing = left?.find((row) => !right?.includes(row)) ?? '(none)';
    const extra = right?.find((row) => !left?.includes(row)) ?? '(none)';
    different.push(`${JSON.stringify(query)} in ${root}\n  - ${missing}\n  + ${extra}`);
  }
  context.diagnostic(`differences: ${different.length} of ${QUERIES} queries, ${rows} rows compared`);
  process.stderr.write(`search: differences ${different.length} of ${QUERIES} queries, ${rows} rows\n`);
  assert.ok(different.length === 0, `${different.length} queries differ:\n${different.slice(0, 5).join('\n')}`);
});

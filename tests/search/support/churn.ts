/** A tree that changes all the time while it is searched: answers and index are held against a walk. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { runSearch } from '../../../src/search/job.ts';
import { scanSlices } from '../../../src/search/scan.ts';
import { Random } from '../../support/random.ts';
import { indexOf, nowhere, pathsOf, walked } from './indexes.ts';
import { partOf, requestOf } from './snapshots.ts';
import { Tree } from './tree.ts';

export interface Churn {
  readonly seed: number;
  /** Changes of files and folders, at least. */
  readonly changes: number;
  readonly queries: number;
  /** Called after each tenth of the work. */
  readonly onTenth?: (nth: number) => void;
}

/** Queries whose answer is compared with that of a walk: one in so many. */
const COMPARED = 20;
const NAMES = ['main', 'index', 'lib', 'core', 'x.o', 'util', 'é', 'README', 'net', 'test', 'a', 'b', 'c'];
const QUERIES = ['main', 'ma', 'idx', 'lib/core', 'x', "'net", '.o$', '!test a', 'README', 'é', 'u t'];

export async function churn({ seed, changes, queries, onTenth }: Churn): Promise<void> {
  const random = new Random(seed);
  const pick = (limit: number): number => random.below(limit);
  using tree = new Tree();
  const name = (): string => `${NAMES[pick(NAMES.length)]}${pick(3) === 0 ? pick(20) : ''}`;
  const path = (): string => tree.path(...Array.from({ length: 1 + pick(4) }, name));
  const change = (): void => {
    const kind = pick(20);
    if (kind < 9) writeFileSync(path(), '');
    else if (kind < 13) mkdirSync(path(), { recursive: true });
    else if (kind < 15) rmSync(path(), { recursive: true });
    else if (kind < 17) renameSync(path(), path());
    else if (kind < 18) symlinkSync(path(), path());
    else if (kind < 19) writeFileSync(`${path()}/.gitignore`, ['*.o\n', 'test*\n!test\n', '/a\n', ''][pick(4)] ?? '');
    else for (let at = 0; at < 30; at++) writeFileSync(path(), '');
  };
  using index = indexOf(tree.root);
  const perQuery = Math.ceil(changes / queries);
  for (let asked = 0; asked < queries; asked++) {
    for (let done = 0; done < perQuery; done++) attempt(change);
    const query = QUERIES[pick(QUERIES.length)] ?? '';
    const snapshot = await index.refresh();
    const { files } = scanSlices(requestOf(query, [partOf(snapshot)]), () => false);
    if (asked % COMPARED === 0) {
      const roots = [{ given: '', absolute: tree.root }];
      const walk = { query, roots, ranking: 'path', limit: 50, userFolders: nowhere, maxMs: 600_000 } as const;
      assert.deepEqual(files, runSearch(walk, () => false).files, `seed ${seed}, query ${asked}`);
    }
    if ((asked + 1) % Math.ceil(queries / 10) === 0) onTenth?.(Math.round((10 * asked) / queries));
  }
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root), `seed ${seed}`);
}

function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // Not possible as things stand.
  }
}

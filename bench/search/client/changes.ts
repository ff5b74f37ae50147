/** Changes a file in the searched tree and asks until the answer is right. Leaves the tree as it was. */
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeKind, SeenChange } from './contract.ts';
import type { RunningEngine } from './engine.ts';

/** An answer that is not right by then never will be. */
const SEEN_LIMIT_MS = 3000;

/** A file comes into the folder, gets another name and goes. Ends early with a change that was not seen. */
export async function changeFile(engine: RunningEngine, root: string, folder: string): Promise<readonly SeenChange[]> {
  const query = `zq${randomUUID().slice(0, 8)}`;
  const [first, second] = [`${folder}${query}-one.txt`, `${folder}${query}-two.txt`];
  const steps: readonly [ChangeKind, () => void, readonly string[]][] = [
    ['create', () => writeFileSync(join(root, first), ''), [first]],
    ['rename', () => renameSync(join(root, first), join(root, second)), [second]],
    ['delete', () => rmSync(join(root, second)), []],
  ];
  const seen: SeenChange[] = [];
  try {
    for (const [kind, change, expected] of steps) {
      change();
      seen.push({ kind, seen: await firstRight(() => engine.search(root, query, null), query, expected) });
      if (seen.at(-1)?.seen === null) break;
    }
    return seen;
  } finally {
    for (const path of [first, second]) rmSync(join(root, path), { force: true });
  }
}

/** Asks at once and again after each wrong answer. */
async function firstRight(
  search: () => Promise<readonly string[]>,
  mark: string,
  expected: readonly string[],
): Promise<SeenChange['seen']> {
  const changed = performance.now();
  for (let began = changed; began - changed < SEEN_LIMIT_MS; began = performance.now()) {
    const found = (await search()).filter((path) => path.includes(mark));
    if (found.join('\n') === expected.join('\n')) {
      return { lagMs: began - changed, answerMs: performance.now() - changed };
    }
  }
  return null;
}

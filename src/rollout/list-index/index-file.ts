/** The file beside the rollouts that keeps heads between runs. Several servers may share it: the last to write wins. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularSync } from '../../base/regular-file.ts';
import { replaceFile } from '../../base/replace-file.ts';
import { decodeSavedHeads, type SavedHead, SavedHeadsEncoder } from './saved-heads.ts';

export const INDEX_FILE = 'shardex_thread_index.jsonl';

/** More than a million heads. */
const LARGEST_BYTES = 1 << 29;
const HEADS_AT_ONCE = 500;

/** What was kept; null when there is nothing to go by, whatever the reason. Never throws. */
export function loadIndexFile(codexHome: string): SavedHead[] | null {
  try {
    return decodeSavedHeads(readRegularSync(join(codexHome, INDEX_FILE), LARGEST_BYTES));
  } catch {
    return null;
  }
}

/** Puts a new file in the old one's place, readable by its owner only. Rejects with the file system's error. */
export async function saveIndexFile(codexHome: string, heads: Iterable<SavedHead>): Promise<void> {
  const target = join(codexHome, INDEX_FILE);
  const found = statSync(target, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) rmSync(target); // the name is ours, whatever has it
  await replaceFile(target, (append) => write(append, heads), { mode: 0o600, modeOfExisting: 'set' });
}

async function write(append: (text: string) => Promise<void>, heads: Iterable<SavedHead>): Promise<void> {
  const encoder = new SavedHeadsEncoder();
  let texts = [encoder.begin()];
  for (const head of heads) {
    texts.push(encoder.add(head));
    if (texts.length < HEADS_AT_ONCE) continue;
    await append(texts.join(''));
    texts = [];
  }
  texts.push(encoder.end());
  await append(texts.join(''));
}

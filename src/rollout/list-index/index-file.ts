/** The file beside the rollouts that keeps heads between runs. Several servers may share it: the last to write wins. */
import { randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { decodeSavedHeads, type SavedHead, SavedHeadsEncoder } from './saved-heads.ts';

export const INDEX_FILE = 'shardex_thread_index.jsonl';

/** More than a million heads. */
const LARGEST_BYTES = 1 << 29;
const HEADS_AT_ONCE = 500;
/** A file of another writer this old was left behind. */
const ABANDONED_AFTER_MS = 60_000;

/** What was kept; null when there is nothing to go by, whatever the reason. Never throws. */
export function loadIndexFile(codexHome: string): SavedHead[] | null {
  try {
    const path = join(codexHome, INDEX_FILE);
    const found = lstatSync(path);
    if (!found.isFile() || found.size > LARGEST_BYTES) return null;
    return decodeSavedHeads(readFileSync(path));
  } catch {
    return null;
  }
}

/** Puts a new file in the old one's place, readable by its owner only. Throws the file system's error. */
export async function saveIndexFile(codexHome: string, heads: Iterable<SavedHead>): Promise<void> {
  const target = join(codexHome, INDEX_FILE);
  const aside = `${target}.${randomUUID()}.tmp`;
  removeAbandoned(codexHome);
  const file = openSync(aside, 'wx', 0o600);
  try {
    try {
      await write(file, heads);
    } finally {
      closeSync(file);
    }
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

async function write(file: number, heads: Iterable<SavedHead>): Promise<void> {
  const encoder = new SavedHeadsEncoder();
  let texts = [encoder.begin()];
  for (const head of heads) {
    texts.push(encoder.add(head));
    if (texts.length < HEADS_AT_ONCE) continue;
    writeAll(file, texts.join(''));
    texts = [];
    await pause();
  }
  texts.push(encoder.end());
  writeAll(file, texts.join(''));
}

/** A full disk can cut a write short before it fails. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}

function removeAbandoned(codexHome: string): void {
  for (const name of readdirSync(codexHome)) {
    if (!name.startsWith(`${INDEX_FILE}.`) || !name.endsWith('.tmp')) continue;
    const path = join(codexHome, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) rmSync(path, { force: true });
  }
}

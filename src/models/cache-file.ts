/** `models_cache.json`: the last fetched list, shared with other servers on the same CODEX_HOME. */
import { jsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import { readRegular } from '../base/regular-file.ts';
import { replaceFile } from '../base/replace-file.ts';
import type { ModelEntry } from './entry.ts';
import { decodeModels } from './model-info.ts';

/** How long a fetched list counts as fresh; observed on codex app-server 0.94.0. */
const FRESH_MS = 300_000;

/** A list with instructions for every model takes some hundred kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface CachedModels {
  readonly fetchedAtMs: number;
  readonly etag: string | null;
  readonly entries: readonly ModelEntry[];
  /** As received; written back with unknown members. */
  readonly raw: unknown;
}

const TIME = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A day that there is, with a time. Without the second check February could have 30 days. */
function isTime(text: string): boolean {
  const day = TIME.exec(text)?.[1];
  return day !== undefined && !Number.isNaN(Date.parse(text)) && new Date(day).toISOString().startsWith(day);
}

const CacheFile = s.object({
  fetched_at: s.textThat(isTime, 'a time'),
  etag: s.nullish(s.string),
  models: s.anything,
});

/** A date in the future counts as fresh. */
export const isFresh = (cached: CachedModels, nowMs: number): boolean => nowMs - cached.fetchedAtMs <= FRESH_MS;

/** null when there is no usable file, whatever the reason: the list can always be had again. */
export async function readCache(path: string): Promise<CachedModels | null> {
  const text = await readRegular(path, MAX_BYTES).then(String, () => null);
  const read = s.readOrNull(CacheFile, text === null ? null : jsonIn(text));
  const entries = decodeModels(read?.models);
  if (read === null || entries === null) return null;
  return { fetchedAtMs: Date.parse(read.fetched_at), etag: read.etag ?? null, entries, raw: read.models };
}

/** Replaces the file atomically. Throws the file system's error. */
export async function writeCache(path: string, { fetchedAtMs, etag, raw }: CachedModels): Promise<void> {
  const fetched_at = new Date(fetchedAtMs).toISOString();
  const text = JSON.stringify({ fetched_at, ...(etag === null ? {} : { etag }), models: raw }, null, 2);
  await replaceFile(path, text, { mode: 0o666, modeOfExisting: 'kept' });
}

/** `models_cache.json`: the last fetched list, shared with other servers on the same CODEX_HOME. */
import * as z from 'zod/mini';
import { readRegular } from '../base/regular-file.ts';
import { replaceFile } from '../base/replace-file.ts';
import { parseWellFormed } from '../base/well-formed.ts';
import type { ModelEntry } from './entry.ts';
import { decodeModels } from './model-info.ts';

/** How long a fetched list counts as fresh; observed on codex app-server 0.94.0. */
const FRESH_MS = 300_000;

/** A list with instructions for every model is some hundred kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface CachedModels {
  readonly fetchedAtMs: number;
  readonly etag: string | null;
  readonly entries: readonly ModelEntry[];
  /** As received: written back whole, unknown members included. */
  readonly raw: unknown;
}

const file = z.object({
  fetched_at: z.iso.datetime({ offset: true }),
  etag: z.nullish(z.string()),
  models: z.unknown(),
});

/** A date in the future is fresh. */
export const isFresh = (cached: CachedModels, nowMs: number): boolean => nowMs - cached.fetchedAtMs <= FRESH_MS;

/** null when there is no usable file, whatever the reason: the list can always be had again. */
export async function readCache(path: string): Promise<CachedModels | null> {
  const text = await readRegular(path, MAX_BYTES).then(String, () => null);
  const decoded = file.safeParse(text === null ? null : parseJson(text));
  if (!decoded.success) return null;
  const entries = decodeModels(decoded.data.models);
  const fetchedAtMs = Date.parse(decoded.data.fetched_at);
  if (entries === null || Number.isNaN(fetchedAtMs)) return null;
  return { fetchedAtMs, etag: decoded.data.etag ?? null, entries, raw: decoded.data.models };
}

/** Replaces the file in one step. Throws what the file system throws. */
export async function writeCache(path: string, { fetchedAtMs, etag, raw }: CachedModels): Promise<void> {
  const fetched_at = new Date(fetchedAtMs).toISOString();
  const text = JSON.stringify({ fetched_at, ...(etag === null ? {} : { etag }), models: raw }, null, 2);
  await replaceFile(path, text, { mode: 0o666, modeOfExisting: 'kept' });
}

function parseJson(text: string): unknown {
  try {
    return parseWellFormed(text);
  } catch {
    return null; // as good as absent
  }
}

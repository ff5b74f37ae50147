/** Durations as codex stores them: whole seconds and nanoseconds. Pure. */
import { isNumber, isRecord } from './json.ts';

export const NANOS_PER_MS = 1_000_000;
export const MS_PER_SEC = 1000;

/** Whole milliseconds; null for what is no duration. */
export function msOf(value: unknown): number | null {
  if (!isRecord(value) || !isNumber(value.secs)) return null;
  return value.secs * MS_PER_SEC + Math.trunc((isNumber(value.nanos) ? value.nanos : 0) / NANOS_PER_MS);
}

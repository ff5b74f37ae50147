/** Durations as codex stores them: whole seconds and nanoseconds. Pure. */
import * as s from '../base/json/schema.ts';

export const NANOS_PER_MS = 1_000_000;
export const MS_PER_SEC = 1000;

/** Read as whole milliseconds. */
export const StoredDuration = s.changed(
  s.object({ secs: s.number, nanos: s.otherwise(s.number, 0) }),
  ({ secs, nanos }) => secs * MS_PER_SEC + Math.trunc(nanos / NANOS_PER_MS),
);

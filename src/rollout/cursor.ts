/** Places in an ordered list of stored threads, and how clients hold them. Format observed on codex app-server 0.94.0. */
import { parseUuid } from '../base/ids.ts';
import type { Place } from '../contract/thread-query.ts';
import { isRealTime } from './name.ts';

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}$/;

export const cursorOf = ({ timestamp, id }: Place): string => `${timestamp}|${id}`;

/** null when the text is none. The id may have any spelling of a UUID. */
export function parseCursor(text: string): Place | null {
  const bar = text.indexOf('|');
  const timestamp = text.slice(0, Math.max(bar, 0));
  const id = parseUuid(text.slice(bar + 1));
  return TIMESTAMP.test(timestamp) && isRealTime(timestamp) && id.ok ? { timestamp, id: id.value } : null;
}

/** The time of a place from Unix milliseconds, cut to seconds. */
export const utcTimestamp = (timeMs: number): string =>
  new Date(timeMs).toISOString().slice(0, 'YYYY-MM-DDThh-mm-ss'.length).replaceAll(':', '-');

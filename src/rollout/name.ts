/** Names of rollout files. The clock in names and date folders is local time; observed on codex app-server 0.94.0. */
import { basename, join, sep } from 'node:path';
import { isUuid } from '../base/ids.ts';

const SESSIONS = 'sessions';
const ARCHIVED = 'archived_sessions';

export interface RolloutName {
  /** `YYYY-MM-DDThh-mm-ss`: sorts as text. */
  readonly timestamp: string;
  readonly id: string;
  /**
   * The id of a later file of the same thread, whose lines go on from an older one's; null for the first. Later ones sort
   * behind earlier ones. Observed on codex app-server 0.171.0.
   */
  readonly revision: string | null;
}

/** Folder names below CODEX_HOME. */
export const FOLDERS = { sessions: SESSIONS, archived: ARCHIVED } as const;

const NAME = /^rollout-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2})-(.{36})(?:_(.{36}))?\.jsonl$/;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** Local time as `YYYY-MM-DDThh-mm-ss`. */
export function nameTime(timeMs: number): string {
  const at = new Date(timeMs);
  const date = [pad(at.getFullYear(), 4), pad(at.getMonth() + 1), pad(at.getDate())].join('-');
  return `${date}T${[pad(at.getHours()), pad(at.getMinutes()), pad(at.getSeconds())].join('-')}`;
}

export const rolloutName = (timeMs: number, id: string): string => `rollout-${nameTime(timeMs)}-${id}.jsonl`;

/** Path parts below CODEX_HOME of a new thread's file: `sessions`, year, month, day, file. */
export const rolloutPathParts = (timeMs: number, id: string): string[] => [
  SESSIONS,
  ...dateFolders(nameTime(timeMs)),
  rolloutName(timeMs, id),
];

/** Year, month and day folders of a name's timestamp. */
export const dateFolders = (timestamp: string): [string, string, string] => [
  timestamp.slice(0, 4),
  timestamp.slice(5, 7),
  timestamp.slice(8, 10),
];

/** Where archiving and its reverse put a file of this path; empty for one that lies outside of the usual folders. */
export function placesOf(path: string): string[] {
  const name = basename(path);
  const parsed = parseRolloutName(name);
  if (parsed === null) return [];
  const folders = [SESSIONS, ARCHIVED].flatMap((folder) => {
    const at = path.lastIndexOf(`${sep}${folder}${sep}`);
    return at === -1 ? [] : [path.slice(0, at)];
  });
  return folders.flatMap((home) => [
    join(home, ARCHIVED, name),
    join(home, SESSIONS, ...dateFolders(parsed.timestamp), name),
  ]);
}

/** null when the name is not one of a rollout: wrong frame, impossible time, no UUID. */
export function parseRolloutName(name: string): RolloutName | null {
  const [, timestamp, id, revision] = NAME.exec(name) ?? [];
  if (timestamp === undefined || id === undefined || !isUuid(id) || !isRealTime(timestamp)) return null;
  if (revision !== undefined && !isUuid(revision)) return null;
  return { timestamp, id: id.toLowerCase(), revision: revision?.toLowerCase() ?? null };
}

/** For names that say no time and ids that hold none. */
const NO_TIME = '1970-01-01T00-00-00';
const LOOSE_NAME = /(.{36})(?:_(.{36}))?\.jsonl$/i;

/**
 * The same for any name that ends in a thread's id, as whoever looks for a thread by its id finds them; without a time in the
 * name, that of the id counts. null for other names.
 */
export function parseLooseName(name: string): RolloutName | null {
  const exact = parseRolloutName(name);
  if (exact !== null) return exact;
  const [, first, second] = LOOSE_NAME.exec(name) ?? [];
  const id = first !== undefined && isUuid(first) ? first.toLowerCase() : null;
  if (second === undefined) return id === null ? null : { timestamp: timeOf(id), id, revision: null };
  if (!isUuid(second)) return null;
  const revision = second.toLowerCase();
  return id === null
    ? { timestamp: timeOf(revision), id: revision, revision: null }
    : { timestamp: timeOf(id), id, revision };
}

/** The local time in an id of version 7. */
function timeOf(id: string): string {
  const timeMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  const time = id[14] === '7' ? nameTime(timeMs) : NO_TIME;
  return isRealTime(time) ? time : NO_TIME;
}

/** Whether `YYYY-MM-DDThh-mm-ss` names a time that exists. */
export function isRealTime(timestamp: string): boolean {
  const iso = `${timestamp.slice(0, 10)}T${timestamp.slice(11).replaceAll('-', ':')}.000Z`;
  const parsed = new Date(iso);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString() === iso;
}

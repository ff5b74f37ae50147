/** Names of rollout files. The clock in names and date folders is local time; observed on codex app-server 0.94.0. */
import { isUuid } from '../base/ids.ts';

const SESSIONS = 'sessions';
const ARCHIVED = 'archived_sessions';

export interface RolloutName {
  /** `YYYY-MM-DDThh-mm-ss`: sorts as text. */
  readonly timestamp: string;
  readonly id: string;
}

/** Folder names below CODEX_HOME. */
export const FOLDERS = { sessions: SESSIONS, archived: ARCHIVED } as const;

const NAME = /^rollout-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2})-(.{36})\.jsonl$/;

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

/** null when the name is not one of a rollout: wrong frame, impossible time, no UUID. */
export function parseRolloutName(name: string): RolloutName | null {
  const [, timestamp, id] = NAME.exec(name) ?? [];
  if (timestamp === undefined || id === undefined || !isUuid(id) || !isRealTime(timestamp)) return null;
  return { timestamp, id: id.toLowerCase() };
}

/** Whether `YYYY-MM-DDThh-mm-ss` names a time that exists. */
export function isRealTime(timestamp: string): boolean {
  const iso = `${timestamp.slice(0, 10)}T${timestamp.slice(11).replaceAll('-', ':')}.000Z`;
  const parsed = new Date(iso);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString() === iso;
}

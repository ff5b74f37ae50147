/** Names that people gave to threads: `session_index.jsonl`, to which every change is added. Format observed on codex app-server 0.94.0. */
import { constants } from 'node:fs';
import { jsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import { openRegular } from '../base/regular-file.ts';

export const NAMES_FILE = 'session_index.jsonl';

const LINE_END = 0x0a;

const NameLine = s.object({ id: s.string, thread_name: s.string });

/**
 * Adds a line; a torn one before it is ended first. `timeMs` is Unix time in milliseconds. Throws NotRegularFile and the file
 * system's error.
 */
export async function appendThreadName(path: string, id: string, name: string, timeMs: number): Promise<void> {
  const line = `${JSON.stringify({ id, thread_name: name, updated_at: nanosecondTime(timeMs) })}\n`;
  const file = await openRegular(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644);
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    const { bytesRead } = size === 0 ? { bytesRead: 0 } : await file.read(last, 0, 1, size - 1);
    const torn = bytesRead === 1 && last[0] !== LINE_END;
    await file.appendFile(torn ? `\n${line}` : line);
  } finally {
    await file.close();
  }
}

/** The newest name of each thread, by id, from the file's text; broken lines are skipped. */
export function parseThreadNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const entry = s.readOrNull(NameLine, jsonIn(line));
    if (entry !== null) names.set(entry.id.toLowerCase(), entry.thread_name);
  }
  return names;
}

/** RFC 3339 with nine decimals, as other writers have it. */
const nanosecondTime = (timeMs: number): string => new Date(timeMs).toISOString().replace('Z', '000000Z');

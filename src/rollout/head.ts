/** What a list shows of a thread, from the first lines of its file. Windows and rules observed on codex app-server 0.94.0. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RolloutEntry, SessionMeta } from './entries.ts';
import { decode } from './format.ts';
import { BROKEN_LINE, type Line, LineSplitter, RolloutError, readLines } from './read.ts';
import { isUserTurn, type MessageItem } from './user-turn.ts';

/** Non-blank lines that are looked at. */
const WINDOW_LINES = 10;
/** The same while a thread's head was seen but nothing that its user wrote. */
const LONG_WINDOW_LINES = 210;
/** Heads and history items among those lines that count. */
const HEAD_RECORDS = 10;
/** The lines that matter nearly always fit into this. */
const CHUNK_BYTES = 1 << 16;
/** Clients of some editors put their own context before this. */
const REQUEST_MARK = '## My request for Codex:';

export interface ThreadSummary {
  readonly path: string;
  /** The first head: whose file it is. */
  readonly meta: SessionMeta;
  /** The last head of the window: what a fork's filters go by. */
  readonly lastMeta: SessionMeta;
  /** What the user wrote first; null when no such message was found. */
  readonly preview: string | null;
  /** Whether the thread is shown in lists: its head comes first and its user has said something. */
  readonly isListable: boolean;
  /** Time of the file's last change, Unix milliseconds. */
  readonly updatedAtMs: number;
}

/** What the head of a file holds, as far as it was read. */
export interface HeadScan {
  readonly metas: readonly SessionMeta[];
  readonly startsWithMeta: boolean;
  readonly hasUserEvent: boolean;
  readonly preview: string | null;
  readonly isBlank: boolean;
}

/** Throws RolloutError (empty, no head) and the file system's error. */
export async function readSummary(path: string): Promise<ThreadSummary> {
  const [{ mtimeMs }, scan] = await Promise.all([stat(path), scanWaiting(path)]);
  if (scan.isBlank) throw new RolloutError('empty', `rollout at ${path} is empty`);
  const [meta] = scan.metas;
  if (meta === undefined || !scan.startsWithMeta) {
    throw new RolloutError('no-session-meta', `rollout at ${path} does not start with session metadata`);
  }
  return {
    path,
    meta,
    lastMeta: scan.metas.at(-1) ?? meta,
    preview: scan.preview,
    isListable: scan.hasUserEvent && scan.preview !== null,
    updatedAtMs: mtimeMs,
  };
}

async function scanWaiting(path: string): Promise<HeadScan> {
  const scanner = new HeadScanner();
  for await (const lines of readLines(path, CHUNK_BYTES)) {
    if (lines.some((line) => scanner.add(line))) break;
  }
  return scanner;
}

/** Reads only as much of the file as it needs, at once: not for the main thread. Throws the file system's error. */
export function scanHead(path: string): HeadScan {
  const scanner = new HeadScanner();
  const splitter = new LineSplitter();
  // A pipe that has taken the file's place would hold up the thread for ever.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytesRead = readSync(file, chunk, 0, CHUNK_BYTES, null);
      const lines = bytesRead === 0 ? restOf(splitter) : splitter.push(chunk.subarray(0, bytesRead));
      if (lines.some((line) => scanner.add(line)) || bytesRead === 0) return scanner;
    }
  } finally {
    closeSync(file);
  }
}

function restOf(splitter: LineSplitter): Line[] {
  const rest = splitter.end();
  return rest === null ? [] : [rest];
}

export class HeadScanner implements HeadScan {
  readonly metas: SessionMeta[] = [];
  startsWithMeta = false;
  hasUserEvent = false;
  preview: string | null = null;
  #lines = 0;
  #records = 0;

  get isBlank(): boolean {
    return this.#lines === 0;
  }

  /** Takes the next line; true when the rest of the file does not matter. */
  add(line: Line): boolean {
    if (line !== BROKEN_LINE && line.trim() === '') return false;
    this.#lines += 1;
    const entry = line === BROKEN_LINE ? null : decode(line);
    if (entry !== null) this.#entry(entry);
    if (this.metas.length > 0 && this.hasUserEvent) return true;
    return this.#lines >= (this.metas.length > 0 ? LONG_WINDOW_LINES : WINDOW_LINES);
  }

  #entry(entry: RolloutEntry): void {
    if (entry.type === 'event_msg') this.hasUserEvent ||= entry.payload.type === 'user_message';
    if (entry.type !== 'session_meta' && entry.type !== 'response_item') return;
    if (entry.type === 'session_meta') this.metas.push(entry.payload);
    if (this.#records === 0) this.startsWithMeta = entry.type === 'session_meta';
    this.#records += 1;
    if (this.#records > HEAD_RECORDS || this.preview !== null || this.hasUserEvent) return;
    if (entry.type === 'response_item' && isUserTurn(entry.payload)) this.preview = previewOf(entry.payload);
  }
}

/** The message's text, without the tags around images and without what an editor put before the user's own words. */
export function previewOf(message: MessageItem): string {
  const { content } = message;
  const isImage = (index: number): boolean => content[index]?.type === 'input_image';
  const text = content
    .map((part, index) => {
      if (part.type !== 'input_text') return '';
      const isTag =
        (/^<image(\s[^>]*)?>$/.test(part.text) && isImage(index + 1)) ||
        (part.text === '</image>' && isImage(index - 1));
      return isTag ? '' : part.text;
    })
    .join('');
  const mark = text.indexOf(REQUEST_MARK);
  return mark === -1 ? text : text.slice(mark + REQUEST_MARK.length).trim();
}

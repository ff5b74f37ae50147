/** What a list shows of a thread, from its file up to the first words of its user. Rules observed on codex app-server 0.94.0. */
import { closeSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { NotRegularFile } from '../base/regular-file.ts';
import type { RolloutEntry, SessionMeta } from './entries.ts';
import { decodeEntry } from './format.ts';
import { BROKEN_LINE, type Line, RolloutError, readLines, StoredLines } from './read.ts';
import { openRollout } from './rollout-file.ts';
import { threadText } from './thread-text.ts';
import { isUserTurn, type MessageItem } from './user-turn.ts';

/** Non-blank lines among which a thread's head must be. */
const WINDOW_LINES = 10;
/** The lines that matter nearly always fit into this. */
const CHUNK_BYTES = 1 << 16;
/** A head must be within this, and so must the end of a line that is looked at. */
const LONGEST_HEAD_BYTES = 1 << 26;
/** A thread in which the user has said nothing up to here counts as one in which something was said further down. */
const FARTHEST_BYTES = 1 << 28;
/** Clients of some editors put their own context before this. */
const REQUEST_MARK = '## My request for Codex:';
/** Only lines with one of these tell of a head, or that the user said something. */
const TOLD_BY = ['user_message', 'UserMessage', 'session_meta'];
/** Only lines with this hold what the user said. */
const USER_ROLE = '"user"';

export interface ThreadSummary {
  readonly path: string;
  /** The first head: whose file it is. */
  readonly meta: SessionMeta;
  /** The last head before the user's first words: what a fork's filters go by. */
  readonly lastMeta: SessionMeta;
  /** What the user wrote first; null when no such message was found. */
  readonly preview: string | null;
  /** Whether the thread is shown in lists: its user has said something. */
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

/** Throws RolloutError (empty, no head), NotRegularFile and the file system's error. */
export async function readSummary(path: string): Promise<ThreadSummary> {
  const found = await stat(path);
  if (!found.isFile()) throw new NotRegularFile(found);
  const scan = withBase(path, await scanWaiting(path, new HeadScanner()));
  const meta = metaOf(path, scan);
  return {
    path,
    meta,
    lastMeta: scan.metas.at(-1) ?? meta,
    preview: scan.preview,
    isListable: scan.hasUserEvent,
    updatedAtMs: found.mtimeMs,
  };
}

/** The head alone, without looking for what the user said. Throws as `readSummary`. */
export const readMeta = async (path: string): Promise<SessionMeta> =>
  metaOf(path, await scanWaiting(path, new HeadScanner({ metaOnly: true })));

function metaOf(path: string, { isBlank, metas: [meta], startsWithMeta }: HeadScan): SessionMeta {
  if (isBlank) throw new RolloutError(`rollout at ${path} is empty`);
  if (meta !== undefined && startsWithMeta) return meta;
  throw new RolloutError(`rollout at ${path} does not start with session metadata`);
}

async function scanWaiting(path: string, scanner: HeadScanner): Promise<HeadScan> {
  let readBytes = 0;
  const wantsMore = (bytes: number): boolean => {
    readBytes += bytes;
    return scanner.wants(readBytes);
  };
  for await (const lines of readLines(path, CHUNK_BYTES, wantsMore)) {
    if (lines.some((line) => scanner.add(line))) break;
  }
  return scanner;
}

/** Reads only as much of the file as it needs, at once: not for the main thread. Throws what `openRollout` throws. */
export const scanHead = (path: string): HeadScan => withBase(path, scanFile(path, Number.POSITIVE_INFINITY));

function scanFile(path: string, sizeBytes: number): HeadScan {
  const scanner = new HeadScanner();
  const splitter = new StoredLines();
  const file = openRollout(path);
  try {
    for (let left = sizeBytes, readSoFar = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const readBytes = readSync(file, chunk, 0, Math.min(CHUNK_BYTES, left), null);
      left -= readBytes;
      readSoFar += readBytes;
      const isEnd = readBytes === 0 || !scanner.wants(readSoFar);
      const lines = isEnd ? restOf(splitter) : splitter.push(chunk.subarray(0, readBytes));
      if (lines.some((line) => scanner.add(line)) || isEnd) return scanner;
    }
  } finally {
    closeSync(file);
  }
}

/** What the user said first stands in the oldest of a thread's files. Where they cannot be found, the thread has its own alone. */
function withBase(path: string, scan: HeadScan): HeadScan {
  if (scan.metas[0]?.history_base === undefined) return scan;
  try {
    for (const { path: before, sizeBytes } of threadText(path)) {
      const older = before === path ? scan : scanFile(before, sizeBytes ?? 0);
      const { metas, startsWithMeta } = scan;
      const { preview, hasUserEvent } = older;
      if (hasUserEvent) return { metas, startsWithMeta, hasUserEvent, preview, isBlank: false };
    }
  } catch {
    return scan;
  }
  return scan;
}

function restOf(splitter: StoredLines): Line[] {
  const rest = splitter.end();
  return rest === null ? [] : [rest];
}

export class HeadScanner implements HeadScan {
  readonly metas: SessionMeta[] = [];
  startsWithMeta = false;
  hasUserEvent = false;
  preview: string | null = null;
  readonly #metaOnly: boolean;
  #lines = 0;
  #hasRecord = false;

  constructor({ metaOnly = false }: { readonly metaOnly?: boolean } = {}) {
    this.#metaOnly = metaOnly;
  }

  get isBlank(): boolean {
    return this.#lines === 0;
  }

  /** Whether more is worth reading when so many bytes were read. */
  wants(readBytes: number): boolean {
    if (this.metas.length === 0) return readBytes < LONGEST_HEAD_BYTES;
    this.hasUserEvent ||= readBytes >= FARTHEST_BYTES;
    return !this.hasUserEvent;
  }

  /** Takes the next line; true when the rest of the file does not matter. */
  add(line: Line): boolean {
    if (line !== BROKEN_LINE && line.trim() === '') return false;
    this.#lines += 1;
    const entry = line === BROKEN_LINE || this.#isIdle(line) ? null : decodeEntry(line);
    if (entry !== null) this.#entry(entry);
    return this.metas.length > 0 ? this.#metaOnly || this.hasUserEvent : this.#lines >= WINDOW_LINES;
  }

  /** Whether a line tells nothing new: not a message of the user, not a head. */
  #isIdle(line: string): boolean {
    if (this.metas.length === 0 || TOLD_BY.some((name) => line.includes(name))) return false;
    return this.preview !== null || !line.includes(USER_ROLE);
  }

  #entry(entry: RolloutEntry): void {
    const said = wordsOf(entry);
    if (said !== null) {
      this.hasUserEvent = true;
      // Texts that look like the server's own are the user's all the same when an event says so.
      this.preview ??= said;
    }
    if (entry.type !== 'session_meta' && entry.type !== 'response_item') return;
    if (entry.type === 'session_meta') this.metas.push(entry.payload);
    if (!this.#hasRecord) this.startsWithMeta = entry.type === 'session_meta';
    this.#hasRecord = true;
    if (entry.type === 'response_item' && isUserTurn(entry.payload)) this.preview ??= previewOf(entry.payload);
  }
}

/** What the user said, where a line tells of a message as such; null for others. */
function wordsOf(entry: RolloutEntry): string | null {
  if (entry.type === 'event_msg')
    return entry.payload.type === 'user_message' ? requestIn(entry.payload.message) : null;
  if (entry.type !== 'current' || entry.payload.type !== 'item_completed') return null;
  const { item } = entry.payload;
  if (item.type !== 'userMessage') return null;
  return requestIn(item.content.map((part) => (part.type === 'text' ? part.text : '')).join(''));
}

/** The message's text, without the tags around images and without what an editor put before the user's own words. */
function previewOf(message: MessageItem): string {
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
  return requestIn(text);
}

function requestIn(text: string): string {
  const mark = text.indexOf(REQUEST_MARK);
  return mark === -1 ? text : text.slice(mark + REQUEST_MARK.length).trim();
}

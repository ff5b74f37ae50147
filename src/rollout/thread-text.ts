/**
 * Where all lines of a thread are. Most have one file. A file of codex of today may begin where another one ends: a fork with
 * the lines of what it was forked from, a thread that was taken back with those of its own older file.
 *
 * In: a path. Out: the files, oldest first, as one text whose offsets go on from file to file. Blocks its thread for as long as
 * it takes to read the heads. Format observed on codex app-server 0.171.0.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HistoryBase } from './entries.ts';
import { findFileSync } from './find.ts';
import { decodeEntry } from './format.ts';
import { FOLDERS } from './name.ts';
import { RolloutError } from './rollout-error.ts';
import { openRollout } from './rollout-file.ts';

/** One file's part. */
export interface Segment {
  readonly path: string;
  /** Where it begins in the whole. */
  readonly startOffset: number;
  /** null: up to the file's end. */
  readonly sizeBytes: number | null;
}

export type ThreadText = readonly Segment[];

const oneFile = (path: string): ThreadText => [{ path, startOffset: 0, sizeBytes: null }];

/** A path stands for a file without others before it. */
export const segmentsOf = (text: string | ThreadText): ThreadText => (typeof text === 'string' ? oneFile(text) : text);

/** Where the thread's own file begins. */
export const ownOffset = (text: ThreadText): number => text.at(-1)?.startOffset ?? 0;

const HEAD_CHUNK_BYTES = 1 << 16;
/** A head holds instructions and tools; a longer first line is none. */
const LONGEST_HEAD_BYTES = 1 << 25;
const LINE_END = 0x0a;
const BASE_NAME = Buffer.from('"history_base"');
/** Whoever forks forks this often is lost anyway. */
const MOST_FILES = 1000;

/** Throws RolloutError when a file before the thread's own is gone or too short, and the file system's error. */
export function threadText(path: string): ThreadText {
  const parts: { path: string; sizeBytes: number | null }[] = [{ path, sizeBytes: null }];
  for (let base = historyBase(path); base !== null; ) {
    const file = baseFile(path, base.thread_id);
    if (file === null || parts.length > MOST_FILES || parts.some((part) => part.path === file)) {
      throw new RolloutError(`the rollout ${base.thread_id}, in which this thread begins, cannot be found`);
    }
    requireSize(file, base);
    parts.push({ path: file, sizeBytes: base.end_byte_offset });
    base = historyBase(file);
  }
  let startOffset = 0;
  return parts.reverse().map((part) => {
    const segment = { ...part, startOffset };
    startOffset += part.sizeBytes ?? 0;
    return segment;
  });
}

/** What the head of a file says about lines before its own; null when it says nothing. Throws the file system's error. */
function historyBase(path: string): HistoryBase | null {
  const line = firstLine(path);
  if (!line.includes(BASE_NAME)) return null;
  const entry = decodeEntry(line.toString('utf8'));
  return entry?.type === 'session_meta' ? (entry.payload.history_base ?? null) : null;
}

function firstLine(path: string): Buffer {
  const fd = openRollout(path);
  try {
    let line = Buffer.alloc(0);
    for (let offset = 0; line.length < LONGEST_HEAD_BYTES; ) {
      const chunk = Buffer.allocUnsafe(HEAD_CHUNK_BYTES);
      const sizeBytes = readSync(fd, chunk, 0, HEAD_CHUNK_BYTES, offset);
      const end = chunk.subarray(0, sizeBytes).indexOf(LINE_END);
      line = Buffer.concat([line, chunk.subarray(0, end === -1 ? sizeBytes : end)]);
      if (sizeBytes === 0 || (end !== -1 && line.length > 0)) break;
      offset += end === -1 ? sizeBytes : end + 1; // an empty first line is passed over
    }
    return line;
  } finally {
    closeSync(fd);
  }
}

/** Beside the thread's file, or where threads are kept, archived or not. */
function baseFile(path: string, id: string): string | null {
  const home = homeOf(path);
  const folders =
    home === null ? [dirname(path)] : [join(home, FOLDERS.sessions), join(home, FOLDERS.archived), dirname(path)];
  for (const folder of folders) {
    const found = findFileSync(folder, id);
    if (found !== null) return found;
  }
  return null;
}

/** The folder in which threads are kept in their usual folders; null for a file that lies elsewhere. */
function homeOf(path: string): string | null {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const name = basename(folder);
    if (name === FOLDERS.sessions || name === FOLDERS.archived) return dirname(folder);
  }
  return null;
}

function requireSize(path: string, { thread_id: id, end_byte_offset: endOffset }: HistoryBase): void {
  const fd = openRollout(path);
  try {
    if (fstatSync(fd).size >= endOffset) return;
  } finally {
    closeSync(fd);
  }
  throw new RolloutError(`the rollout ${id}, in which this thread begins, was cut short`);
}

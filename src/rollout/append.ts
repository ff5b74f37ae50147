/**
 * Appends to one rollout file; one writer per thread.
 *
 * Writes are small and synchronous: a line is in the file before the event that it belongs to leaves the shard.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RolloutEntry } from './entries.ts';
import { encode } from './format.ts';

/** A line feed, which ends every whole line. */
const LINE_END = 0x0a;

export interface RolloutWriterOptions {
  /** Unix time in milliseconds, for the lines' timestamps. */
  readonly nowMs?: () => number;
}

export class RolloutWriter {
  readonly path: string;
  readonly #nowMs: () => number;
  #fd: number | null;
  /** Whether the file may end in the middle of a line: after opening a stored one, and after a failed write. */
  #mayBeTorn: boolean;

  private constructor(path: string, fd: number, mayBeTorn: boolean, options: RolloutWriterOptions) {
    this.path = path;
    this.#fd = fd;
    this.#mayBeTorn = mayBeTorn;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** A new, empty file with its folders. Throws the file system's error, also when the file exists. */
  static create(path: string, options: RolloutWriterOptions = {}): RolloutWriter {
    mkdirSync(dirname(path), { recursive: true });
    return new RolloutWriter(path, openSync(path, 'ax+'), false, options);
  }

  /** An existing file, which stays untouched (its time too) until the first append. Throws the file system's error. */
  static open(path: string, options: RolloutWriterOptions = {}): RolloutWriter {
    return new RolloutWriter(path, openSync(path, constants.O_RDWR | constants.O_APPEND), true, options);
  }

  /**
   * Writes the entries in order, all at once; they are in the file when it returns. Throws the file system's error, after
   * which the entries may be there in part; the next write ends a torn line first.
   */
  write(entries: readonly RolloutEntry[]): void {
    if (this.#fd === null) throw new Error(`rollout file is closed: ${this.path}`);
    const nowMs = this.#nowMs();
    const lines = entries.map((entry) => encode(entry, nowMs)).join('');
    if (lines === '') return;
    const torn = this.#mayBeTorn && isTorn(this.#fd);
    this.#mayBeTorn = true;
    writeAll(this.#fd, Buffer.from(torn ? `\n${lines}` : lines));
    this.#mayBeTorn = false;
  }

  /** `write` for callers that wait: rejects where `write` throws. */
  async append(entries: readonly RolloutEntry[]): Promise<void> {
    this.write(entries);
  }

  /** Twice is harmless. */
  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function isTorn(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== LINE_END;
}

/** A full disk may take a part; the rest is tried once more so that the cause is thrown. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
}

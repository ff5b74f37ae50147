/**
 * Appends to one rollout file; one writer per thread.
 *
 * Writes are small and synchronous: a line is in the file before the event that it belongs to leaves the shard. The file must
 * still be the one that was opened: one that was deleted or moved out of the way is written anew from what the descriptor holds,
 * and one that was replaced or cut short is refused, so that no turn ends in nothing.
 *
 * The descriptor belongs to a `FileHandle`, which Node closes with a thread of execution that dies.
 */
import { closeSync, constants, fstatSync, mkdirSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../base/errors.ts';
import { isMissing } from '../base/os-error.ts';
import { openRegular } from '../base/regular-file.ts';
import type { RolloutEntry } from './entries.ts';
import { encode, encodeLine } from './format.ts';
import { placesOf } from './name.ts';
import { NumberedLines } from './numbered-lines.ts';
import { nextOrdinalIn } from './ordinals.ts';
import { writeAnew } from './write-anew.ts';

/** A line feed, which ends every whole line. */
const LINE_END = 0x0a;

export interface RolloutWriterOptions {
  /** Unix time in milliseconds, for the lines' timestamps. */
  readonly nowMs?: () => number;
}

/** For a file whose lines are numbered. */
export interface Numbering {
  readonly threadId: string;
  /** Of the next line. */
  readonly next: number;
}

/** The file is not there any more as it was; `message` says what became of it, without its path. */
export class RolloutLost extends AppError {
  constructor(message: string) {
    super('rollout-lost', message);
  }
}

export class RolloutWriter {
  readonly path: string;
  readonly #nowMs: () => number;
  #file: OpenFile | null;
  /** Whether the file may end in the middle of a line: after opening a stored one, and after a failed write. */
  #mayBeTorn: boolean;
  /** What the file has at least. */
  #sizeBytes: number;
  readonly #numbered: NumberedLines | null;
  #nextOrdinal: number;

  private constructor(path: string, file: FileHandle, numbering: Numbering | null, options: RolloutWriterOptions) {
    this.path = path;
    this.#file = { fd: file.fd, close: () => void file.close().catch(() => undefined) };
    this.#sizeBytes = fstatSync(file.fd).size;
    this.#mayBeTorn = this.#sizeBytes > 0;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#numbered = numbering === null ? null : new NumberedLines(numbering.threadId);
    this.#nextOrdinal = numbering?.next ?? 0;
  }

  /** A new, empty file with its folders. Rejects with the file system's error, also when the file exists. */
  static async create(path: string, options: RolloutWriterOptions = {}): Promise<RolloutWriter> {
    mkdirSync(dirname(path), { recursive: true });
    return new RolloutWriter(path, await open(path, 'ax+'), null, options);
  }

  /**
   * An existing file, which stays untouched (its time too) until the first append; `numbering` where its lines have numbers.
   * Rejects with NotRegularFile and the file system's error.
   */
  static async open(
    path: string,
    options: RolloutWriterOptions = {},
    numbering: Numbering | null = null,
  ): Promise<RolloutWriter> {
    const file = await openRegular(path, constants.O_RDWR | constants.O_APPEND);
    return new RolloutWriter(path, file, numbering, options);
  }

  /**
   * Writes the entries in order, all at once; they are in the file when it returns. Throws RolloutLost and the file system's
   * error, after which the entries may be there in part; the next write ends a torn line first.
   */
  write(entries: readonly RolloutEntry[]): void {
    if (this.#file === null) throw new Error(`rollout file is closed: ${this.path}`);
    const fd = this.#requireFile(this.#file);
    const lines = this.#encoded(entries, fd);
    if (lines === '') return;
    const torn = this.#mayBeTorn && isTorn(fd);
    this.#mayBeTorn = true;
    const bytes = Buffer.from(torn ? `\n${lines}` : lines);
    writeAll(fd, bytes);
    this.#mayBeTorn = false;
    this.#sizeBytes += bytes.length;
  }

  /** `write` for callers that wait: rejects where `write` throws. */
  async append(entries: readonly RolloutEntry[]): Promise<void> {
    this.write(entries);
  }

  /** Twice is harmless. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #encoded(entries: readonly RolloutEntry[], fd: number): string {
    const nowMs = this.#nowMs();
    const numbered = this.#numbered;
    if (numbered === null) return entries.map((entry) => encode(entry, nowMs)).join('');
    const { size } = fstatSync(fd);
    // Somebody who does not know of locks has added lines.
    if (size > this.#sizeBytes) this.#nextOrdinal = nextOrdinalIn(fd, this.#sizeBytes, this.#nextOrdinal);
    this.#sizeBytes = size;
    const lines = entries.flatMap((entry) => numbered.of(entry, nowMs));
    return lines.map((line) => encodeLine(line, nowMs, this.#nextOrdinal++)).join('');
  }

  /** The descriptor of the thread's file: where it was, where an archive took it, or put back. */
  #requireFile(file: OpenFile): number {
    const { fd } = file;
    const ours = fstatSync(fd);
    const there = lookAt(this.path);
    if (there === null && !this.#isArchived(ours)) {
      const anew = writeAnew(fd, this.path);
      file.close();
      this.#file = { fd: anew, close: () => closeSync(anew) };
      return anew;
    }
    if (there !== null && !isSame(there, ours)) throw new RolloutLost('another file has taken its place');
    if (ours.size < this.#sizeBytes) throw new RolloutLost('somebody cut it short');
    return fd;
  }

  /** Another server may have archived the thread, or taken it out of the archive. */
  #isArchived(ours: Stats): boolean {
    return ours.nlink > 0 && placesOf(this.path).some((path) => isSame(lookAt(path), ours));
  }
}

interface OpenFile {
  readonly fd: number;
  readonly close: () => void;
}

const isSame = (one: Stats | null, other: Stats): boolean => one?.ino === other.ino && one.dev === other.dev;

/** null for what is not there. */
function lookAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
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

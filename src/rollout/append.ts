/**
 * Appends to one rollout file; one writer per thread.
 *
 * Writes are synchronous: a line is in the file before the event that it belongs to leaves the shard. The file must still be the
 * one that was opened: one that was deleted or moved out of the way is written anew from what the descriptor holds, and one that
 * was replaced or cut short is refused, so that no turn ends in nothing.
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
import { encode, encodeLine, type PlainLine } from './format.ts';
import { placesOf } from './name.ts';
import { NumberedLines } from './numbered-lines.ts';
import { nextOrdinalIn } from './ordinals.ts';
import { writeAnew } from './write-anew.ts';

/** A line feed, which ends every whole line. */
const LINE_END = 0x0a;
/** One write takes no more than the lines that reach this; in UTF-16 units. */
const AT_ONCE_LENGTH = 1 << 20;

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
class RolloutLost extends AppError {
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
    this.#file = opened(file.fd, () => void file.close().catch(() => undefined));
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
   * Writes the entries in order; they are in the file when it returns. Throws RolloutLost and the file system's error, after
   * which the entries may be there in part; the next write ends a torn line first.
   */
  write(entries: readonly RolloutEntry[]): void {
    this.drain([...entries]);
  }

  /** The same, taking from the front of `queue` what is in the file: after an error the rest is still to be written. */
  drain(queue: RolloutEntry[]): void {
    while (queue.length > 0) this.#drainSome(queue);
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

  #drainSome(queue: RolloutEntry[]): void {
    if (this.#file === null) throw new Error(`rollout file is closed: ${this.path}`);
    const { fd, sizeBytes } = this.#requireFile(this.#file);
    const texts = this.#encoded(queue, fd, sizeBytes);
    const lines = texts.join('');
    const lineEnd = lines !== '' && this.#mayBeTorn && isTorn(fd, sizeBytes) ? '\n' : '';
    this.#mayBeTorn ||= lines !== '';
    const bytes = Buffer.from(lineEnd + lines);
    const writtenBytes = writeAll(fd, bytes, (doneBytes) =>
      queue.splice(0, wholeIn(doneBytes - lineEnd.length, texts)),
    );
    queue.splice(0, texts.length);
    if (writtenBytes === 0) return;
    this.#mayBeTorn = false;
    this.#sizeBytes = sizeBytes + writtenBytes;
  }

  /** The lines of each entry, from the first on, as many as one write takes. */
  #encoded(entries: readonly RolloutEntry[], fd: number, sizeBytes: number): string[] {
    const nowMs = this.#nowMs();
    const numbered = this.#numbered;
    if (numbered !== null) {
      // Somebody who does not know of locks has added lines.
      if (sizeBytes > this.#sizeBytes) this.#nextOrdinal = nextOrdinalIn(fd, this.#sizeBytes, this.#nextOrdinal);
      this.#sizeBytes = sizeBytes;
    }
    const texts: string[] = [];
    let length = 0;
    for (const entry of entries) {
      const text = numbered === null ? encode(entry, nowMs) : this.#numberedText(numbered.of(entry, nowMs), nowMs);
      texts.push(text);
      length += text.length;
      if (length >= AT_ONCE_LENGTH) break;
    }
    return texts;
  }

  #numberedText(lines: readonly PlainLine[], nowMs: number): string {
    return lines.map((line) => encodeLine(line, nowMs, this.#nextOrdinal++)).join('');
  }

  /** The thread's file and its size: where it was, where an archive took it, or put back. */
  #requireFile(file: OpenFile): { readonly fd: number; readonly sizeBytes: number } {
    const { fd } = file;
    const there = lookAt(this.path);
    const isInPlace = isSame(there, file);
    const ours = isInPlace && there !== null ? there : fstatSync(fd);
    if (there === null && !this.#isArchived(ours)) {
      const anew = writeAnew(fd, this.path);
      file.close();
      this.#file = opened(anew, () => closeSync(anew));
      return { fd: anew, sizeBytes: fstatSync(anew).size };
    }
    if (there !== null && !isInPlace) throw new RolloutLost('another file has taken its place');
    if (ours.size < this.#sizeBytes) throw new RolloutLost('somebody cut it short');
    return { fd, sizeBytes: ours.size };
  }

  /** Another server may have archived the thread, or taken it out of the archive. */
  #isArchived(ours: Stats): boolean {
    return ours.nlink > 0 && placesOf(this.path).some((path) => isSame(lookAt(path), ours));
  }
}

/** Which file it is, whatever its name. */
type Identity = Pick<Stats, 'ino' | 'dev'>;

interface OpenFile extends Identity {
  readonly fd: number;
  readonly close: () => void;
}

function opened(fd: number, close: () => void): OpenFile {
  const { ino, dev } = fstatSync(fd);
  return { fd, ino, dev, close };
}

const isSame = (one: Stats | null, other: Identity): boolean => one?.ino === other.ino && one.dev === other.dev;

/** null for what is not there. */
function lookAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isTorn(fd: number, sizeBytes: number): boolean {
  if (sizeBytes === 0) return false;
  const last = Buffer.alloc(1);
  return readSync(fd, last, 0, 1, sizeBytes - 1) === 1 && last[0] !== LINE_END;
}

/** A full disk may take a part, which `onFailure` is told; the rest is tried once more so that the cause is thrown. */
function writeAll(fd: number, bytes: Uint8Array, onFailure: (writtenBytes: number) => void): number {
  let offset = 0;
  try {
    while (offset < bytes.length) offset += writeSync(fd, bytes, offset);
  } catch (error) {
    onFailure(offset);
    throw error;
  }
  return offset;
}

/** How many of the texts, from the first on, are whole in so many bytes, but for the last one's line end: it is written anyway. */
function wholeIn(sizeBytes: number, texts: readonly string[]): number {
  let endBytes = 0;
  const torn = texts.findIndex((text) => {
    endBytes += Buffer.byteLength(text);
    return endBytes - 1 > sizeBytes;
  });
  return torn === -1 ? texts.length : torn;
}

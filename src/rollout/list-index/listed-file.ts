/** A file of the list: where it stands in the order, when it was last looked at, and what its head says. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isOutOfDescriptors } from '../../base/descriptors.ts';
import type { SessionMeta } from '../entries.ts';
import { scanHead, type ThreadSummary } from '../head.ts';
import type { RolloutName } from '../name.ts';

/** Longer previews are kept up to here, for searches, and read again when they are shown. UTF-16 units. */
const KEPT_PREVIEW = 4096;

/** Changes whenever a file does. */
export interface Stamp {
  /** Of the last change, Unix milliseconds with fractions. */
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly inode: number;
}

export interface ListedHead {
  /** Without base instructions and tools. */
  readonly meta: SessionMeta;
  readonly lastMeta: SessionMeta;
  readonly preview: string | null;
  /** The preview is longer than what is kept of it. */
  readonly isCut: boolean;
  readonly isListable: boolean;
}

export const isSameStamp = (a: Stamp, b: Stamp): boolean =>
  a.mtimeMs === b.mtimeMs && a.sizeBytes === b.sizeBytes && a.inode === b.inode;

export class ListedFile {
  readonly folder: string;
  readonly name: string;
  readonly timestamp: string;
  readonly id: string;
  readonly revision: string | null;
  stamp: Stamp | null = null;
  /** null: no thread. undefined: not read since the last change. */
  head: ListedHead | null | undefined = undefined;
  /** Not there any more: set once, by whoever notices. */
  isGone = false;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string, name: string, { timestamp, id, revision }: RolloutName) {
    this.folder = folder;
    this.name = name;
    this.timestamp = timestamp;
    this.id = id;
    this.revision = revision;
  }

  get path(): string {
    return join(this.folder, this.name);
  }

  /** Whole seconds, so that the order is that of the cursors. */
  get changedAtSec(): number {
    return this.stamp === null ? 0 : Math.floor(this.stamp.mtimeMs / 1000);
  }

  /** Makes the next look a real one. */
  doubt(): void {
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Looks at the file unless that was done since `sinceMs`; true when it has changed or is gone. Times of one steady clock. */
  look(nowMs: number, sinceMs: number): boolean {
    if (this.#lookedAtMs >= sinceMs || this.isGone) return false;
    this.#lookedAtMs = nowMs;
    const stamp = stampOf(this.path);
    if (stamp === undefined) this.isGone = true;
    else if (stamp !== null && this.stamp !== null && isSameStamp(this.stamp, stamp)) return false;
    this.stamp = stamp ?? null;
    this.head = undefined;
    return true;
  }

  /** The head as far as it is known, read when it is not; null for what is no thread or cannot be read. */
  readHead(): ListedHead | null {
    if (this.head !== undefined) return this.head;
    try {
      this.head = headOf(this.path);
      return this.head;
    } catch (error) {
      if (isOutOfDescriptors(error)) throw error;
      return null; // tried again next time: rights change without a trace in the stamp
    }
  }

  /** null when the head is none, by now. */
  summary(): ThreadSummary | null {
    const head = this.readHead();
    if (head === null || this.stamp === null) return null;
    const { meta, lastMeta, preview, isListable } = head;
    const shown = head.isCut ? this.#fullPreview() : preview;
    return { path: this.path, meta, lastMeta, preview: shown, isListable, updatedAtMs: this.stamp.mtimeMs };
  }

  #fullPreview(): string | null {
    try {
      return scanHead(this.path).preview;
    } catch {
      return null;
    }
  }
}

/** undefined: not there. null: nobody can tell, as a folder on the way is closed to us. */
function stampOf(path: string): Stamp | null | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && { mtimeMs: found.mtimeMs, sizeBytes: found.size, inode: found.ino };
  } catch {
    return null;
  }
}

/** null for what is no thread. Throws the file system's error. */
function headOf(path: string): ListedHead | null {
  const { metas, startsWithMeta, preview, hasUserEvent } = scanHead(path);
  const [meta] = metas;
  if (meta === undefined || !startsWithMeta) return null;
  const last = metas.at(-1);
  const own = listedMeta(meta);
  return {
    meta: own,
    lastMeta: last === undefined || last === meta ? own : listedMeta(last),
    preview: preview === null ? null : preview.slice(0, KEPT_PREVIEW),
    isCut: preview !== null && preview.length > KEPT_PREVIEW,
    isListable: hasUserEvent,
  };
}

const listedMeta = ({ dynamic_tools, ...meta }: SessionMeta): SessionMeta => ({ ...meta, base_instructions: null });

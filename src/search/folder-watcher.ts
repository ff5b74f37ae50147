/**
 * Watches folders for hints that they have changed.
 *
 * In: paths. Out: a call for each hint. Owns the watches until they are disposed. When many hints come at once the
 * system drops some silently: `hintCount` shows how likely that is.
 */
import { type FSWatcher, readFileSync, watch } from 'node:fs';

export type HintKind = 'entries' | 'content';

/** A folder that is watched. */
export interface Watched {
  /** The folder has changed. `name` is that of an entry or of the folder itself; undefined if it is not known. */
  onHint(kind: HintKind, name: string | undefined): void;
}

/** An active watch. */
export interface Watch {
  close(): void;
}

export interface FolderWatcher {
  /** Watches a folder, but not what is below it. */
  watch(path: string, watched: Watched): Watch | 'none left' | 'not possible';
  unwatch(watch: Watch): void;
  /** Hints so far. Those of watches that ended before their hints were received are estimated. */
  readonly hintCount: number;
  /** With this many hints pending, some may have been lost. */
  readonly maxReliableHints: number;
}

/** Hints that may have been pending when a watch ended. */
const HINTS_PER_ENDED_WATCH = 64;
/** Share of the system's limits per user; the rest is for other programs. */
const SHARE_OF_WATCHES = 0.75;
const SHARE_OF_QUEUE = 1 / 16;
const MIN_RELIABLE_HINTS = 8;

export interface WatchLimits {
  /** Maximum number of watches at a time. */
  readonly maxWatches: number;
  readonly maxReliableHints: number;
}

/** Limits of this system: https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html, section inotify. */
export function systemWatchLimits(): WatchLimits {
  const watches = readLimit('max_user_watches');
  const queue = readLimit('max_queued_events');
  return {
    maxWatches: watches === undefined ? Number.POSITIVE_INFINITY : Math.floor(watches * SHARE_OF_WATCHES),
    maxReliableHints: Math.max(MIN_RELIABLE_HINTS, Math.floor((queue ?? 0) * SHARE_OF_QUEUE)),
  };
}

function readLimit(name: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'), 10);
  } catch {
    return undefined; // another system, with limits of its own
  }
}

/** Errors that are specific to the folder. */
const ABOUT_THE_FOLDER = ['EACCES', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM'];

const isAbout = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Watches with the system's notifications, one watch per folder. */
export class SystemWatcher implements FolderWatcher {
  readonly maxReliableHints: number;
  readonly #maxWatches: number;
  /** Looked up by watch, because a listener per watch would increase its memory by a third. */
  readonly #watched = new Map<Watch, Watched>();
  readonly #onChange: (this: FSWatcher, type: string, name: string | Buffer | null) => void;
  readonly #onError: (this: FSWatcher) => void;
  #hintCount = 0;

  constructor({ maxWatches, maxReliableHints }: WatchLimits) {
    this.#maxWatches = maxWatches;
    this.maxReliableHints = maxReliableHints;
    const onHint = (watch: Watch, kind: HintKind, name?: string): void => {
      this.#hintCount += 1;
      this.#watched.get(watch)?.onHint(kind, name);
    };
    this.#onChange = function (type, name) {
      onHint(this, type === 'change' ? 'content' : 'entries', typeof name === 'string' ? name : undefined);
    };
    this.#onError = function () {
      onHint(this, 'entries');
    };
  }

  get hintCount(): number {
    return this.#hintCount;
  }

  watch(path: string, watched: Watched): Watch | 'none left' | 'not possible' {
    if (this.#watched.size >= this.#maxWatches) return 'none left';
    try {
      const watcher = watch(path, { persistent: false });
      watcher.on('change', this.#onChange);
      watcher.on('error', this.#onError);
      this.#watched.set(watcher, watched);
      return watcher;
    } catch (error) {
      return isAbout(error, ABOUT_THE_FOLDER) ? 'not possible' : 'none left';
    }
  }

  unwatch(watch: Watch): void {
    if (!this.#watched.delete(watch)) return;
    this.#hintCount += HINTS_PER_ENDED_WATCH;
    watch.close();
  }
}

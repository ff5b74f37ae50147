/**
 * Watches folders for hints that they have changed.
 *
 * In: paths. Out: a call for each hint. Owns the watches until they are disposed. Hints get lost when many come at
 * once, without any word of it: `hintCount` tells how likely that is.
 */
import { type FSWatcher, readFileSync, watch } from 'node:fs';

export type HintKind = 'entries' | 'content';

/** A folder that is watched. */
export interface Watched {
  /** It has changed: the name of an entry, or of the folder itself; undefined when that is not known. */
  hear(kind: HintKind, name: string | undefined): void;
}

/** A watch that is on. */
export interface Watch {
  close(): void;
}

export interface FolderWatcher {
  /** Watches a folder, not what is below it. */
  watch(path: string, watched: Watched): Watch | 'none left' | 'not possible';
  unwatch(watch: Watch): void;
  /** Hints so far. Those of watches that ended before they were heard are guessed. */
  readonly hintCount: number;
  /** From so many unheard hints on some may have been lost. */
  readonly surelyHeard: number;
}

/** Hints that may have been on their way when a watch ended. */
const HINTS_PER_ENDED_WATCH = 64;
/** A part of what the system lets a user have, the rest being for other programs. */
const SHARE_OF_WATCHES = 0.75;
const SHARE_OF_QUEUE = 1 / 16;
const LEAST_SURELY_HEARD = 8;

export interface WatchLimits {
  /** Most watches at a time. */
  readonly maxWatches: number;
  readonly surelyHeard: number;
}

/** Limits of this system: https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html, section inotify. */
export function systemWatchLimits(): WatchLimits {
  const watches = readLimit('max_user_watches');
  const queue = readLimit('max_queued_events');
  return {
    maxWatches: watches === undefined ? Number.POSITIVE_INFINITY : Math.floor(watches * SHARE_OF_WATCHES),
    surelyHeard: Math.max(LEAST_SURELY_HEARD, Math.floor((queue ?? 0) * SHARE_OF_QUEUE)),
  };
}

function readLimit(name: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'), 10);
  } catch {
    return undefined; // another system, with limits of its own
  }
}

/** Failures that another folder may not have. */
const ABOUT_THE_FOLDER = ['EACCES', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM'];

const isAbout = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Watches with the means of the system, one watch per folder. */
export class SystemWatcher implements FolderWatcher {
  readonly surelyHeard: number;
  readonly #maxWatches: number;
  /** Found from the watch, for listeners of its own would cost each watch a third of its memory more. */
  readonly #watched = new Map<Watch, Watched>();
  readonly #onChange: (this: FSWatcher, type: string, name: string | Buffer | null) => void;
  readonly #onError: (this: FSWatcher) => void;
  #hintCount = 0;

  constructor({ maxWatches, surelyHeard }: WatchLimits) {
    this.#maxWatches = maxWatches;
    this.surelyHeard = surelyHeard;
    const hear = (watch: Watch, kind: HintKind, name?: string): void => {
      this.#hintCount += 1;
      this.#watched.get(watch)?.hear(kind, name);
    };
    this.#onChange = function (type, name) {
      hear(this, type === 'change' ? 'content' : 'entries', typeof name === 'string' ? name : undefined);
    };
    this.#onError = function () {
      hear(this, 'entries');
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

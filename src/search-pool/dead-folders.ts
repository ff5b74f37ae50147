/**
 * Folders whose file system does not respond, such as a mount whose server is gone, and the threads that are stuck in
 * them.
 *
 * In: the file system calls of the search threads, checked while a search is pending. Out: threads to abandon, and
 * paths to skip until the stuck thread has returned from them. Owns the list of those paths.
 */

import { dirname } from 'node:path';
import { deferred } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import { isWithin } from '../base/paths.ts';
import type { CallMemory } from '../contract/search-messages.ts';
import { currentCall } from '../search/current-call.ts';

/** A thread that may get stuck. */
export interface Guarded {
  readonly calls: CallMemory;
  /** Abandons the thread. Resolves when it has ended, which it does not before its call has returned. */
  readonly abandon: () => Promise<void>;
}

export interface DeadFoldersOptions {
  readonly log: Logger;
  /** The paths have changed. */
  readonly onChange: () => void;
  /** A folder or a file was given up. */
  readonly onDead: (path: string) => void;
}

const CHECK_EVERY_MS = 100;
/**
 * A disk that has to spin up takes some seconds; a thread that was given up too early returns, and its folder with
 * it.
 */
const MAX_CHECKS = 10;
/** A stuck thread keeps its memory, so their number is limited. */
const MAX_STUCK = 12;
/** With this many in one root, the whole root is given up. */
const MAX_PER_ROOT = 3;

interface Watch {
  readonly guarded: Guarded;
  number: number;
  count: number;
}

export class DeadFolders {
  readonly #options: DeadFoldersOptions;
  readonly #watches = new Set<Watch>();
  /** One for each stuck thread. */
  readonly #dead = new Set<{ readonly path: string; readonly ended: Promise<void> }>();
  /** Roots of pending searches, and the number of those searches. */
  readonly #pendingRoots = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DeadFoldersOptions) {
    this.#options = options;
  }

  /** Paths to skip, including everything below them. */
  get paths(): readonly string[] {
    return [...new Set([...this.#dead].map(({ path }) => path))];
  }

  /** Resolves when all abandoned threads have ended: the process cannot exit before. */
  async ended(): Promise<void> {
    await Promise.all([...this.#dead].map(({ ended }) => ended));
  }

  /** Watches a thread while a search is pending, until disposed. */
  guard(guarded: Guarded): Disposable {
    const watch: Watch = { guarded, number: 0, count: 0 };
    this.#watches.add(watch);
    return { [Symbol.dispose]: () => this.#watches.delete(watch) };
  }

  /** Registers a pending search of these roots until disposed. */
  addPending(roots: readonly string[]): Disposable {
    for (const root of roots) this.#pendingRoots.set(root, (this.#pendingRoots.get(root) ?? 0) + 1);
    this.#timer ??= setInterval(() => this.#checkAll(), CHECK_EVERY_MS).unref();
    return {
      [Symbol.dispose]: () => {
        for (const root of roots) {
          const count = (this.#pendingRoots.get(root) ?? 0) - 1;
          if (count > 0) this.#pendingRoots.set(root, count);
          else this.#pendingRoots.delete(root);
        }
        if (this.#pendingRoots.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  #checkAll(): void {
    for (const watch of [...this.#watches]) {
      const call = currentCall(watch.guarded.calls);
      if (call === undefined || call.number !== watch.number) {
        watch.number = call?.number ?? 0;
        watch.count = 0;
        continue;
      }
      watch.count += 1;
      if (watch.count === MAX_CHECKS) this.#abandon(watch, call.path);
    }
  }

  #abandon(watch: Watch, calledPath: string): void {
    const { log, onChange, onDead } = this.#options;
    if (this.#dead.size >= MAX_STUCK) {
      log.error('search', 'too many threads are stuck', { path: calledPath, paths: this.paths });
      return;
    }
    this.#watches.delete(watch);
    const path = this.#pathToSkip(calledPath);
    log.warn('search', 'a folder does not answer', { path });
    const { promise: ended, resolve: end } = deferred();
    const dead = { path, ended };
    this.#dead.add(dead);
    onChange();
    onDead(path);
    void watch.guarded.abandon().then(() => {
      this.#dead.delete(dead);
      log.info('search', 'a folder answers again', { path });
      end();
      onChange();
    });
  }

  /** The path to skip because of a call that does not return. */
  #pathToSkip(calledPath: string): string {
    const path = calledPath.length > 1 && /[/\\]$/.test(calledPath) ? calledPath.slice(0, -1) : calledPath;
    const root = this.#rootOf(path);
    const beside = root === undefined ? [] : [...this.#dead].filter((dead) => isWithin(dead.path, root));
    return root !== undefined && beside.length >= MAX_PER_ROOT ? root : path;
  }

  /** The deepest root of a pending search that contains a path. */
  #rootOf(path: string): string | undefined {
    for (let at = path; ; at = dirname(at)) {
      if (this.#pendingRoots.has(at)) return at;
      if (dirname(at) === at) return undefined;
    }
  }
}

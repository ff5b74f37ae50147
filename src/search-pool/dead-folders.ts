/**
 * Folders whose file system does not answer, as on a mount whose server is gone, and the threads that are stuck at them.
 *
 * In: the calls that threads of the search are in, looked at while somebody waits for a search. Out: threads to be given up, and paths
 * that nobody is to touch until the stuck thread has come back from them. Owns the list of those paths.
 */

import { dirname } from 'node:path';
import { deferred } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import type { CallMemory } from '../contract/search-messages.ts';
import { currentCall, isAtOrBelow } from '../search/current-call.ts';

/** A thread that may get stuck. */
export interface Guarded {
  readonly calls: CallMemory;
  /** Does without the thread; resolves when it has ended, which it does not before its call has returned. */
  readonly giveUp: () => Promise<void>;
}

export interface DeadFoldersOptions {
  readonly log: Logger;
  /** The paths have changed. */
  readonly onChange: () => void;
  /** A folder, or a file, has been given up. */
  readonly onDead: (path: string) => void;
}

const LOOK_EVERY_MS = 100;
/** A disk that has to be woken up takes some seconds; a thread that was given up too soon comes back, and its folder with it. */
const LOOKS = 10;
/** A thread that is stuck keeps its memory, so there may not be many. */
const MOST_STUCK = 12;
/** From so many on in one root, the whole root is given up. */
const MOST_PER_ROOT = 3;

interface Look {
  readonly guarded: Guarded;
  number: number;
  count: number;
}

export class DeadFolders {
  readonly #options: DeadFoldersOptions;
  readonly #looks = new Set<Look>();
  /** One for each thread that is stuck. */
  readonly #dead = new Set<{ readonly path: string; readonly ended: Promise<void> }>();
  /** Roots that somebody waits for, and how many do. */
  readonly #attended = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DeadFoldersOptions) {
    this.#options = options;
  }

  /** Paths that are not to be touched, nor anything below them. */
  get paths(): readonly string[] {
    return [...new Set([...this.#dead].map(({ path }) => path))];
  }

  /** Resolves when all threads that were given up have ended: a process cannot exit before. */
  async ended(): Promise<void> {
    await Promise.all([...this.#dead].map(({ ended }) => ended));
  }

  /** Looks after a thread, while somebody waits, until disposed. */
  guard(guarded: Guarded): Disposable {
    const look: Look = { guarded, number: 0, count: 0 };
    this.#looks.add(look);
    return { [Symbol.dispose]: () => this.#looks.delete(look) };
  }

  /** Has threads looked after until disposed, because somebody waits for these roots. */
  attend(roots: readonly string[]): Disposable {
    for (const root of roots) this.#attended.set(root, (this.#attended.get(root) ?? 0) + 1);
    this.#timer ??= setInterval(() => this.#lookAtAll(), LOOK_EVERY_MS).unref();
    return {
      [Symbol.dispose]: () => {
        for (const root of roots) {
          const count = (this.#attended.get(root) ?? 0) - 1;
          if (count > 0) this.#attended.set(root, count);
          else this.#attended.delete(root);
        }
        if (this.#attended.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  #lookAtAll(): void {
    for (const look of [...this.#looks]) {
      const call = currentCall(look.guarded.calls);
      if (call === undefined || call.number !== look.number) {
        look.number = call?.number ?? 0;
        look.count = 0;
        continue;
      }
      look.count += 1;
      if (look.count === LOOKS) this.#giveUp(look, call.path);
    }
  }

  #giveUp(look: Look, calledPath: string): void {
    const { log, onChange, onDead } = this.#options;
    if (this.#dead.size >= MOST_STUCK) {
      log.error('search', 'too many threads are stuck', { path: calledPath, paths: this.paths });
      return;
    }
    this.#looks.delete(look);
    const path = this.#deadPart(calledPath);
    log.warn('search', 'a folder does not answer', { path });
    const { promise: ended, resolve: end } = deferred();
    const dead = { path, ended };
    this.#dead.add(dead);
    onChange();
    onDead(path);
    void look.guarded.giveUp().then(() => {
      this.#dead.delete(dead);
      log.info('search', 'a folder answers again', { path });
      end();
      onChange();
    });
  }

  /** The path that is to be left alone because of a call that does not return. */
  #deadPart(calledPath: string): string {
    const path = calledPath.length > 1 && /[/\\]$/.test(calledPath) ? calledPath.slice(0, -1) : calledPath;
    const root = this.#rootOf(path);
    const beside = root === undefined ? [] : [...this.#dead].filter((dead) => isAtOrBelow(dead.path, root));
    return root !== undefined && beside.length >= MOST_PER_ROOT ? root : path;
  }

  /** The deepest root that holds a path, of those that somebody waits for. */
  #rootOf(path: string): string | undefined {
    for (let at = path; ; at = dirname(at)) {
      if (this.#attended.has(at)) return at;
      if (dirname(at) === at) return undefined;
    }
  }
}

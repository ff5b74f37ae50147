/**
 * Guards protected names that cannot have a mount: links, and names that must not exist. They are watched while a
 * confined command runs and checked when it has ended. The first change ends the command; the link is restored, and
 * what replaced it is moved aside.
 */
import { type FSWatcher, readlinkSync, renameSync, symlinkSync, unlinkSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { HeldPath } from '../base/held-path.ts';
import { isMissing } from '../base/os-error.ts';
import { entryKind } from './path-walk.ts';
import { isFree } from './placeholders.ts';

export interface GuardedName {
  readonly path: string;
  /** Target of the link; null for a name that must not exist. */
  readonly target: string | null;
}

export class NameGuard implements Disposable {
  readonly #names: readonly GuardedName[];
  /** The folders of the names, held open: others may have taken their places when a link is restored. */
  readonly #folders = new Map<string, HeldPath>();
  readonly #watchers: FSWatcher[] = [];
  readonly #onChange: () => void;
  #changed: string | null = null;

  /** Throws the file system's error. */
  constructor(names: readonly GuardedName[], onChange: () => void) {
    this.#names = names;
    this.#onChange = onChange;
    for (const folder of new Set(names.map(({ path }) => dirname(path)))) this.#hold(folder);
  }

  /** The first name that was changed. */
  get changed(): string | null {
    return this.#changed;
  }

  /** Restores what was changed. Never throws: a name that cannot be restored stays reported as changed. */
  check(): void {
    for (const { path, target } of this.#names) {
      const folder = this.#folders.get(dirname(path));
      if (folder === undefined) continue; // it was gone before the command began
      const at = folder.at(basename(path));
      if (target === null ? isFree(at) : leadsTo(at) === target) continue;
      this.#changed ??= path;
      try {
        setAside(at);
        if (target !== null) symlinkSync(target, at);
      } catch {
        // Its folder is gone, or the command was faster: the check at its end tries again.
      }
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    this.check();
    for (const folder of this.#folders.values()) folder[Symbol.dispose]();
    this.#folders.clear();
  }

  /** Throws if no descriptor is available: a command whose names cannot be watched is not started. */
  #hold(folder: string): void {
    let held: HeldPath;
    try {
      held = new HeldPath(folder);
    } catch (error) {
      if (isMissing(error)) return; // gone in the meantime, with the names in it
      throw error;
    }
    this.#folders.set(folder, held);
    this.#watch(held.at('.'));
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        if (this.#changed !== null) return;
        this.check();
        if (this.#changed !== null) this.#onChange();
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // No watches left: the check at the end remains.
    }
  }
}

/** Another link contains nothing worth keeping; anything else could be somebody's work. */
function setAside(path: string): void {
  const kind = entryKind(path);
  if (kind === 'link') unlinkSync(path);
  else if (kind !== 'absent') renameSync(path, `${path}.rejected-${Date.now()}`);
}

function leadsTo(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

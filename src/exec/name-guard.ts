/**
 * Protected names which no mount can lie on, links and those that must not exist: they are watched while a confined command
 * runs and looked at when it has ended. The first change ends the command; the link is put back, and what had taken its place
 * is set aside.
 */
import { type FSWatcher, readlinkSync, renameSync, symlinkSync, unlinkSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { HeldPath } from '../base/held-path.ts';
import { isMissing } from '../base/os-error.ts';
import { entryKind } from './path-walk.ts';
import { isFree } from './placeholders.ts';

export interface GuardedName {
  readonly path: string;
  /** Where the link leads; null for a name that must not exist. */
  readonly target: string | null;
}

export class NameGuard implements Disposable {
  readonly #names: readonly GuardedName[];
  /** The folders of the names, as they were: others may have taken their places when something is put back. */
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

  /** Puts back what was changed. Throws nothing: a name that cannot be put back stays reported as changed. */
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
        // Its folder is gone, or the command was quicker: the next look comes with its end.
      }
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    this.check();
    for (const folder of this.#folders.values()) folder[Symbol.dispose]();
    this.#folders.clear();
  }

  /** Throws when there is no room for another descriptor: a command whose names cannot be watched is not started. */
  #hold(folder: string): void {
    let held: HeldPath;
    try {
      held = new HeldPath(folder);
    } catch (error) {
      if (isMissing(error)) return; // gone meanwhile, and the names in it
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
      // No watches left: the look at the end remains.
    }
  }
}

/** Another link says nothing worth keeping; anything else could be somebody's work. */
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

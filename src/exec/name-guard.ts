/**
 * Protected names which no mount can lie on, links and those that must not exist: they are watched while a confined command
 * runs and looked at when it has ended. The first change ends the command; the link is put back, and what had taken its place
 * is set aside.
 */
import { type FSWatcher, readlinkSync, renameSync, symlinkSync, unlinkSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { entryKind } from './path-walk.ts';
import { isFree } from './placeholders.ts';

export interface GuardedName {
  readonly path: string;
  /** Where the link leads; null for a name that must not exist. */
  readonly target: string | null;
}

export class NameGuard implements Disposable {
  readonly #names: readonly GuardedName[];
  readonly #watchers: FSWatcher[] = [];
  readonly #onChange: () => void;
  #changed: string | null = null;

  constructor(names: readonly GuardedName[], onChange: () => void) {
    this.#names = names;
    this.#onChange = onChange;
    for (const folder of new Set(names.map(({ path }) => dirname(path)))) this.#watch(folder);
  }

  /** The first name that was changed. */
  get changed(): string | null {
    return this.#changed;
  }

  /** Puts back what was changed. Throws nothing: a name that cannot be put back stays reported as changed. */
  check(): void {
    for (const { path, target } of this.#names) {
      if (target === null ? isFree(path) : leadsTo(path) === target) continue;
      this.#changed ??= path;
      try {
        setAside(path);
        if (target !== null) symlinkSync(target, path);
      } catch {
        // Its folder is gone, or the command was quicker: the next look comes with its end.
      }
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    this.check();
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

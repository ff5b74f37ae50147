/**
 * Links with protected names, which no mount can lie on: they are watched while a confined command runs and looked at
 * when it has ended. The first change ends the command; the link is put back, and what had taken its place is set aside.
 */
import { type FSWatcher, readlinkSync, renameSync, symlinkSync, unlinkSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { entryKind } from './path-walk.ts';
import type { ProtectedLink } from './protected-names.ts';

export class LinkGuard implements Disposable {
  readonly #links: readonly ProtectedLink[];
  readonly #watchers: FSWatcher[] = [];
  readonly #onChange: () => void;
  #changed: string | null = null;

  constructor(links: readonly ProtectedLink[], onChange: () => void) {
    this.#links = links;
    this.#onChange = onChange;
    for (const folder of new Set(links.map(({ path }) => dirname(path)))) this.#watch(folder);
  }

  /** The first link that was changed. */
  get changed(): string | null {
    return this.#changed;
  }

  /** Puts back what was changed. Throws nothing: a link that cannot be put back stays reported as changed. */
  check(): void {
    for (const link of this.#links) {
      if (leadsTo(link.path) === link.target) continue;
      this.#changed ??= link.path;
      try {
        setAside(link.path);
        symlinkSync(link.target, link.path);
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

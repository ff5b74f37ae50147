import type { ChildProcess } from 'node:child_process';
import type { HiddenFiles } from './hidden-files.ts';
import { NameGuard } from './name-guard.ts';
import type { Placeholders } from './placeholders.ts';
import { signalGroup } from './process-groups.ts';
import type { Protections } from './protected-names.ts';
import type { HeldRoot } from './roots.ts';
import type { SocketMounts } from './sockets.ts';

export interface NameHoldRequest {
  readonly roots: readonly HeldRoot[];
  readonly protections: Protections;
  readonly sockets: SocketMounts;
  readonly placeholders: Placeholders;
  readonly hidden: HiddenFiles;
}

/** Its number in the child of the first descriptor in a list; those before are the streams and the filter. */
const FIRST_HELD_DESCRIPTOR = 4;

/** The hold of one command on its writable roots and the protected names in them, from before its start until it has ended. */
export class NameHold {
  /** Mounts for bubblewrap: the roots, what is protected in them, and the sockets and files that are hidden. */
  readonly args: readonly string[];
  /** What the arguments speak of, for the child to have from `FIRST_HELD_DESCRIPTOR` on. */
  readonly descriptors: number[] = [];
  readonly #request: NameHoldRequest;
  readonly #holders = new Map<string, string>();
  /** Must not come into being, and no placeholder says so. */
  readonly #unheld: string[] = [];
  #guard: NameGuard | null = null;
  #child: ChildProcess | null = null;

  /** A name that cannot be held is watched. Throws when there is no room to do so. */
  constructor(request: NameHoldRequest) {
    this.#request = request;
    this.args = this.#mounts();
    const names = [...request.protections.links, ...this.#unheld.map((path) => ({ path, target: null }))];
    try {
      if (names.length > 0) this.#guard = new NameGuard(names, () => this.#end());
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** The protected link or name that the command has changed; null as long as it has not. */
  get changedName(): string | null {
    return this.#guard?.changed ?? null;
  }

  /** From now on a change of a protected link, or of a name that is not held, kills the command, whose process leads a group. */
  follow(child: ChildProcess): void {
    this.#closeRoots();
    this.#child = child;
    if (this.changedName !== null) this.#end();
    child.once('exit', () => this.release());
    child.once('error', () => this.release());
  }

  /** Twice is harmless. */
  release(): void {
    this.#closeRoots();
    this.#guard?.[Symbol.dispose]();
    for (const [path, holder] of this.#holders) this.#request.placeholders.release(path, holder);
    this.#holders.clear();
  }

  #end(): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  }

  #closeRoots(): void {
    for (const { held } of this.#request.roots) held?.[Symbol.dispose]();
  }

  /** In the order of their depth, so that a root inside a protected folder is writable again and the reverse. */
  #mounts(): string[] {
    const { roots, protections, sockets, hidden } = this.#request;
    const mounts = new Map<string, readonly string[]>(sockets.mounts);
    for (const path of protections.pinned) mounts.set(path, ['--bind-try', path, path]);
    for (const path of [...protections.missing, ...protections.readOnly]) mounts.set(path, this.#protectedMount(path));
    for (const [path, args] of hidden.mounts) mounts.set(path, args);
    for (const root of roots) if (root.place !== '/') mounts.set(root.place, this.#rootMount(root));
    const depth = (path: string): number => path.split('/').length;
    const inOrder = [...mounts].sort(([a], [b]) => depth(a) - depth(b)).flatMap(([, args]) => args);
    return [...inOrder, ...sockets.after, ...hidden.sealed.flatMap((path) => ['--remount-ro', path])];
  }

  /** Bubblewrap looks whether what it has mounted is what the descriptor stands for. */
  #rootMount({ place, held }: HeldRoot): readonly string[] {
    if (held === null) return ['--bind', place, place];
    const descriptor = FIRST_HELD_DESCRIPTOR + this.descriptors.push(held.descriptor) - 1;
    return ['--bind-fd', String(descriptor), place];
  }

  #protectedMount(path: string): readonly string[] {
    const claim = this.#request.placeholders.claim(path);
    switch (claim.kind) {
      case 'held':
        this.#holders.set(path, claim.holder);
        return ['--perms', '0755', '--tmpfs', path, '--remount-ro', path];
      case 'unheld':
        this.#unheld.push(path);
        return ['--ro-bind-try', path, path];
      case 'present':
        // It may go before bubblewrap looks, and that is no reason for the command to fail.
        return ['--ro-bind-try', path, path];
      case 'closed':
        return [];
    }
  }
}

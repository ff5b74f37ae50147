import type { ChildProcess } from 'node:child_process';
import { posixGroups } from '../base/process-groups.ts';
import type { HiddenFiles } from './hidden-files.ts';
import { NameGuard } from './name-guard.ts';
import type { Placeholders } from './placeholders.ts';
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

/** Number in the child of the first descriptor in a list; those before are the streams and the filter. */
const FIRST_HELD_DESCRIPTOR = 4;

/** One command's hold on its writable roots and the protected names in them, from before its start until its end. */
export class NameHold {
  /** Mounts for bubblewrap: the roots, the protected names in them, and the hidden sockets and files. */
  readonly args: readonly string[];
  /** The descriptors that the arguments refer to; the child gets them from `FIRST_HELD_DESCRIPTOR` on. */
  readonly descriptors: number[] = [];
  readonly #request: NameHoldRequest;
  readonly #holders = new Map<string, string>();
  /** Names that must not be created and have no placeholder. */
  readonly #unheld: string[] = [];
  #guard: NameGuard | null = null;
  #child: ChildProcess | null = null;

  /** Watches names that cannot be held. Throws if there is no room to do so. */
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

  /** The protected link or name that the command has changed; null until it has. */
  get changedName(): string | null {
    return this.#guard?.changed ?? null;
  }

  /**
   * From now on, a change of a protected link or of an unheld name kills the command, whose process leads a group.
   */
  follow(child: ChildProcess): void {
    this.#closeRoots();
    this.#child = child;
    if (this.changedName !== null) this.#end();
    child.once('exit', () => this.release());
    child.once('error', () => this.release());
  }

  /** Idempotent. */
  release(): void {
    this.#closeRoots();
    this.#guard?.[Symbol.dispose]();
    for (const [path, holder] of this.#holders) this.#request.placeholders.release(path, holder);
    this.#holders.clear();
  }

  #end(): void {
    if (this.#child?.pid !== undefined) posixGroups.kill(this.#child.pid);
  }

  #closeRoots(): void {
    for (const { held } of this.#request.roots) held?.[Symbol.dispose]();
  }

  /** In order of depth, so that a root inside a protected folder is writable again, and vice versa. */
  #mounts(): string[] {
    const { roots, protections, sockets, hidden } = this.#request;
    const mounts = new Map<string, readonly string[]>(sockets.mounts);
    for (const path of protections.pinned) mounts.set(path, ['--bind-try', path, path]);
    for (const path of [...protections.missing, ...protections.readOnly]) mounts.set(path, this.#protectedMount(path));
    for (const [path, args] of hidden.mounts) mounts.set(path, args);
    for (const root of roots) if (root.realPath !== '/') mounts.set(root.realPath, this.#rootMount(root));
    const depth = (path: string): number => path.split('/').length;
    const inOrder = [...mounts].sort(([a], [b]) => depth(a) - depth(b)).flatMap(([, args]) => args);
    return [...inOrder, ...sockets.after, ...hidden.sealed.flatMap((path) => ['--remount-ro', path])];
  }

  /** Bubblewrap checks that what it mounts is what the descriptor refers to. */
  #rootMount({ realPath, held }: HeldRoot): readonly string[] {
    if (held === null) return ['--bind', realPath, realPath];
    const descriptor = FIRST_HELD_DESCRIPTOR + this.descriptors.push(held.descriptor) - 1;
    return ['--bind-fd', String(descriptor), realPath];
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
        // It may be gone before bubblewrap mounts it, and that must not fail the command.
        return ['--ro-bind-try', path, path];
      case 'closed':
        return [];
    }
  }
}

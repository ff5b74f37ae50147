/**
 * The writable roots of a thread, as they were when it was given them. A command can put a link in the place of a folder, so a
 * root is where its name led at first, and is used only as long as its name leads there. In: a policy and a folder. Out: roots, and
 * later descriptors of them. `RootMemory` owns what was resolved, and knows where commands may have put links.
 */
import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import { HeldPath } from '../base/held-path.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import type { Environment } from './environment.ts';
import { isWithin, type Walk, walkPath } from './path-walk.ts';
import { writableRoots } from './writable-roots.ts';

const MS_PER_SECOND = 1_000;

export interface WritableRoot {
  readonly named: string;
  /** Where the name led, without links, also when nothing was there. */
  readonly place: string;
  /** The link on the way that a command may have made; null when there is none. */
  readonly doubtfulLink: string | null;
}

export class RootMemory {
  readonly #env: Environment;
  readonly #sinceMs: number;
  readonly #threads = new Map<string, Map<string, readonly WritableRoot[]>>();
  /** Real paths that commands may write to. */
  readonly #exposed = new Set<string>();
  /** The links on the way to roots that were accepted, and where they led. */
  readonly #accepted = new Map<string, string>();

  /** `env` is the server's environment. Before `sinceMs`, the start of the server by default, it has run no commands. */
  constructor(env: Environment, sinceMs: number = Date.now() - process.uptime() * MS_PER_SECOND) {
    this.#env = env;
    this.#sinceMs = sinceMs;
  }

  /** The roots of a thread under a policy, as they were when this was asked first: to be done when the client names them. */
  of(threadId: string, policy: SandboxPolicy, cwd: string): readonly WritableRoot[] {
    const key = JSON.stringify([policy, cwd]);
    const known = this.#threads.get(threadId) ?? new Map<string, readonly WritableRoot[]>();
    this.#threads.set(threadId, known);
    const roots = known.get(key) ?? this.#resolve(policy, cwd);
    known.set(key, roots);
    return roots;
  }

  forget(threadId: string): void {
    this.#threads.delete(threadId);
  }

  #resolve(policy: SandboxPolicy, cwd: string): readonly WritableRoot[] {
    const walks = writableRoots(policy, cwd, this.#env).map((named) => ({ named, walk: walkPath(resolve(named)) }));
    const own = walks.map(({ walk }) => walk.end);
    const roots = walks.map(({ named, walk }) => ({ named, place: walk.end, doubtfulLink: this.#doubtIn(walk, own) }));
    for (const { place, doubtfulLink } of roots) if (doubtfulLink === null) this.#exposed.add(place);
    return roots;
  }

  /** The first link that a command may have made. Threads of other shards are not known here; when a link was made is. */
  #doubtIn({ steps }: Walk, own: readonly string[]): string | null {
    for (const step of steps) {
      if (step.kind !== 'link' || this.#accepted.get(step.path) === step.target) continue;
      const isWithinOne = (folders: Iterable<string>): boolean =>
        [...folders].some((folder) => isWithin(step.path, folder));
      if (isWithinOne(this.#exposed) || (isWithinOne(own) && changedAtMs(step.path) >= this.#sinceMs)) return step.path;
      this.#accepted.set(step.path, step.target);
    }
    return null;
  }
}

/** When an entry was made, or got its name: nothing but the clock of the machine can set that back. */
function changedAtMs(path: string): number {
  try {
    return lstatSync(path).ctimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Roots as they are now, for where nobody has kept them. */
export const rootsNow = (policy: SandboxPolicy, cwd: string, env: Environment): readonly WritableRoot[] =>
  new RootMemory(env).of('', policy, cwd);

/** The open root, or null when there is nothing to write to. Throws `RootMoved`. */
function holdRoot(root: WritableRoot): HeldPath | null {
  if (root.doubtfulLink !== null) throw new RootMoved(root);
  let held: HeldPath;
  try {
    held = new HeldPath(root.place);
  } catch {
    return null; // not there, or not for us
  }
  if (held.isAt(root.place) && !held.isLink) return held;
  held[Symbol.dispose]();
  throw new RootMoved(root);
}

/** A root that a command is about to get. */
export interface HeldRoot {
  /** Its real path. */
  readonly place: string;
  /** null where bubblewrap cannot take descriptors. */
  readonly held: HeldPath | null;
}

/** The roots that are there; each descriptor is closed by whoever asked. Throws `RootMoved`. */
export function holdRoots(roots: readonly WritableRoot[], byDescriptor: boolean): HeldRoot[] {
  const found = new Map<string, HeldRoot>();
  try {
    for (const root of roots) {
      if (found.has(root.place)) continue;
      const held = holdRoot(root);
      if (held === null) continue;
      if (!byDescriptor) held[Symbol.dispose]();
      found.set(root.place, { place: root.place, held: byDescriptor ? held : null });
    }
  } catch (error) {
    for (const { held } of found.values()) held?.[Symbol.dispose]();
    throw error;
  }
  return [...found.values()];
}

/** Why the roots cannot be used as they are now; null when they can. */
export function problemOfRoots(roots: readonly WritableRoot[]): string | null {
  try {
    holdRoots(roots, false);
    return null;
  } catch (error) {
    if (error instanceof RootMoved) return error.message;
    throw error;
  }
}

/** Nothing that a command may work in: what the kernel shows, and devices. */
export const isOfKernel = (path: string): boolean =>
  ['/proc', '/sys', '/dev'].some((folder) => isWithin(path, folder)) && !isWithin(path, '/dev/shm');

/** A name leads elsewhere than it did. `message` says what to do about it. */
class RootMoved extends AppError {
  constructor({ named, place, doubtfulLink }: WritableRoot) {
    super(
      'sandbox-failed',
      doubtfulLink === null
        ? `the writable folder ${place} is not where it was when the thread was given it; put it back, or give the thread another`
        : `the way to the writable folder ${named} is a link that a command may have made, ${doubtfulLink}; name the folder that it leads to`,
    );
  }
}

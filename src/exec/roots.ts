/**
 * The writable roots of a thread, as they were when it got them. A command can replace a folder by a link, so a root
 * is what its name resolved to at first, and is used only as long as its name resolves to that. In: a policy and a
 * folder. Out: roots, and later descriptors of them. `RootMemory` owns the resolved roots, and knows where commands
 * may have created links.
 */
import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import { HeldPath } from '../base/held-path.ts';
import { type Env, isWithin } from '../base/paths.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { type PathWalk, walkPath } from './path-walk.ts';
import { writableRoots } from './writable-roots.ts';

const MS_PER_SECOND = 1_000;

export interface WritableRoot {
  readonly named: string;
  /** The real path that the name resolved to, even if nothing was there. */
  readonly realPath: string;
  /** The link on the way that a command may have created; null if there is none. */
  readonly suspectLink: string | null;
}

export class RootMemory {
  readonly #env: Env;
  readonly #sinceMs: number;
  readonly #threads = new Map<string, Map<string, readonly WritableRoot[]>>();
  /** Real paths that commands may write to. */
  readonly #exposed = new Set<string>();
  /** The links on the way to accepted roots, and their targets. */
  readonly #accepted = new Map<string, string>();

  /** `env` is the server's environment. The server has run no commands before `sinceMs`, by default its start. */
  constructor(env: Env, sinceMs: number = Date.now() - process.uptime() * MS_PER_SECOND) {
    this.#env = env;
    this.#sinceMs = sinceMs;
  }

  /** The roots of a thread under a policy, as they were on the first call. Call it when the client names them. */
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
    const roots = walks.map(({ named, walk }) => ({
      named,
      realPath: walk.end,
      suspectLink: this.#suspectLinkIn(walk, own),
    }));
    for (const { realPath, suspectLink } of roots) if (suspectLink === null) this.#exposed.add(realPath);
    return roots;
  }

  /**
   * The first link that a command may have created. Threads of other shards are unknown here, so the creation time of
   * a link counts too.
   */
  #suspectLinkIn({ steps }: PathWalk, own: readonly string[]): string | null {
    for (const step of steps) {
      if (step.kind !== 'link' || this.#accepted.get(step.path) === step.target) continue;
      const isBelowAny = (folders: Iterable<string>): boolean =>
        [...folders].some((folder) => isWithin(step.path, folder));
      if (isBelowAny(this.#exposed) || (isBelowAny(own) && changedAtMs(step.path) >= this.#sinceMs)) return step.path;
      this.#accepted.set(step.path, step.target);
    }
    return null;
  }
}

/** When an entry was created or renamed (ctime); only the machine's clock can set that back. */
function changedAtMs(path: string): number {
  try {
    return lstatSync(path).ctimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The roots as they are now, for callers without a `RootMemory`. */
export const rootsNow = (policy: SandboxPolicy, cwd: string, env: Env): readonly WritableRoot[] =>
  new RootMemory(env).of('', policy, cwd);

/** The open root; null if there is nothing to write to. Throws `RootMoved`. */
function holdRoot(root: WritableRoot): HeldPath | null {
  if (root.suspectLink !== null) throw new RootMoved(root);
  let held: HeldPath;
  try {
    held = new HeldPath(root.realPath);
  } catch {
    return null; // missing, or not accessible
  }
  if (held.isAt(root.realPath) && !held.isLink) return held;
  held[Symbol.dispose]();
  throw new RootMoved(root);
}

/** A root for a command that is about to start. */
export interface HeldRoot {
  /** Its real path. */
  readonly realPath: string;
  /** null where bubblewrap does not accept descriptors. */
  readonly held: HeldPath | null;
}

/** The roots that exist. The caller closes their descriptors. Throws `RootMoved`. */
export function holdRoots(roots: readonly WritableRoot[], byDescriptor: boolean): HeldRoot[] {
  const found = new Map<string, HeldRoot>();
  try {
    for (const root of roots) {
      if (found.has(root.realPath)) continue;
      const held = holdRoot(root);
      if (held === null) continue;
      if (!byDescriptor) held[Symbol.dispose]();
      found.set(root.realPath, { realPath: root.realPath, held: byDescriptor ? held : null });
    }
  } catch (error) {
    for (const { held } of found.values()) held?.[Symbol.dispose]();
    throw error;
  }
  return [...found.values()];
}

/** Why the roots are not usable now; null if they are. */
export function problemOfRoots(roots: readonly WritableRoot[]): string | null {
  try {
    holdRoots(roots, false);
    return null;
  } catch (error) {
    if (error instanceof RootMoved) return error.message;
    throw error;
  }
}

/** Kernel files and devices, which no command may use as a root. */
export const isKernelPath = (path: string): boolean =>
  ['/proc', '/sys', '/dev'].some((folder) => isWithin(path, folder)) && !isWithin(path, '/dev/shm');

/** The name of a root resolves to something else than before. `message` says what to do about it. */
class RootMoved extends AppError {
  constructor({ named, realPath, suspectLink }: WritableRoot) {
    super(
      'sandbox-failed',
      suspectLink === null
        ? `the writable folder ${realPath} is not where it was when the thread was given it; put it back, or give the thread another`
        : `the way to the writable folder ${named} is a link that a command may have made, ${suspectLink}; name the folder that it leads to`,
    );
  }
}

/**
 * What a confined command must not change inside its writable roots, because it decides what later runs outside:
 * `.codex`, which sets the rights of a thread, whether it exists or not; and an existing `.git` of any kind, because
 * git obeys its hooks and settings. Protection is by name and covers the target of a link, the link, and every folder
 * on the way.
 *
 * In: the real paths of the roots and of the turn's folder. Out: what to do about which path. Reads the disk for each
 * command, so the search is bounded. It looks in the roots, in the folders between a root and the turn's folder, in
 * the folders that the user trusts, in the linked work trees and submodules of the repositories found there, and in
 * repositories directly below the turn's folder. It does not look for a `.codex` elsewhere in a root, because that
 * gives no rights.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isWithin } from '../base/paths.ts';
import { commonFolder, foldersIn, isRepository, namedGitFolder, relatedWorkTrees } from './git-folders.ts';
import { MountNames } from './mount-names.ts';
import { entryKind, type PathStep, walkPath } from './path-walk.ts';

/** Names that are protected anywhere below a root; `.git` may be created where there is none. */
export const PROTECTED_NAMES: readonly string[] = ['.codex', '.git'];

/** All paths are absolute; only the last name may be a link. */
export interface Protections {
  /** Exists, and must not change. */
  readonly readOnly: readonly string[];
  /** A folder that is writable but must not be moved, because something in it is protected by name. */
  readonly pinned: readonly string[];
  /** Does not exist, and must not be created. */
  readonly missing: readonly string[];
  /** Links that must keep their targets. */
  readonly links: readonly ProtectedLink[];
}

interface ProtectedLink {
  readonly path: string;
  readonly target: string;
}

/** Maximum number of related work trees; each costs a command about half a millisecond. */
const WORK_TREE_LIMIT = 32;

/** Maximum number of folders below the turn's folder that are checked for a repository. */
const NEIGHBOUR_LIMIT = 256;

const LINKED_ENTRY_LIMIT = 64;

/**
 * Settings, logins, variables, the launchers on the PATH of commands, and files the server writes: links in them
 * would redirect writes.
 */
const HOME_PARTS = [
  ...['config.toml', 'auth.json', '.env', 'tmp'],
  ...['sessions', 'archived_sessions', 'thread-writer-locks', 'history.jsonl', 'session_index.jsonl'],
];

/** Parts of a repository that can run something, and so must not be links to writable places. */
const POWERFUL_PARTS = ['config', 'config.worktree', 'hooks'];

/** Other places to protect. */
export interface ProtectedPlaces {
  /** The server's own state folder: its settings, rules and logins must not change. */
  readonly home: string | null;
  /** Folders that the user's configuration trusts: their settings give rights. */
  readonly trusted: readonly string[];
}

export function protectionsIn(roots: readonly string[], cwd: string, { home, trusted }: ProtectedPlaces): Protections {
  const search = new ProtectionSearch(roots);
  // Another mount of the state folder, or of a part of it, is the state folder too.
  for (const name of home === null ? [] : [home, ...new MountNames().of(walkPath(home).end)]) search.protectHome(name);
  for (const folder of trusted) search.protectTrusted(folder);
  for (const root of roots) search.protectFolder(root);
  for (const folder of foldersBetween(roots, cwd)) search.protectFolder(folder);
  const related = [...search.gitFolders].flatMap(([folder, workTree]) =>
    relatedWorkTrees(commonFolder(folder), workTree, WORK_TREE_LIMIT),
  );
  for (const folder of [...related, ...repositoriesIn(cwd)].slice(0, WORK_TREE_LIMIT)) {
    if (entryKind(join(folder, '.git')) !== 'absent') search.protectWorkTree(folder);
  }
  return search.result();
}

/** The writable folders from `cwd` up, without the roots, which are handled already. */
function foldersBetween(roots: readonly string[], cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = cwd; roots.some((root) => folder !== root && isWithin(folder, root)); folder = dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}

function repositoriesIn(folder: string): string[] {
  const neighbours = foldersIn(folder).filter((name) => !PROTECTED_NAMES.includes(name));
  return neighbours
    .slice(0, NEIGHBOUR_LIMIT)
    .map((name) => join(folder, name))
    .filter((neighbour) => {
      const git = join(neighbour, '.git');
      const kind = entryKind(git);
      return kind === 'folder' ? isRepository(git) : kind !== 'absent';
    });
}

class ProtectionSearch {
  /** Each with its work tree. */
  readonly gitFolders = new Map<string, string>();
  readonly #roots: readonly string[];
  readonly #readOnly = new Set<string>();
  readonly #pinned = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #links = new Map<string, string>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** Protects the names in a folder where a thread may start, if a command could change them. */
  protectFolder(folder: string): void {
    if (!this.#isBelowRoot(folder)) return;
    const codex = this.#protect(join(folder, '.codex'));
    if (codex !== null) this.#protectLinksIn(codex);
    const git = join(folder, '.git');
    if (entryKind(git) !== 'absent') this.#protectGit(git, folder);
  }

  /** Likewise for a folder that is not above the turn's: it must not be replaced by another. */
  protectWorkTree(folder: string): void {
    const { steps, end } = walkPath(folder);
    if (!this.#isBelowRoot(end)) return;
    this.#note(steps.slice(0, -1));
    this.#pinned.add(end);
    this.protectFolder(end);
  }

  /** Only if it exists: the name of a missing folder may be used for anything. */
  protectTrusted(folder: string): void {
    const { steps, end } = walkPath(folder);
    if (steps.at(-1)?.kind === 'missing') return;
    this.#note(steps);
    this.protectFolder(end);
  }

  protectHome(home: string): void {
    const end = this.#protect(home);
    if (end === null) return;
    this.#protectLinksIn(end);
    // A user who makes it a root wants to write there, but not to what the server obeys or runs.
    if (!this.#roots.includes(end)) return;
    this.#protect(join(end, 'rules'));
    for (const path of HOME_PARTS.map((part) => join(end, part))) if (entryKind(path) !== 'absent') this.#protect(path);
  }

  result(): Protections {
    const readOnly = [...this.#readOnly].filter((path) => this.#isChangeable(path));
    const missing = [...this.#missing].filter((path) => this.#isChangeable(path));
    const pinned = [...this.#pinned].filter((path) => !this.#readOnly.has(path) && this.#isChangeable(path));
    const links = [...this.#links].filter(([path]) => this.#isChangeable(path));
    return { readOnly, pinned, missing, links: links.map(([path, target]) => ({ path, target })) };
  }

  #protectGit(git: string, workTree: string): void {
    const end = this.#protect(git);
    if (end === null) return;
    const named = entryKind(end) === 'folder' ? end : namedGitFolder(end);
    const folder = named === end || named === undefined ? (named ?? null) : this.#protect(named);
    if (folder === null) return;
    this.gitFolders.set(folder, workTree);
    const common = commonFolder(folder);
    if (common !== folder) this.#protect(common);
    for (const part of POWERFUL_PARTS) this.#protectIfLink(join(common, part));
  }

  /** A `.codex` whose files are links is only as safe as their targets. */
  #protectLinksIn(codex: string): void {
    for (const folder of [codex, join(codex, 'rules')]) {
      for (const name of namesIn(folder).slice(0, LINKED_ENTRY_LIMIT)) this.#protectIfLink(join(folder, name));
    }
  }

  #protectIfLink(path: string): void {
    if (entryKind(path) === 'link') this.#protect(path);
  }

  /** Protects a path and returns its end; null if nothing is there. */
  #protect(path: string): string | null {
    const { steps, end } = walkPath(path);
    const last = steps.at(-1);
    const exists = last !== undefined && last.path === end && (last.kind === 'folder' || last.kind === 'file');
    this.#note(exists ? steps.slice(0, -1) : steps);
    if (!exists) return null;
    this.#readOnly.add(end);
    return end;
  }

  /** Records the entries along the way: folders keep their names, links their targets. */
  #note(steps: readonly PathStep[]): void {
    for (const step of steps) {
      switch (step.kind) {
        case 'folder':
          if (!this.#roots.includes(step.path)) this.#pinned.add(step.path);
          break;
        case 'link':
          this.#links.set(step.path, step.target);
          break;
        case 'missing':
          this.#missing.add(step.path);
          break;
        case 'closed':
          // Its owner could open it again, so nothing in it may change either.
          this.#readOnly.add(step.path);
          break;
        case 'file':
          break;
      }
    }
  }

  #isBelowRoot(path: string): boolean {
    return this.#roots.some((root) => isWithin(path, root));
  }

  /** Whether a command could replace the entry: its parent is in a root, and in nothing read-only. */
  #isChangeable(path: string): boolean {
    if (this.#roots.includes(path)) return false;
    let nearest = '';
    for (const border of [...this.#roots, ...this.#readOnly]) {
      if (border !== path && isWithin(path, border) && border.length > nearest.length) nearest = border;
    }
    return this.#roots.includes(nearest);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A file, or unreadable: it has nothing that we would read.
    return [];
  }
}

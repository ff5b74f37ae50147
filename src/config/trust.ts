/**
 * The project folders that the user trusts. In: the `[projects]` table. Out: a decision per folder, with its reason.
 */
import { mainRepositoryRoot } from './git-root.ts';
import type { DefaultPolicies } from './powers.ts';
import { isTable, type TomlTable } from './toml.ts';

export type TrustLevel = 'trusted' | 'untrusted';

/** Keys are compared as they are written. */
export type TrustTable = ReadonlyMap<string, TrustLevel>;

export function trustTable(config: TomlTable): TrustTable {
  const projects = config.projects;
  const entries = isTable(projects) ? Object.entries(projects) : [];
  return new Map(
    entries.flatMap(([folder, entry]): readonly (readonly [string, TrustLevel])[] => {
      const level = isTable(entry) ? entry.trust_level : undefined;
      return level === 'trusted' || level === 'untrusted' ? [[folder, level]] : [];
    }),
  );
}

/**
 * Trust that determines the defaults of a thread: of the folder itself, then of the main work tree of its repository.
 */
export async function trustOfThread(trust: TrustTable, cwd: string): Promise<TrustLevel | null> {
  const own = trust.get(cwd);
  if (own !== undefined || trust.size === 0) return own ?? null;
  const repository = await mainRepositoryRoot(cwd);
  return repository === null ? null : (trust.get(repository) ?? null);
}

/**
 * The default policies of a thread: a folder with a trust level is writable; an untrusted one asks about everything.
 */
export const defaultPolicies = (trust: TrustLevel | null): DefaultPolicies => ({
  approvalPolicy: trust === 'untrusted' ? 'untrusted' : 'on-request',
  sandboxMode: trust === null ? 'read-only' : 'workspace-write',
});

/**
 * Whether the user's configuration trusts this exact folder, so that its `.codex` is protected from commands
 * everywhere and may give rights. Trust that a folder has from its repository is not enough: a command can create
 * such a folder.
 */
export const isTrustedByName = (trust: TrustTable, folder: string): boolean => trust.get(folder) === 'trusted';

export interface ProjectContext {
  readonly trust: TrustTable;
  readonly projectRoot: string;
  /** Main work tree of the repository around the cwd. */
  readonly repositoryRoot: string | null;
  readonly userFile: string;
}

/** Why the config.toml of a project folder is not used; null if it is. */
export function disabledReason(folder: string, context: ProjectContext): string | null {
  const candidates = [
    folder,
    context.projectRoot,
    ...(context.repositoryRoot === null ? [] : [context.repositoryRoot]),
  ];
  const decided = candidates.find((candidate) => context.trust.has(candidate));
  if (decided !== undefined && context.trust.get(decided) === 'trusted') return null;
  if (decided !== undefined) {
    return `${decided} is an untrusted project. Its config.toml is read once ${context.userFile} gives it trust_level = "trusted".`;
  }
  const toTrust = context.repositoryRoot ?? context.projectRoot;
  return `Its config.toml is read once ${context.userFile} lists ${toTrust} as a trusted project.`;
}

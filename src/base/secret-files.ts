/**
 * Identifies files that hold logins and keys. In: state folders of this and of other servers. Out: whether a name, a path or an open
 * file is one. No state.
 */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from './errors.ts';

/** What goes upstream, what goes to servers of tools, and variables. */
const SECRET_NAMES: readonly string[] = ['auth.json', '.credentials.json', '.env'];

/** So many copies of logins are looked at, beside the three themselves. */
const MOST_COPIES = 64;

/** The file is closed to tools, projects and the model; `message` continues a sentence that begins with the file name. */
export class SecretFile extends AppError {
  constructor() {
    super('secret-file', 'holds logins or keys, which no tool and no project gets to see');
  }
}

/**
 * Whether a file of that name in a state folder holds logins or keys. Drafts of this server, and what editors and users keep beside a file,
 * have its name in theirs; where case does not count, other spellings are the same file.
 */
export function isSecretName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.includes('auth.json') || lower.includes('credentials.json') || lower.startsWith('.env');
}

/** The state folders that exist, without links: this server's, and the ones that users have by default. */
export function stateFolders(codexHome: string, userHome: string): readonly string[] {
  const homes = [userHome, ...ownHome()].map((home) => join(home, '.codex'));
  return [...new Set([codexHome, ...homes].flatMap(realFolder))];
}

/** As the system has it: the environment may name another one. */
function ownHome(): readonly string[] {
  try {
    return [userInfo().homedir];
  } catch {
    return []; // the system has no entry for this user
  }
}

function realFolder(path: string): readonly string[] {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? [real] : [];
  } catch {
    return []; // missing or inaccessible
  }
}

/** null when nothing is there, or it cannot be reached: then nobody reads it either. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** The logins of some state folders, as they are when this is made: for one command, patch or file, not for longer. */
export class SecretFiles {
  readonly #folders: readonly string[];
  readonly #found: ReadonlySet<string>;

  /** `folders` as `stateFolders` gives them. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
    this.#found = new Set(folders.flatMap(secretsIn).map(identity));
  }

  /** Whether a path without links is the place of one, or leads to its bytes by another name. */
  hasPlace(place: string): boolean {
    if (this.#folders.includes(dirname(place)) && isSecretName(basename(place))) return true;
    const found = statOf(place);
    return found !== null && this.has(found);
  }

  /** Whether a file is one, by what the system says of it. */
  has(file: Identity): boolean {
    return this.#found.has(identity(file));
  }
}

type Identity = Pick<Stats, 'dev' | 'ino'>;
const identity = ({ dev, ino }: Identity): string => `${dev}:${ino}`;

function secretsIn(folder: string): readonly Stats[] {
  const copies = entriesOf(folder)
    .map(({ name }) => name)
    .filter((name) => isSecretName(name) && !SECRET_NAMES.includes(name))
    .slice(0, MOST_COPIES);
  return [...SECRET_NAMES, ...copies].flatMap((name) => statOf(join(folder, name)) ?? []);
}

/** The entries of a folder; none if it cannot be read. */
export function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * Socket files of other programs, which a command with network access must not reach: access to a container engine, a
 * service manager, a bus, a terminal multiplexer or an editor gives a command their rights. In: the writable roots,
 * the environment, the sockets that the user allows. Out: mounts that hide what was found. Sockets in writable roots
 * stay visible, like those of the ssh agent and of databases. The search is bounded; it reads the disk for each
 * command and keeps nothing. Abstract sockets have no file: see SECURITY.md.
 */
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type Env, isWithin } from '../base/paths.ts';
import { FileTooLarge, readRegularSync } from '../base/regular-file.ts';
import { MountNames } from './mount-names.ts';
import { realPaths } from './writable-roots.ts';

export interface SocketRequest {
  /** Real paths. */
  readonly roots: readonly string[];
  /** The server's environment: every command knows the paths in it. */
  readonly env: Env;
  /** Sockets, or folders of them, that the user allows. */
  readonly allowed: readonly string[];
}

export interface SocketMounts {
  /** Mounts for bubblewrap by mount point, to be made from the shallowest to the deepest. */
  readonly mounts: ReadonlyMap<string, readonly string[]>;
  /** Arguments after all mounts. */
  readonly after: readonly string[];
}

/** Folders where services keep their sockets; folders of services in them can be hidden whole. */
const RUNTIME_FOLDERS = ['/run', '/var/run'];
const RUNTIME_DEPTH = 4;
const MAX_ENTRIES = 16_384;

/** Visible below those: services with accounts and rights of their own, and resolvers of names. */
const LEFT_OPEN = ['postgresql', 'mysqld', 'mariadb', 'redis', 'memcached', 'nscd', 'systemd/resolve'];

/** Folders of services that may create their socket later. */
const SERVICES = ['buildkit', 'containerd', 'crio', 'dbus', 'docker', 'incus', 'libvirt', 'podman', 'user'];

/** Sockets outside of those folders; `~` is the home folder. */
const ELSEWHERE = [
  '/var/lib/incus/unix.socket',
  '/var/lib/lxd/unix.socket',
  '/var/snap/lxd/common/lxd/unix.socket',
  '~/.colima/default/docker.sock',
  '~/.docker/desktop/docker.sock',
  '~/.docker/run/docker.sock',
  '~/.lima/default/sock/docker.sock',
  '~/.local/share/containers/podman/machine/podman.sock',
  '~/.orbstack/run/docker.sock',
  '~/.rd/docker.sock',
];

/** Entries of folders for temporary files: multiplexers, displays, buses, editors, terminals. */
const IN_TEMPORARY =
  /^(?:\.(?:X11|ICE|XIM)-unix$|tmux-|screens?$|dbus-|emacs\d*$|nvim(?:\.|$)|vscode-(?:ipc|git)-|(?:my)?kitty|wezterm)/;

/** Each costs a command about half a millisecond. */
const MAX_HIDDEN_ONE_BY_ONE = 512;
/** Maximum number of paths from the values of variables. */
const MAX_NAMES = 4096;
const LARGEST_TABLE_BYTES = 4 * 1024 * 1024;

/** null if there are too many sockets to check, or to hide one by one. */
export function socketMounts(request: SocketRequest): SocketMounts | null {
  const search = new SocketSearch(request);
  try {
    search.searchRuntimeFolders();
    search.searchTemporaryFolders();
    search.searchUserRuntimeFolder();
    search.searchNamedPaths();
    search.searchBoundPaths();
    return search.result();
  } catch (error) {
    if (error instanceof FileTooLarge) return null;
    throw error;
  }
}

class SocketSearch {
  readonly #roots: readonly string[];
  readonly #env: Env;
  /** Real paths of what stays reachable. */
  readonly #kept: readonly string[];
  readonly #folders = new Set<string>();
  readonly #sockets = new Set<string>();
  readonly #open: string[] = [];
  #entriesLeft = MAX_ENTRIES;

  constructor({ roots, env, allowed }: SocketRequest) {
    this.#roots = roots;
    this.#env = env;
    const agent = env.SSH_AUTH_SOCK ?? '';
    this.#kept = [agent, ...allowed].filter(isAbsolute).flatMap(realPaths);
  }

  searchRuntimeFolders(): void {
    for (const top of new Set(RUNTIME_FOLDERS.flatMap(realPaths))) {
      this.#open.push(...LEFT_OPEN.map((name) => join(top, name)).filter(isFolder));
      for (const folder of SERVICES.map((name) => join(top, name)).filter(isFolder)) this.#folders.add(folder);
      this.#walk(top, top, 0);
    }
  }

  searchTemporaryFolders(): void {
    const named = ['/tmp', this.#env.TMPDIR, this.#env.TMUX_TMPDIR].filter(
      (path) => path !== undefined && isAbsolute(path),
    );
    for (const folder of new Set(named.flatMap((path) => realPaths(path ?? '')))) {
      for (const entry of entriesOf(folder).filter(({ name }) => IN_TEMPORARY.test(name))) {
        if (entry.isSocket()) this.#sockets.add(join(folder, entry.name));
        else if (entry.isDirectory()) this.#folders.add(join(folder, entry.name));
      }
    }
  }

  /** The user's own folder for sockets, if it is not in a usual place. */
  searchUserRuntimeFolder(): void {
    const named = this.#env.XDG_RUNTIME_DIR ?? '';
    for (const top of isAbsolute(named) ? realPaths(named) : []) {
      const below = entriesOf(top).filter((entry) => entry.isDirectory());
      for (const folder of [
        top,
        ...below.map(({ name }) => join(top, name)).filter((path) => !this.#roots.includes(path)),
      ]) {
        for (const entry of entriesOf(folder)) if (entry.isSocket()) this.#sockets.add(join(folder, entry.name));
      }
    }
  }

  /** Paths from the environment, and usual ones. */
  searchNamedPaths(): void {
    const home = this.#env.HOME ?? homedir();
    const usual = ELSEWHERE.map((path) => path.replace(/^~/, home));
    const named = Object.values(this.#env).flatMap((value) => pathsIn(value ?? ''));
    for (const path of [...usual, ...named.slice(0, MAX_NAMES)].flatMap(realPaths))
      if (isSocket(path)) this.#sockets.add(path);
  }

  /** Sockets that are bound in this network according to the kernel; those of other containers are not listed. */
  searchBoundPaths(): void {
    const paths = boundPaths().filter((path) => !this.#roots.some((root) => isWithin(path, root)));
    this.#entriesLeft -= paths.length;
    if (this.#entriesLeft < 0) return;
    for (const path of paths.flatMap(realPaths)) {
      if (!this.#roots.some((root) => isWithin(path, root)) && isSocket(path)) this.#sockets.add(path);
    }
  }

  result(): SocketMounts | null {
    const isKept = (path: string): boolean => [...this.#kept, ...this.#open].some((kept) => isWithin(path, kept));
    this.#addOtherNames();
    const folders = [...this.#folders].filter((path) => !isKept(path) && !this.#roots.includes(path));
    const isCovered = (path: string): boolean => folders.some((folder) => folder !== path && isWithin(path, folder));
    const sockets = [...this.#sockets].filter((path) => !isKept(path) && !isCovered(path));
    if (this.#entriesLeft < 0 || sockets.length > MAX_HIDDEN_ONE_BY_ONE) return null;
    const hidden = folders.filter((path) => !isCovered(path));
    const visible = [...this.#kept, ...this.#open, ...realPaths('/etc/resolv.conf')].filter(isCovered);
    const mounts = new Map<string, readonly string[]>();
    for (const path of hidden) mounts.set(path, ['--tmpfs', path]);
    for (const path of sockets) mounts.set(path, ['--ro-bind', '/dev/null', path]);
    for (const path of visible) mounts.set(path, ['--ro-bind-try', path, path]);
    return { mounts, after: hidden.flatMap((path) => ['--remount-ro', path]) };
  }

  /** Hides second mounts too. */
  #addOtherNames(): void {
    const names = new MountNames();
    for (const path of [...this.#folders].flatMap((one) => names.of(one))) if (isFolder(path)) this.#folders.add(path);
    for (const path of [...this.#sockets].flatMap((one) => names.of(one))) if (isSocket(path)) this.#sockets.add(path);
  }

  /**
   * Hides a folder with sockets whole, so that later ones are hidden too; the top folder contains more than sockets.
   */
  #walk(folder: string, top: string, depth: number): void {
    if (depth > RUNTIME_DEPTH || this.#folders.has(folder) || this.#open.includes(folder)) return;
    const entries = entriesOf(folder);
    this.#entriesLeft -= entries.length;
    if (this.#entriesLeft < 0) return;
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (this.#roots.some((root) => isWithin(path, root))) continue;
      if (entry.isDirectory()) this.#walk(path, top, depth + 1);
      else if (entry.isSocket() && folder === top) this.#sockets.add(path);
      else if (entry.isSocket()) this.#folders.add(folder);
    }
  }
}

/** Paths of bound sockets, as their owners named them. Throws `FileTooLarge`. */
function boundPaths(): string[] {
  let table: string;
  try {
    table = readRegularSync('/proc/net/unix', LARGEST_TABLE_BYTES).toString('utf8');
  } catch (error) {
    if (error instanceof FileTooLarge) throw error;
    return []; // without /proc there is no such list
  }
  const paths = table.split('\n').flatMap((line) => /^(?:\S+ +){7}(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
}

/** Possible paths in a variable's value: `unix:///a`, `unix:path=/a,guid=b`, `/a,1,0`. */
const pathsIn = (value: string): string[] =>
  value.split(/[\s,;:=]/).flatMap((part) => (part.startsWith('/') ? [part] : []));

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not readable for us, nor for commands
  }
}

const isFolder = (path: string): boolean => statIfAny(path)?.isDirectory() === true;
const isSocket = (path: string): boolean => statIfAny(path)?.isSocket() === true;

function statIfAny(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

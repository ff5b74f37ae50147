/**
 * Names that do not exist and must not be created while a confined command runs. A mount needs a mount point, so an
 * empty folder takes the name for as long as any command of any server needs it.
 *
 * The folder is recognised by its sticky bit. Each command keeps an empty folder of its own inside, so that removing
 * the placeholder fails while another command needs it: no lock, no count. Files that the user puts in stay. A helper
 * process briefly outlives the server, and removes what a killed server has left.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { startProgram } from '../base/own-programs.ts';

/** Added to the default mode of `mkdir`; nobody creates `.codex` with it. */
const STICKY = 0o1000;

const HOLDER = '.in-use-';

/**
 * `present`: something else has the name. `closed`: nobody can create it, including commands. `unheld`: it cannot be
 * held, for lack of descriptors or space, or because another user owns the placeholder and may remove it at any time.
 */
export type Claim =
  | { readonly kind: 'held'; readonly holder: string }
  | { readonly kind: 'present' | 'closed' | 'unheld' };

/** For retries when others remove the placeholder in between. */
const ATTEMPTS = 1000;

/** Errors of `mkdir` that a command would get as well. */
const CLOSED: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];

/**
 * Reads paths of placeholders, one per line, until the server is gone. Then it removes the holders with its prefix,
 * and the placeholders that nobody else holds. Commands of the server may still be ending, so it waits a little.
 */
const JANITOR = `
prefix=$1
shift
while IFS= read -r path; do set -- "$@" "$path"; done
waited=
for path; do
  [ -k "$path" ] || continue
  [ -n "$waited" ] || { sleep 0.2; waited=1; }
  for holder in "$path/$prefix"*; do
    [ -d "$holder" ] && rmdir "$holder"
  done
  rmdir "$path"
done
`;

export class Placeholders {
  readonly #prefix = `${HOLDER}${processIdentity(process.pid) ?? process.pid}-${randomUUID().slice(0, 8)}-`;
  readonly #remembered = new Set<string>();
  #janitor: ChildProcess | null = null;
  #count = 0;

  /** Never throws: a name that cannot be held does not prevent a command from running. */
  claim(path: string): Claim {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = standing(path);
      if (found === 'other') return { kind: 'present' };
      // Recorded before it exists, so that it is removed even if this process is killed right after.
      this.#remember(path);
      const error = found === 'absent' ? tryTo(() => mkdirSync(path, 0o755 | STICKY)) : undefined;
      if (error === 'EEXIST') continue;
      if (error !== undefined) return { kind: CLOSED.includes(error) ? 'closed' : 'unheld' };
      const holder = join(path, `${this.#prefix}${this.#count++}`);
      const refusal = tryTo(() => mkdirSync(holder));
      if (refusal === undefined) return { kind: 'held', holder };
      if (refusal === 'ENOENT' || refusal === 'ENOTDIR') continue;
      if (standing(path) !== 'placeholder') continue;
      tryTo(() => rmdirSync(path)); // if it is ours alone
      return { kind: 'unheld' };
    }
    return { kind: 'unheld' };
  }

  /** Call when nothing of the command is left. Never throws. */
  release(path: string, holder: string): void {
    tryTo(() => rmdirSync(holder));
    if (tryTo(() => rmdirSync(path)) !== 'ENOTEMPTY') return;
    const names = namesIn(path);
    for (const name of names.filter(isAbandoned)) tryTo(() => rmdirSync(join(path, name)));
    if (tryTo(() => rmdirSync(path)) !== 'ENOTEMPTY') return;
    // Somebody has put files in: the folder is theirs now.
    if (!namesIn(path).some((name) => name.startsWith(HOLDER))) tryTo(() => makeOrdinary(path));
  }

  #remember(path: string): void {
    if (this.#remembered.has(path) || path.includes('\n')) return;
    this.#remembered.add(path);
    this.#janitor ??= startJanitor(this.#prefix);
    this.#janitor.stdin?.write(`${path}\n`);
  }
}

/** Whether nothing is at `path`, or only a placeholder: in one check, because others come and go. */
export function isFree(path: string): boolean {
  const found = standing(path);
  return found === 'absent' || (found === 'placeholder' && namesIn(path).every((name) => name.startsWith(HOLDER)));
}

/** Only for a placeholder: something else may have its name by now. */
function makeOrdinary(path: string): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if ((fstatSync(folder).mode & STICKY) !== 0) fchmodSync(folder, 0o755);
  } finally {
    closeSync(folder);
  }
}

function standing(path: string): 'absent' | 'placeholder' | 'other' {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'absent';
    return found.isDirectory() && (found.mode & STICKY) !== 0 ? 'placeholder' : 'other';
  } catch (error) {
    return errorCode(error) === 'ENOTDIR' ? 'absent' : 'other';
  }
}

function startJanitor(prefix: string): ChildProcess {
  const child = startProgram('/bin/sh', ['-c', JANITOR, 'sh', prefix], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a janitor the next user of the name removes the placeholder.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

/** Whether the process of a holder no longer exists. Processes that we cannot see are left alone. */
function isAbandoned(name: string): boolean {
  if (!name.startsWith(HOLDER)) return false;
  const [space, pid, startedAt] = name.slice(HOLDER.length).split('-');
  if (space === undefined || pid === undefined || space !== pidNamespace()) return false;
  return processIdentity(Number(pid)) !== `${space}-${pid}-${startedAt}`;
}

/** Unique id of a process: its PID namespace, its id and its start time in ticks since boot. */
function processIdentity(pid: number): string | undefined {
  const space = pidNamespace();
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may contain anything; the start time is the 22nd.
    const startedAt = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return space === undefined || startedAt === undefined ? undefined : `${space}-${pid}-${startedAt}`;
  } catch {
    return undefined;
  }
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/[^0-9]/g, '');
  } catch {
    return undefined;
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The code of the error that it threw; undefined if it did not. */
function tryTo(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';

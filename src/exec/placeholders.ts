/**
 * Names that do not exist and must not come into being while a confined command runs. A mount needs something to lie
 * on, so an empty folder stands at the name for as long as any command needs it, whichever server runs that command.
 *
 * The folder is known by its sticky bit. Each command keeps an empty folder of its own inside, so that removing the
 * placeholder fails by itself while another command still needs it: no lock, no count. What the user puts in stays.
 * A helper process outlives the server by a moment and removes what it has left when it was killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Beside what `mkdir` gives everybody; nobody makes `.codex` with it. */
const STICKY = 0o1000;

const HOLDER = '.in-use-';

/** `present`: something else has the name. `closed`: nobody can create it, commands neither. */
export type Claim = { readonly kind: 'held'; readonly holder: string } | { readonly kind: 'present' | 'closed' };

/** More than once the name was ours and then gone: others come and go. */
const ATTEMPTS = 100;

/**
 * Reads paths of placeholders, one a line, until the server is gone; then removes the holders with its prefix, and the
 * placeholders if nobody else holds them. Commands of the server may be dying at that moment, so it waits a little.
 */
const JANITOR = `
prefix=$1
shift
while IFS= read -r path; do set -- "$@" "$path"; done
waited=
for path; do
  for holder in "$path/$prefix"*; do
    [ -d "$holder" ] || continue
    [ -n "$waited" ] || { sleep 0.2; waited=1; }
    rmdir "$holder"
    rmdir "$path"
  done
done
`;

export class Placeholders {
  readonly #prefix = `${HOLDER}${processMark(process.pid) ?? process.pid}-${randomUUID().slice(0, 8)}-`;
  readonly #remembered = new Set<string>();
  #janitor: ChildProcess | null = null;
  #count = 0;

  /** Throws when the name is free and cannot be taken, for want of room for example. */
  claim(path: string): Claim {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const state = this.#stand(path);
      if (state !== 'placeholder') return { kind: state };
      this.#remember(path);
      const holder = join(path, `${this.#prefix}${this.#count++}`);
      const error = tryTo(() => mkdirSync(holder));
      if (error === undefined) return { kind: 'held', holder };
      // Of somebody else, as in /tmp: it is there, and that is all we can do about it.
      if (error === 'EACCES' || error === 'EPERM') return { kind: 'present' };
      if (error !== 'ENOENT') throw codedError(error, path);
    }
    throw codedError('EBUSY', path);
  }

  /** To be called once nothing of the command is left. Never throws. */
  release(path: string, holder: string): void {
    tryTo(() => rmdirSync(holder));
    if (tryTo(() => rmdirSync(path)) !== 'ENOTEMPTY') return;
    const names = namesIn(path);
    for (const name of names.filter(isAbandoned)) tryTo(() => rmdirSync(join(path, name)));
    if (tryTo(() => rmdirSync(path)) !== 'ENOTEMPTY') return;
    // Somebody has filled it, so it is theirs from now on.
    if (!namesIn(path).some((name) => name.startsWith(HOLDER))) tryTo(() => chmodSync(path, 0o755));
  }

  #stand(path: string): 'placeholder' | 'present' | 'closed' {
    const error = tryTo(() => mkdirSync(path, 0o755 | STICKY));
    if (error === undefined) return 'placeholder';
    if (error === 'EEXIST') return isPlaceholder(path) ? 'placeholder' : 'present';
    if (error === 'EACCES' || error === 'EPERM' || error === 'EROFS' || error === 'ENOENT' || error === 'ENOTDIR')
      return 'closed';
    throw codedError(error, path);
  }

  #remember(path: string): void {
    if (this.#remembered.has(path) || path.includes('\n')) return;
    this.#remembered.add(path);
    this.#janitor ??= startJanitor(this.#prefix);
    this.#janitor.stdin?.write(`${path}\n`);
  }
}

/** Whether the folder at `path` stands there for commands that run, and for nothing else. */
export function isPlaceholder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? false : found.isDirectory() && (found.mode & STICKY) !== 0;
}

function startJanitor(prefix: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', JANITOR, 'sh', prefix], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without it placeholders are still removed, by whoever needs the name next.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

/** A holder of a process that does not exist any more. Processes that we cannot see are left alone. */
function isAbandoned(name: string): boolean {
  if (!name.startsWith(HOLDER)) return false;
  const [space, pid, startedAt] = name.slice(HOLDER.length).split('-');
  if (space === undefined || pid === undefined || space !== processSpace()) return false;
  return processMark(Number(pid)) !== `${space}-${pid}-${startedAt}`;
}

/** Names a process for ever: its process space, its id and when it was started, in ticks since the start of the machine. */
function processMark(pid: number): string | undefined {
  const space = processSpace();
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program comes second, in brackets, and may hold anything; the start is the 22nd field.
    const startedAt = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return space === undefined || startedAt === undefined ? undefined : `${space}-${pid}-${startedAt}`;
  } catch {
    return undefined;
  }
}

function processSpace(): string | undefined {
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

/** The code of the error that it threw; undefined when it did not. */
function tryTo(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
  }
}

const codedError = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: a protected name cannot be kept free: ${path}`), { code });

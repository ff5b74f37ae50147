/**
 * What a confined command can do, as each kind of user. In: a script. Out: what it printed. The command runs in the sandbox of a
 * process of its own, so that this process can stay who it is.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isRoot, NOBODY } from '../../exec/support/protected.ts';

export interface Attempt {
  readonly cwd: string;
  readonly script: string;
  readonly network?: boolean;
  readonly roots?: readonly string[];
  /** Sockets that the user allows. */
  readonly allowed?: readonly string[];
}

export interface Outcome {
  readonly kind: string;
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Why it was refused. */
  readonly message?: string;
}

/** Somebody who runs the server. */
export interface User {
  readonly name: string;
  /** In front of the command line. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Why there is no such user here; false when there is. */
  readonly skip: string | false;
}

const CONFINED = join(process.env.SHARDEX_DIST ?? '', 'tests/attack/support/confined.main.js');
const NOBODY_ID = 65_534;

/** A bubblewrap that takes roots by name only. */
export const BY_NAME = '#!/bin/sh\n[ "$1" = --help ] && exit\nexec bwrap "$@"\n';

/** A bubblewrap that works with a user namespace only, as for root in many containers. */
const INSISTS = '#!/bin/sh\ncase " $* " in *" --help "*|*" --unshare-user "*) exec bwrap "$@";; esac\nexit 1\n';

/** Nobody may mount a /proc of their own where parts of the old one are covered. */
const MASKS = ['sh', '-c', 'mount -t tmpfs none /proc/acpi && exec "$@"', 'sh'];

const works = (words: readonly string[]): boolean =>
  spawnSync(words[0] ?? 'true', [...words.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

const onlyRoot = isRoot ? false : 'only root can be root, or become somebody else';

/** `tools` is a folder for programs that anybody can read. */
export function users(tools: string): readonly User[] {
  const insisting = join(tools, 'insisting-bwrap');
  writeFileSync(insisting, INSISTS, { mode: 0o755 });
  const ordinary = isRoot ? NOBODY : [];
  const masked = [...(isRoot ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount']), ...MASKS];
  const noMask = works(masked) ? false : 'nothing can be mounted here';
  const namespaced = [...ordinary, 'unshare', '--user', '--map-root-user'];
  return [
    { name: 'root', words: [], env: {}, skip: onlyRoot },
    { name: 'root in a user namespace', words: [], env: { SHARDEX_BWRAP: insisting }, skip: onlyRoot },
    { name: 'an ordinary user', words: ordinary, env: {}, skip: works(ordinary) ? false : 'nobody else can be had' },
    {
      name: 'an ordinary user in a container that hides parts of /proc',
      words: [...masked, ...ordinary],
      env: {},
      skip: noMask,
    },
    {
      name: 'an ordinary user who is root in a container',
      words: namespaced,
      env: {},
      skip: works(namespaced) ? false : 'no user namespace can be had',
    },
  ];
}

/** A folder that the user can write to. */
export function folderOf(user: User, path: string): string {
  mkdirSync(path, { recursive: true });
  for (const folder of [path, dirname(path)]) chmodSync(folder, 0o755); // its own way is closed to others
  if (isRoot && user.words.length > 0) chownSync(path, NOBODY_ID, NOBODY_ID);
  return path;
}

export interface AttemptOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptors that the server is started with, by number. */
  readonly descriptors?: Readonly<Record<number, number>>;
  /** Words in front of those of the user. */
  readonly inFront?: readonly string[];
}

export async function attempt(user: User, what: Attempt, options: AttemptOptions = {}): Promise<Outcome> {
  const { env = {}, descriptors = {}, inFront = [] } = options;
  const [program = '', ...args] = [...inFront, ...user.words, process.execPath, CONFINED, JSON.stringify(what)];
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe'];
  for (const [number, descriptor] of Object.entries(descriptors)) {
    while (stdio.length <= Number(number)) stdio.push('ignore');
    stdio[Number(number)] = descriptor;
  }
  const child = spawn(program, args, { env: { ...process.env, ...user.env, ...env }, stdio });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  try {
    return JSON.parse(out);
  } catch {
    throw new Error(`${user.name}: ${out}${err}`);
  }
}

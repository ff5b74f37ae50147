/**
 * `apply_patch` for commands that call it themselves, in a script for example: a folder of launchers in front of PATH.
 *
 * In: the state folder. Out: variables whose PATH begins with the launchers. Owns the folder, which is created on first use and
 * removed at the end; the next server removes folders of killed ones.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { cmdLauncher, type LauncherTarget, shellLauncher } from '../base/launcher.ts';
import type { Logger } from '../base/log.ts';
import { startOf } from '../base/process-start.ts';

type Variables = Readonly<Record<string, string>>;

export interface PatchLaunchersOptions {
  readonly codexHome: string;
  /** The program that applies a patch. */
  readonly target: LauncherTarget;
  readonly log: Logger;
}

/** Both spellings; the place, and that there is none below the folder for temporary files: codex app-server 0.94.0. */
const NAMES = ['apply_patch', 'applypatch'];
const PLACE = ['tmp', 'path'];
const DEFAULT_TEMPORARY = '/tmp';

/** `PID-START-RANDOM`: who has it. Without a start where the system does not tell. */
const NAME = /^(\d{1,10})(?:-(\d+))?-\w{6}$/;

export class PatchLaunchers implements Disposable {
  readonly #options: PatchLaunchersOptions;
  #folder: string | null | undefined;

  constructor(options: PatchLaunchersOptions) {
    this.#options = options;
  }

  /** The variables of commands. Without a place for launchers they stay as they are: most commands need none. */
  inFrontOfPath(env: Variables): Variables {
    if (this.#folder === undefined) this.#folder = this.#make(env.TMPDIR ?? DEFAULT_TEMPORARY);
    if (this.#folder === null) return env;
    return { ...env, PATH: env.PATH === undefined ? this.#folder : this.#folder + delimiter + env.PATH };
  }

  [Symbol.dispose](): void {
    if (typeof this.#folder === 'string') rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #make(temporary: string): string | null {
    const { codexHome, target, log } = this.#options;
    if (isInside(codexHome, temporary)) {
      log.warn('patch', 'no apply_patch on PATH: the state folder is a temporary one', { codexHome });
      return null;
    }
    try {
      const place = join(codexHome, ...PLACE);
      mkdirSync(place, { recursive: true });
      removeOrphans(place);
      const folder = mkdtempSync(join(place, `${process.pid}-${startOf(process.pid) ?? 0}-`));
      for (const name of NAMES) {
        writeFileSync(join(folder, name), shellLauncher(target), { mode: 0o755 });
        if (process.platform === 'win32') writeFileSync(join(folder, `${name}.cmd`), cmdLauncher(target));
      }
      return folder;
    } catch (error) {
      log.warn('patch', 'no apply_patch on PATH: its folder cannot be made', { reason: messageOf(error) });
      return null;
    }
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

function removeOrphans(place: string): void {
  for (const name of readdirSync(place)) {
    const [, owner, start] = NAME.exec(name) ?? [];
    if (owner === undefined || isOwned(Number(owner), start)) continue;
    rmSync(join(place, name), { recursive: true, force: true });
  }
}

/** Process ids are reused, in a container after every start. */
function isOwned(pid: number, start: string | undefined): boolean {
  const found = startOf(pid);
  return start === undefined || start === '0' || found === undefined ? isAlive(pid) : found === start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

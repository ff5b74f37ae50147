/** `auth.json`: replaced as a whole, readable by its owner only. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isNotFound } from '../base/os-error.ts';

/** No write takes so long: a draft of this age was left behind by a process that died over it. */
const ABANDONED_AFTER_MS = 60_000;

export class CredentialsFile {
  readonly #path: string;

  constructor(codexHome: string) {
    this.#path = join(codexHome, 'auth.json');
  }

  /** null when there is no file. */
  async read(): Promise<string | null> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** Written beside the old file and moved over it, so that no reader ever sees half of it. A link stays a link. */
  async write(content: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const target = await this.#target();
    const draft = `${target}.${randomUUID()}.tmp`;
    try {
      await writeDurably(draft, content);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncFolder(dirname(target));
    await sweep(target);
  }

  /** Behind a link, the file too: a logout leaves no token on the disk. */
  async remove(): Promise<void> {
    const target = await this.#target();
    await rm(target, { force: true });
    await rm(this.#path, { force: true });
    await sweep(target);
  }

  #target(): Promise<string> {
    return realpath(this.#path).catch(() => this.#path);
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync(); // a crash right after the move must not leave an empty file
}

/** Without this a crash may undo the move, and a spent refresh token would be back. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, 'r');
    await folder.sync();
  } catch {
    // not every system can; the file itself is whole
  }
}

/** Deletes drafts that nobody will move any more. */
async function sweep(target: string): Promise<void> {
  const folder = dirname(target);
  const start = `${basename(target)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(start) && name.endsWith('.tmp'))) {
    const draft = join(folder, name);
    const ageMs = Date.now() - ((await stat(draft).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (ageMs > ABANDONED_AFTER_MS) await rm(draft, { force: true }).catch(() => undefined);
  }
}

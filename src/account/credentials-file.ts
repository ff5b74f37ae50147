/** `auth.json`: replaced as a whole, readable by its owner only. */
import { constants, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound } from '../base/os-error.ts';
import { openRegular, readRegular } from '../base/regular-file.ts';
import { linkedPath, replaceFile, replaceProblem, sweep } from '../base/replace-file.ts';

/** Tokens are a few kilobytes. */
const MAX_BYTES = 1024 * 1024;

export class CredentialsFile {
  readonly path: string;

  constructor(codexHome: string) {
    this.path = join(codexHome, 'auth.json');
  }

  /** null if there is no file. Rejects with `NotRegularFile`, `FileTooLarge` or the file system's error. */
  async read(): Promise<string | null> {
    try {
      return (await readRegular(this.path, MAX_BYTES)).toString('utf8');
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** Rejects like `replaceFile`. */
  write(content: string): Promise<void> {
    return replaceFile(this.path, content, { mode: 0o600, modeOfExisting: 'set' });
  }

  /** Why `write` would fail, as far as that is known; null if there is no known problem. */
  writeProblem(): Promise<unknown> {
    return replaceProblem(this.path);
  }

  /**
   * Also removes the target of a link: a logout leaves no token on the disk. A file that cannot be removed is
   * truncated.
   */
  async remove(): Promise<void> {
    const target = await linkedPath(this.path);
    await rm(target, { force: true }).catch((error: unknown) => truncateFile(target, error));
    if (target !== this.path) await rm(this.path, { force: true });
    await sweep(target);
  }
}

/** A file that is a mount point, or in a read-only folder, cannot be removed. */
async function truncateFile(path: string, why: unknown): Promise<void> {
  try {
    await using file = await openRegular(path, constants.O_WRONLY);
    await file.truncate(0);
    await file.sync();
  } catch {
    throw why;
  }
}

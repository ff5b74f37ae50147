/** `auth.json`: replaced as a whole, readable by its owner only. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Written beside the old file and moved over it, so that no reader ever sees half of it. A link stays a link. */
  async write(content: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const target = await realpath(this.#path).catch(() => this.#path);
    const draft = `${target}.${randomUUID()}.tmp`;
    try {
      await writeDurably(draft, content);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync(); // a crash right after the move must not leave an empty file
}

/** `auth.json`: the stored login. Replaced as a whole, readable by its owner only. */
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

const StoredCredentials = z.object({
  auth_mode: z.optional(z.enum(['apikey', 'chatgpt', 'chatgptAuthTokens'])),
  OPENAI_API_KEY: z.optional(z.nullable(z.string())),
  tokens: z.optional(
    z.nullable(
      z.object({
        id_token: z.string(),
        access_token: z.string(),
        refresh_token: z.string(),
        account_id: z.optional(z.nullable(z.string())),
      }),
    ),
  ),
  last_refresh: z.optional(z.nullable(z.string())),
});
export type StoredCredentials = z.infer<typeof StoredCredentials>;

export class CredentialsFile {
  readonly #path: string;

  constructor(codexHome: string) {
    this.#path = join(codexHome, 'auth.json');
  }

  /** null when there is no file, or none that can be understood: a broken file counts as not being logged in. */
  async read(): Promise<StoredCredentials | null> {
    let value: unknown;
    try {
      value = JSON.parse(await readFile(this.#path, 'utf8'));
    } catch {
      return null;
    }
    const decoded = StoredCredentials.safeParse(value, { reportInput: false });
    return decoded.success ? decoded.data : null;
  }

  /** Written beside the old file and moved over it, so that no reader ever sees half of it. */
  async write(credentials: StoredCredentials): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const draft = `${this.#path}.${process.pid}.tmp`;
    try {
      await writeFile(draft, JSON.stringify(credentials, null, 2), { mode: 0o600 });
      await chmod(draft, 0o600); // an older draft keeps its mode
      await rename(draft, this.#path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

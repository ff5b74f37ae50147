/** A folder of the demo's own: a CODEX_HOME and a workspace. Removed with everything in it, unless it is to be kept. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the workspace's one file says before and after the turn. */
export const NOTES = { file: 'notes.txt', before: 'Status: draft\nOwner: nobody yet\n', from: 'draft', to: 'finished' };

export interface Provider {
  readonly name: string;
  readonly baseUrl: string;
  /** Name of the variable that holds the key; the key itself is never written anywhere. */
  readonly envKey: string | null;
  readonly model: string | null;
}

export class Scratch implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly workspace: string;
  readonly #keep: boolean;

  static async create(keep: boolean): Promise<Scratch> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'shardex-demo-')));
    const scratch = new Scratch(folder, keep);
    await mkdir(scratch.home);
    await mkdir(scratch.workspace);
    await writeFile(join(scratch.workspace, NOTES.file), NOTES.before);
    return scratch;
  }

  private constructor(folder: string, keep: boolean) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.workspace = join(folder, 'workspace');
    this.#keep = keep;
  }

  /** Writes the configuration; null leaves the choice of a provider to the command line. */
  async configure(provider: Provider | null): Promise<void> {
    await writeFile(join(this.home, 'config.toml'), provider === null ? '' : configText(provider));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#keep) await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const quoted = (text: string): string => JSON.stringify(text);

export function configText({ name, baseUrl, envKey, model }: Provider): string {
  return [
    ...(model === null ? [] : [`model = ${quoted(model)}`]),
    'model_provider = "demo"',
    '',
    '[model_providers.demo]',
    `name = ${quoted(name)}`,
    `base_url = ${quoted(baseUrl)}`,
    'wire_api = "responses"',
    ...(envKey === null ? [] : [`env_key = ${quoted(envKey)}`]),
    '',
  ].join('\n');
}

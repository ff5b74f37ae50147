/** A CODEX_HOME, a home, an administrator's folder and a workspace of a test's own, removed when it ends. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ConfigEnvironment } from '../../src/config/environment.ts';
import { type ConfigRequest, loadConfig } from '../../src/config/load.ts';

export class Sandbox implements AsyncDisposable {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get home(): string {
    return join(this.root, 'codex-home');
  }

  get workspace(): string {
    return join(this.root, 'workspace');
  }

  get system(): string {
    return join(this.root, 'etc');
  }

  get environment(): ConfigEnvironment {
    return { variables: {}, homeFolder: join(this.root, 'user'), systemFolder: this.system, serverVersion: '1.2.3' };
  }

  request(more: Partial<ConfigRequest> = {}): ConfigRequest {
    return {
      codexHome: this.home,
      processCwd: this.workspace,
      cliOverrides: [],
      enable: [],
      disable: [],
      analyticsDefault: false,
      ...more,
    };
  }

  load(more: Partial<ConfigRequest> = {}) {
    return loadConfig(this.request(more), this.environment);
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** What `git init` leaves that matters here. */
  async makeRepository(path: string): Promise<void> {
    await this.write(`${path}/.git/HEAD`, 'ref: refs/heads/main\n');
    await mkdir(join(this.root, path, '.git/objects'), { recursive: true });
    await mkdir(join(this.root, path, '.git/refs'), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

export async function sandbox(files: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
  const made = new Sandbox(await realpath(await mkdtemp(join(tmpdir(), 'shardex-config-'))));
  for (const folder of [made.home, made.workspace, made.system]) await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) await made.write(path, text);
  return made;
}

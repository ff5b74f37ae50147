/** A folder for one server of a measurement: its CODEX_HOME and the workspace it runs in. Removed with everything in it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scratch implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly workspace: string;

  static async create(baseUrl: string): Promise<Scratch> {
    const scratch = new Scratch(await mkdtemp(join(tmpdir(), 'shardex-bench-')));
    await Promise.all([mkdir(scratch.home), mkdir(scratch.workspace)]);
    await writeFile(join(scratch.home, 'config.toml'), configText(baseUrl));
    return scratch;
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.workspace = join(folder, 'workspace');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A provider that is always there: no retries hide a failure, and nothing asks the network for anything else. */
const configText = (baseUrl: string): string => `model = "bench-model"
model_provider = "bench"
approval_policy = "never"
sandbox_mode = "read-only"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
remote_models = false

[model_providers.bench]
name = "bench"
base_url = ${JSON.stringify(baseUrl)}
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;

/** What makes a program log, sign in, talk to another upstream, or search or run otherwise than it does for everybody. */
const NOT_INHERITED = /^(CODEX_|OPENAI_|SHARDEX_|FZF_|RUST_|NODE_|UV_|.*_proxy$)/i;

/** The environment of every program that is timed, whosever it is. */
export function cleanEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || NOT_INHERITED.test(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(kept);
}

/** The same for a server with the given CODEX_HOME. */
export const serverEnv = (env: NodeJS.ProcessEnv, home: string): Record<string, string> => ({
  ...cleanEnv(env),
  CODEX_HOME: home,
});

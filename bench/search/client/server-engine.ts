/** A JSON-RPC server as an engine: `fuzzyFileSearch` for searches, `thread/loaded/list` as the smallest request. */
import { ServerProcess } from '../../client/server-process.ts';
import { Scratch, serverEnv } from '../../scratch.ts';
import type { RunningEngine } from './engine.ts';

/** Nothing answers there, and nothing is asked: searches need no model. */
const NO_UPSTREAM = 'http://127.0.0.1:9/v1';

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export class ServerEngine implements RunningEngine {
  readonly #server: ServerProcess;
  readonly #scratch: Scratch;

  /** Resolves when `initialize` is answered. */
  static async start({ program, args, env }: ServerCommand): Promise<ServerEngine> {
    const scratch = await Scratch.create(NO_UPSTREAM);
    // The user's own git excludes must not decide what is found.
    const ownEnv = { ...serverEnv(env, scratch.home), HOME: scratch.home, XDG_CONFIG_HOME: scratch.home };
    const start = { program, args, env: ownEnv, cwd: scratch.workspace, optOut: [] };
    const engine = new ServerEngine(new ServerProcess(start, () => undefined), scratch);
    try {
      const clientInfo = { name: 'bench', title: null, version: '1.0.0' };
      await engine.#server.request('initialize', { clientInfo });
      engine.#server.notify('initialized');
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(server: ServerProcess, scratch: Scratch) {
    this.#server = server;
    this.#scratch = scratch;
  }

  get pid(): number {
    return this.#server.pid;
  }

  async search(root: string, query: string, token: string | null): Promise<readonly string[]> {
    const params = { query, roots: [root], ...(token === null ? {} : { cancellationToken: token }) };
    return pathsOf(await this.#server.request('fuzzyFileSearch', params));
  }

  async ping(): Promise<void> {
    await this.#server.request('thread/loaded/list', {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await this.#scratch[Symbol.asyncDispose]();
  }
}

/** The paths in a reply to `fuzzyFileSearch`. Throws when it has none. */
function pathsOf(result: unknown): string[] {
  const files: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'files') : null;
  if (!Array.isArray(files)) throw new Error('fuzzyFileSearch answered without files');
  return files.map((file: unknown) => {
    const path: unknown = typeof file === 'object' && file !== null ? Reflect.get(file, 'path') : null;
    if (typeof path !== 'string') throw new Error('fuzzyFileSearch answered a file without a path');
    return path;
  });
}

/** The helpers of a measurement, each a process of its own: a client and the upstream. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Remote, wrap } from 'comlink';
import { channelOf } from './channel.ts';

/** A call of the client, or the news that its process has ended. */
export type CallClient<C> = <T>(call: (client: Remote<C>) => Promise<T>) => Promise<T>;

const EXIT_LIMIT_MS = 10_000;

/** `C` is what the client process exposes. */
export class ClientProcess<C> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #client: Remote<C>;
  readonly #ended: Promise<never>;

  /** `program` is the built entry of the client. */
  constructor(program: URL, env: NodeJS.ProcessEnv = process.env) {
    this.#child = fork(fileURLToPath(program), { env });
    this.#client = wrap<C>(channelOf(this.#child));
    this.#ended = once(this.#child, 'exit').then(() => Promise.reject(new Error('the client process ended')));
    this.#ended.catch(() => undefined); // calls see it
  }

  readonly call: CallClient<C> = (call) => Promise.race([call(this.#client), this.#ended]);

  /** Lets the client end what it has started. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_LIMIT_MS);
    await this.#ended.catch(() => undefined);
    clearTimeout(timer);
  }
}

export class UpstreamProcess implements AsyncDisposable {
  /** What goes into a provider's `base_url`. */
  readonly baseUrl: string;
  readonly #child: ChildProcess;

  static async start(programs: URL): Promise<UpstreamProcess> {
    const child = fork(fileURLToPath(new URL('upstream/upstream.main.js', programs)));
    const [port]: unknown[] = await once(child, 'message');
    if (typeof port !== 'number') throw new Error('the upstream has no port');
    return new UpstreamProcess(child, `http://127.0.0.1:${port}/v1`);
  }

  private constructor(child: ChildProcess, baseUrl: string) {
    this.#child = child;
    this.baseUrl = baseUrl;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}

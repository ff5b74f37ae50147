/** One run of the bench of turns: every server has a fresh folder of its own. */
import type { Remote } from 'comlink';
import type { BenchClient, ServerStart } from './client/contract.ts';
import {
  type Audience,
  type BenchOptions,
  type CalledServer,
  EngineBench,
  type StartedServer,
} from './engine-bench.ts';
import type { Engine } from './engines.ts';
import { ClientProcess, UpstreamProcess } from './processes.ts';

export class Bench extends EngineBench<BenchClient> {
  static async open(options: BenchOptions): Promise<Bench> {
    return new Bench(options, await UpstreamProcess.start(options.programs));
  }

  private constructor(options: BenchOptions, upstream: UpstreamProcess) {
    super(options, upstream, new ClientProcess(new URL('client/client.main.js', options.programs)));
  }

  /** From spawning an empty Node program, as servers are spawned, to its end; in milliseconds. */
  async timeEmptyProgram(): Promise<number> {
    await using scratch = await this.home();
    const start = this.surroundings(scratch);
    return await this.call((client) => client.timeEmptyProgram(start));
  }

  /** Starts the engine's server, gives it to `work`, and ends it. */
  async withServer<T>(
    engine: Engine,
    audience: Audience,
    work: (server: CalledServer<BenchClient>) => Promise<T>,
  ): Promise<T> {
    await using scratch = await this.home();
    return await this.serve(engine, scratch, audience, work);
  }

  protected start(client: Remote<BenchClient>, request: ServerStart): Promise<StartedServer> {
    return client.start(request);
  }

  protected stop(client: Remote<BenchClient>): Promise<void> {
    return client.stop();
  }
}

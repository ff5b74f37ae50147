/** One run of the bench of stored threads: workloads plant homes full of them and ask for servers on these. */
import type { Remote } from 'comlink';
import type { ServerStart } from '../client/contract.ts';
import { type BenchOptions, type CalledServer, EngineBench, type StartedServer } from '../engine-bench.ts';
import type { Engine } from '../engines.ts';
import type { Workload } from '../figure.ts';
import { ClientProcess, UpstreamProcess } from '../processes.ts';
import type { Scratch } from '../scratch.ts';
import type { ThreadClient } from './client/contract.ts';

export type ThreadWorkload = Workload<ThreadBench>;
export type ThreadServer = CalledServer<ThreadClient>;

export class ThreadBench extends EngineBench<ThreadClient> {
  static async open(options: BenchOptions): Promise<ThreadBench> {
    return new ThreadBench(options, await UpstreamProcess.start(options.programs));
  }

  private constructor(options: BenchOptions, upstream: UpstreamProcess) {
    super(options, upstream, new ClientProcess(new URL('threads/client/client.main.js', options.programs)));
  }

  /** Starts the engine's server on a home, gives it to `work`, and ends it. */
  withServer<T>(engine: Engine, home: Scratch, work: (server: ThreadServer) => Promise<T>): Promise<T> {
    return this.serve(engine, home, 'opted out of old events', work);
  }

  protected start(client: Remote<ThreadClient>, request: ServerStart): Promise<StartedServer> {
    return client.start(request);
  }

  protected stop(client: Remote<ThreadClient>): Promise<void> {
    return client.stop();
  }
}

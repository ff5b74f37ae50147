/** The client of the measured servers: one server at a time, asked for stored threads. Takes times. */
import type { ServerStart } from '../../client/contract.ts';
import { ServerProcess } from '../../client/server-process.ts';
import type { Call, CallTimes, ThreadClient, TimedCalls } from './contract.ts';

export class Client implements ThreadClient {
  #server: ServerProcess | null = null;

  async start(request: ServerStart): Promise<{ readonly pid: number; readonly replyMs: number }> {
    const capabilities = request.optOut.length === 0 ? {} : { optOutNotificationMethods: request.optOut };
    const began = performance.now();
    const server = new ServerProcess(request, () => undefined);
    this.#server = server;
    const clientInfo = { name: 'bench', title: null, version: '1.0.0' };
    await server.request('initialize', { clientInfo, capabilities });
    const replyMs = performance.now() - began;
    server.notify('initialized');
    return { pid: server.pid, replyMs };
  }

  async time({ calls, pingEveryMs }: TimedCalls): Promise<CallTimes> {
    const server = this.#running();
    const callMs: number[] = [];
    const pingMs: number[] = [];
    const ping = (): void => {
      const began = performance.now();
      server.request('thread/loaded/list', {}).then(
        () => pingMs.push(performance.now() - began),
        () => undefined, // the server has ended, which the calls report
      );
    };
    const timer = pingEveryMs === null ? undefined : setInterval(ping, pingEveryMs);
    try {
      for (const { method, params } of calls) {
        const began = performance.now();
        await server.request(method, params);
        callMs.push(performance.now() - began);
      }
    } finally {
      clearInterval(timer);
    }
    return { callMs, pingMs };
  }

  ask({ method, params }: Call): Promise<unknown> {
    return this.#running().request(method, params);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  #running(): ServerProcess {
    if (this.#server === null) throw new Error('no server was started');
    return this.#server;
  }
}

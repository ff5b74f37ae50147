/** The client of the measured servers: one server at a time, its threads and its turns. Counts lines and takes times. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BenchClient, EmptyProgramStart, FirstUse, ServerStart, TurnsRequest, TurnsResult } from './contract.ts';
import { Pinger } from './pinger.ts';
import { ServerProcess } from './server-process.ts';

type OnTurnCompleted = (threadId: string, line: string) => void;

export class Client implements BenchClient {
  #server: ServerProcess | null = null;
  #spawnedAtMs = 0;
  #threads: string[] = [];
  #onTurnCompleted: OnTurnCompleted = () => undefined;

  async timeEmptyProgram({ env, cwd }: EmptyProgramStart): Promise<number> {
    const began = performance.now();
    const [code] = await once(
      spawn(process.execPath, ['-e', '0'], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] }),
      'exit',
    );
    const tookMs = performance.now() - began;
    if (code !== 0) throw new Error(`an empty program ended with ${code}`);
    return tookMs;
  }

  async start(request: ServerStart): Promise<{ readonly pid: number; readonly replyMs: number }> {
    const capabilities = request.optOut.length === 0 ? {} : { optOutNotificationMethods: request.optOut };
    this.#spawnedAtMs = performance.now();
    const server = new ServerProcess(request, (threadId, line) => this.#onTurnCompleted(threadId, line));
    this.#server = server;
    this.#threads = [];
    const clientInfo = { name: 'bench', title: null, version: '1.0.0' };
    await server.request('initialize', { clientInfo, capabilities });
    const replyMs = performance.now() - this.#spawnedAtMs;
    server.notify('initialized');
    return { pid: server.pid, replyMs };
  }

  async firstTurn(text: string): Promise<FirstUse> {
    await this.openThreads(1);
    const threadMs = performance.now() - this.#spawnedAtMs;
    await this.runTurns({ threads: 1, turnsEach: 1, text, pingEveryMs: null });
    return { threadMs, turnMs: performance.now() - this.#spawnedAtMs };
  }

  async openThreads(count: number): Promise<void> {
    const server = this.#running();
    const opened = await Promise.all(Array.from({ length: count }, () => server.request('thread/start', {})));
    this.#threads.push(...opened.map(threadIdOf));
  }

  async runTurns(request: TurnsRequest): Promise<TurnsResult> {
    const server = this.#running();
    const lines = server.lines;
    const turnMs: number[] = [];
    const pings = request.pingEveryMs === null ? null : this.#pinger(server, request.pingEveryMs);
    const began = performance.now();
    try {
      await this.#converse(server, request, turnMs);
      const elapsedMs = performance.now() - began;
      const counted = server.lines - lines;
      return { elapsedMs, turnMs, lines: counted, pingMs: (await pings?.finish()) ?? [] };
    } finally {
      pings?.stop();
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  #converse(server: ServerProcess, request: TurnsRequest, turnMs: number[]): Promise<void> {
    const threads = this.#threads.slice(0, request.threads);
    const began = new Map<string, number>();
    const left = new Map(threads.map((threadId) => [threadId, request.turnsEach]));
    return new Promise<void>((resolve, reject) => {
      const next = (threadId: string): void => {
        began.set(threadId, performance.now());
        const input = [{ type: 'text', text: request.text }];
        server.request('turn/start', { threadId, input }).catch(reject);
      };
      this.#onTurnCompleted = (threadId, line) => {
        turnMs.push(performance.now() - (began.get(threadId) ?? Number.NaN));
        if (!line.includes('"status":"completed"')) reject(new Error(`a turn failed: ${line}`));
        const remaining = (left.get(threadId) ?? 0) - 1;
        left.set(threadId, remaining);
        if (remaining > 0) next(threadId);
        else left.delete(threadId);
        if (left.size === 0) resolve();
      };
      for (const threadId of threads) next(threadId);
    });
  }

  #pinger(server: ServerProcess, everyMs: number): Pinger {
    return new Pinger(async () => void (await server.request('thread/loaded/list', {})), everyMs);
  }

  #running(): ServerProcess {
    if (this.#server === null) throw new Error('no server was started');
    return this.#server;
  }
}

function threadIdOf(result: unknown): string {
  const thread: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'thread') : null;
  const id: unknown = typeof thread === 'object' && thread !== null ? Reflect.get(thread, 'id') : null;
  if (typeof id !== 'string') throw new Error('thread/start answered without a thread');
  return id;
}

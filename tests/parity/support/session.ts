/**
 * One run of one server, ours or the reference, in a throw-away box, with everything said and stored kept for comparison.
 *
 * In: a command, a set-up, a conversation as code. Out: a `Recording`. Owns the process, the model server and the folders.
 * Boxes of both servers have paths of one length, because paths count where texts are cut.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ModelServer, type ReceivedRequest } from '../../support/model-server.ts';
import { configToml, type SetUp } from './set-up.ts';
import { commandOf, filesBelow, killGroup, type SideName, type StoredFile } from './side.ts';

export type { SetUp, SideName };

// biome-ignore lint/suspicious/noExplicitAny: both servers' JSON, looked at as it came
export type Loose = any;

export interface Entry {
  readonly from: 'client' | 'server';
  readonly message: Loose;
}

export interface Recording {
  readonly side: SideName;
  readonly folder: string;
  readonly origin: string;
  readonly transcript: readonly Entry[];
  readonly upstream: readonly ReceivedRequest[];
  readonly rollouts: readonly StoredFile[];
  /** Texts of other files in CODEX_HOME that both may write: rules, config. */
  readonly files: readonly StoredFile[];
  readonly exitCode: number | null;
  readonly stderr: string;
}

type Predicate = (message: Loose) => boolean;
type Answer = (params: Loose) => Loose;

const WAIT_LIMIT_MS = 60_000;
const QUIET_MS = 120;
const EXIT_LIMIT_MS = 5000;

export class Session {
  readonly side: SideName;
  readonly folder: string;
  readonly home: string;
  readonly workspace: string;
  readonly model: ModelServer;
  readonly transcript: Entry[] = [];
  readonly #setUp: SetUp;
  readonly #answers = new Map<string, Answer>();
  readonly #waiters = new Set<() => void>();
  readonly #taken = new Set<Loose>();
  #child: ChildProcessWithoutNullStreams | null = null;
  #closed: Promise<number | null> = Promise.resolve(null);
  #exitCode: number | null = null;
  #nextId = 1;
  #stderr = '';
  #lastSaid = 0;

  static async open(side: SideName, setUp: SetUp = {}): Promise<Session> {
    return new Session(side, await ModelServer.start(), setUp);
  }

  private constructor(side: SideName, model: ModelServer, setUp: SetUp) {
    this.side = side;
    this.model = model;
    this.#setUp = setUp;
    this.folder = mkdtempSync(join(process.env.SHARDEX_TEST_BOXES ?? '/var/tmp', 'parity-'));
    this.home = join(this.folder, 'home');
    this.workspace = join(this.folder, 'work');
    for (const name of ['home', 'work', 'tmp', 'user']) mkdirSync(join(this.folder, name));
    this.write(join(this.home, '.personality_migration'), 'v1\n'); // else the reference edits config.toml
    this.writeConfig(setUp);
  }

  writeConfig(setUp: SetUp): void {
    writeFileSync(join(this.home, 'config.toml'), configToml(this.model.baseUrl, setUp));
  }

  /** Writes a file, relative to the workspace. */
  write(path: string, content: string | Uint8Array): string {
    const target = resolve(this.workspace, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  }

  /** Takes over the stored threads of another home, as they are. */
  adoptSessions(home: string): void {
    cpSync(join(home, 'sessions'), join(this.home, 'sessions'), { recursive: true });
  }

  /** Sends a request and gives its whole reply. */
  async request(method: string, params: Loose = {}): Promise<Loose> {
    const id = this.send(method, params);
    return this.waitFor(({ id: got, method: named }) => got === id && named === undefined, `reply to ${method}`);
  }

  /** Sends a request that must succeed and gives its result. */
  async call(method: string, params: Loose = {}): Promise<Loose> {
    const reply = await this.request(method, params);
    if (reply.error !== undefined) throw new Error(`${this.side}: ${method}: ${JSON.stringify(reply.error)}`);
    return reply.result;
  }

  /** Sends a request and gives its id. */
  send(method: string, params: Loose): number {
    const id = this.#nextId++;
    this.#write({ id, method, params });
    return id;
  }

  /** Answers every server request of this method; null leaves one open. */
  answer(method: string, answer: Answer): void {
    this.#answers.set(method, answer);
  }

  async start(): Promise<void> {
    this.#spawn();
    const clientInfo = { name: 'parity', title: 'Parity', version: '1.0.0' };
    await this.call('initialize', { clientInfo });
    this.#write({ method: 'initialized' });
  }

  async thread(params: Loose = {}): Promise<string> {
    return (await this.call('thread/start', { cwd: this.workspace, ...params })).thread.id;
  }

  /** Starts a turn; a string is its text. */
  async begin(threadId: string, input: string | readonly Loose[], params: Loose = {}): Promise<string> {
    const parts = typeof input === 'string' ? [{ type: 'text', text: input }] : input;
    return (await this.call('turn/start', { threadId, input: parts, ...params })).turn.id;
  }

  /** Resolves with the thread's next completed turn that nobody has waited for. */
  async ended(threadId: string): Promise<Loose> {
    const fits = ({ method, params }: Loose) => method === 'turn/completed' && params.threadId === threadId;
    return (await this.take(fits, 'turn/completed')).params.turn;
  }

  /** A turn from its start to its end. */
  async turn(threadId: string, input: string | readonly Loose[], params: Loose = {}): Promise<Loose> {
    await this.begin(threadId, input, params);
    return this.ended(threadId);
  }

  /** The first message that fits, there or still to come. */
  async waitFor(fits: Predicate, what: string): Promise<Loose> {
    const limit = Date.now() + WAIT_LIMIT_MS;
    for (;;) {
      const found = this.#said().find((message) => tolerant(fits, message));
      if (found !== undefined) return found;
      if (this.#child === null)
        throw new Error(`${this.side}: gone before ${what}; stderr: ${this.#stderr.slice(-800)}`);
      await this.#more(limit - Date.now(), what);
    }
  }

  /** Like `waitFor`, and not given again. */
  async take(fits: Predicate, what: string): Promise<Loose> {
    const found = await this.waitFor((message) => !this.#taken.has(message) && fits(message), what);
    this.#taken.add(found);
    return found;
  }

  /** Resolves when the server has been silent for a moment: what it says beside its answers has no end mark. */
  async quiet(): Promise<void> {
    for (;;) {
      const silentMs = Date.now() - this.#lastSaid;
      if (silentMs >= QUIET_MS) return;
      await delay(QUIET_MS - silentMs + 1);
    }
  }

  /** Ends the server; the next `start` begins another one on the same home. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    await this.quiet();
    child.stdin.end();
    const timer = setTimeout(() => killGroup(child.pid), EXIT_LIMIT_MS);
    this.#exitCode = await this.#closed;
    clearTimeout(timer);
    killGroup(child.pid);
  }

  recording(): Recording {
    const stored = filesBelow(this.home);
    return {
      side: this.side,
      folder: this.folder,
      origin: this.model.origin,
      transcript: this.transcript,
      upstream: this.model.received,
      rollouts: stored.filter(({ path }) => path.endsWith('.jsonl')),
      files: stored.filter(({ path }) => /^(rules\/|config\.toml$)/.test(path)),
      exitCode: this.#exitCode,
      stderr: this.#stderr,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killGroup(this.#child?.pid);
    await this.#closed;
    await this.model[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #said(): Loose[] {
    return this.transcript.filter(({ from }) => from === 'server').map(({ message }) => message);
  }

  #more(limitMs: number, what: string): Promise<void> {
    return new Promise((done, reject) => {
      const last = (): string =>
        this.#said()
          .slice(-4)
          .map((line) => JSON.stringify(line).slice(0, 300))
          .join('\n  ');
      const fail = (): void => {
        this.#waiters.delete(wake);
        reject(new Error(`${this.side}: no ${what}; last:\n  ${last()}\nstderr: ${this.#stderr.slice(-800)}`));
      };
      const timer = setTimeout(fail, Math.max(0, limitMs));
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        done();
      };
      this.#waiters.add(wake);
    });
  }

  #write(message: Loose): void {
    this.transcript.push({ from: 'client', message });
    this.#lastSaid = Date.now();
    this.#child?.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #spawn(): void {
    const [program, ...args] = commandOf(this.side);
    const child = spawn(program, [...args, ...(this.#setUp.args ?? [])], {
      cwd: this.workspace,
      detached: true, // a group of its own: stray tool processes go with it
      stdio: 'pipe',
      env: {
        PATH: process.env.PATH,
        HOME: join(this.folder, 'user'),
        CODEX_HOME: this.home,
        TMPDIR: join(this.folder, 'tmp'),
        SHELL: '/bin/bash',
        USER: 'parity',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        ...this.#setUp.env,
      },
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#read(line);
    });
    this.#closed = new Promise((done) => {
      child.on('error', () => done(null));
      child.on('close', (code) => done(code));
    });
    void this.#closed.then(() => {
      this.#child = null;
      for (const wake of [...this.#waiters]) wake();
    });
  }

  #read(line: string): void {
    const message: Loose = JSON.parse(line);
    this.#lastSaid = Date.now();
    this.transcript.push({ from: 'server', message });
    if (message.method !== undefined && message.id !== undefined) {
      const result = this.#answers.get(message.method)?.(message.params) ?? null;
      if (result !== null) this.#write({ id: message.id, result });
    }
    for (const wake of [...this.#waiters]) wake();
  }
}

function tolerant(fits: Predicate, message: Loose): boolean {
  try {
    return fits(message);
  } catch {
    return false; // a predicate that stumbles over an odd message does not fit it
  }
}

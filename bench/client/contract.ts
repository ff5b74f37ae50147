/** What the bench asks of its client process, over comlink. All times in milliseconds, measured in that process. */

export interface ServerStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Notifications not wanted; empty for a server that cannot be told. */
  readonly optOut: readonly string[];
}

/** Where an empty program runs: as the server it is compared with. */
export type EmptyProgramStart = Pick<ServerStart, 'env' | 'cwd'>;

export interface TurnsRequest {
  /** The first so many of the open threads take part, all at once. */
  readonly threads: number;
  /** One after the other in each thread. */
  readonly turnsEach: number;
  /** What the user says in every turn. */
  readonly text: string;
  /** Sends a `thread/loaded/list` this often while turns run; null for never. */
  readonly pingEveryMs: number | null;
}

export interface TurnsResult {
  /** First `turn/start` written to last `turn/completed` read. */
  readonly elapsedMs: number;
  /** `turn/start` written to `turn/completed` read, of every turn. */
  readonly turnMs: readonly number[];
  /** Lines read meanwhile. */
  readonly lines: number;
  /** Round trips of the pings, of those too that were answered after the last turn. */
  readonly pingMs: readonly number[];
}

/** From the spawn of the server on. */
export interface FirstUse {
  /** To the answer to `thread/start`. */
  readonly threadMs: number;
  /** To the end of a turn in that thread. */
  readonly turnMs: number;
}

export interface BenchClient {
  /** From spawning an empty Node program to its end. Rejects when it fails. */
  timeEmptyProgram(start: EmptyProgramStart): Promise<number>;
  /** Spawns the server and says `initialize`; `replyMs` is from the spawn to the line of the reply. */
  start(request: ServerStart): Promise<{ readonly pid: number; readonly replyMs: number }>;
  /** The server's first thread, and a turn in it at once. Rejects when the turn does not complete. */
  firstTurn(text: string): Promise<FirstUse>;
  openThreads(count: number): Promise<void>;
  /** Rejects when a turn does not complete. */
  runTurns(request: TurnsRequest): Promise<TurnsResult>;
  /** Ends the server's input and waits for its end. */
  stop(): Promise<void>;
}

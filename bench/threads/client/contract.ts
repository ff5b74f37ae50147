/** What the bench asks of its client process, over comlink. All times in milliseconds, measured in that process. */
import type { ServerStart } from '../../client/contract.ts';

export interface Call {
  readonly method: string;
  readonly params: object;
}

export interface TimedCalls {
  /** Sent one after the other: the next when the last was answered. */
  readonly calls: readonly Call[];
  /** Sends a `thread/loaded/list` this often meanwhile; null for never. */
  readonly pingEveryMs: number | null;
}

export interface CallTimes {
  /** Request written to reply read, of every call in order. */
  readonly callMs: readonly number[];
  /** Round trips of the pings. */
  readonly pingMs: readonly number[];
}

export interface ThreadClient {
  /** Spawns the server and says `initialize`; `replyMs` is from the spawn to the line of the reply. */
  start(request: ServerStart): Promise<{ readonly pid: number; readonly replyMs: number }>;
  /** Rejects when a call is answered with an error. */
  time(request: TimedCalls): Promise<CallTimes>;
  /** The result of one call, for a look at what was answered. */
  ask(call: Call): Promise<unknown>;
  /** Ends the server's input and waits for its end. */
  stop(): Promise<void>;
}

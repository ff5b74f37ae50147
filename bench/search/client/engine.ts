/** The one shape behind which every engine is measured. */

export interface RunningEngine extends AsyncDisposable {
  /** The process that is there all the time; null when there is none. */
  readonly pid: number | null;
  /**
   * The best paths below the root, relative to it, best first. With a token, a newer search with the same token replaces this
   * one, which may then answer anything, but must answer. Rejects when the engine fails or ends.
   */
  search(root: string, query: string, token: string | null): Promise<readonly string[]>;
  /** The smallest request there is: what remains is the cost of the wire. */
  ping(): Promise<void>;
}

/** Paths in an answer; observed on codex app-server 0.94.0, and what other engines are asked for. */
export const ANSWER_LIMIT = 50;

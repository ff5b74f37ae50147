/** Splits long work into pieces, so that the thread can handle incoming events in between. */

/** Longer pieces delay other work; shorter ones take longer in total. */
const LONGEST_PIECE_MS = 8;

/** Resolves after all pending events have been handled: messages, and changes of watched folders. */
export const pendingEventsHandled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Pacer {
  readonly #longestPieceMs: number;
  #pieceStartMs = performance.now();

  constructor(longestPieceMs = LONGEST_PIECE_MS) {
    this.#longestPieceMs = longestPieceMs;
  }

  /** Whether it is time for a pause. */
  get isDue(): boolean {
    return performance.now() - this.#pieceStartMs > this.#longestPieceMs;
  }

  async pause(): Promise<void> {
    await pendingEventsHandled();
    this.#pieceStartMs = performance.now();
  }
}

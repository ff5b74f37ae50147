/** Cuts long work into pieces, so that a thread hears what comes in meanwhile. */

/** Longer pieces keep others waiting, shorter ones take longer in all. */
const LONGEST_PIECE_MS = 8;

/** Resolves after everything that is waiting to be heard has been heard: messages, and changes of watched folders. */
export const heardAll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
    await heardAll();
    this.#pieceStartMs = performance.now();
  }
}

/** Cuts long work into pieces, so that a thread hears what comes in meanwhile. */

const LONGEST_PIECE_MS = 8;

/** Resolves after everything that is waiting to be heard has been heard: messages, and changes of watched folders. */
export const heardAll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Pacer {
  #pieceStartMs = performance.now();

  /** Whether it is time for a pause. */
  get isDue(): boolean {
    return performance.now() - this.#pieceStartMs > LONGEST_PIECE_MS;
  }

  async pause(): Promise<void> {
    await heardAll();
    this.#pieceStartMs = performance.now();
  }
}

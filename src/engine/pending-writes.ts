/**
 * What a shard has to store before anything that it says gets out. In: the recorders that have gathered lines. Out: one call for
 * each at the end of the tick, or before events leave if that is earlier: a tick's lines cost one write.
 */
export class PendingWrites {
  #flushes = new Set<() => void>();

  /** `flush` must not throw; the same one is called once however often it is added. */
  readonly add = (flush: () => void): void => {
    if (this.#flushes.size === 0) setImmediate(() => this.run());
    this.#flushes.add(flush);
  };

  run(): void {
    if (this.#flushes.size === 0) return;
    const flushes = this.#flushes;
    this.#flushes = new Set();
    for (const flush of flushes) flush();
  }
}

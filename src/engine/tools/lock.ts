/** Decides which tool calls of a turn may overlap: parallel ones share, every other one runs alone, in call order. */
export class ToolLock {
  #tail: Promise<void> = Promise.resolve();
  #shared: Promise<void>[] = [];

  /** Runs `work` when its turn has come. Order of calls is order of starts. */
  run<T>(parallel: boolean, work: () => Promise<T>): Promise<T> {
    const ready = parallel ? this.#tail : Promise.all([this.#tail, ...this.#shared]);
    const result = ready.then(work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    if (parallel) this.#shared.push(settled);
    else {
      this.#tail = settled;
      this.#shared = [];
    }
    return result;
  }
}

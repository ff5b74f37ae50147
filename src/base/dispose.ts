/** A closer: may be async, may throw. */
export type Closer = () => void | Promise<void>;

/**
 * Things to close, in reverse order of their adding. Closing twice is harmless; a closer that throws does not skip the
 * rest: one failure is thrown as it is, several as an AggregateError, after all have run.
 */
export class DisposeList implements AsyncDisposable {
  readonly #closers: Closer[] = [];
  #closing: Promise<void> | undefined;

  /** Adds a closer; when the list is already closed it runs at once. */
  add(close: Closer): void {
    if (this.#closing === undefined) {
      this.#closers.push(close);
      return;
    }
    this.#closing = this.#closing.then(close);
  }

  /** Adds something disposable and hands it back. */
  use<T extends Disposable | AsyncDisposable>(owned: T): T {
    this.add(() => (Symbol.asyncDispose in owned ? toVoid(owned[Symbol.asyncDispose]()) : owned[Symbol.dispose]()));
    return owned;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} closers failed`);
  }
}

async function toVoid(work: PromiseLike<unknown>): Promise<void> {
  await work;
}

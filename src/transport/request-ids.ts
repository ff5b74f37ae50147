/**
 * Gives every accepted request a number of our own, because a client may use one id twice at a time and may use integers that a
 * JavaScript number cannot hold. Keeps the client's text until the answer is written.
 */
export class RequestIds {
  readonly #texts = new Map<number, string>();
  #last = 0;

  /** Number of requests that have no answer yet. */
  get outstanding(): number {
    return this.#texts.size;
  }

  accept(idText: string): number {
    this.#last += 1;
    this.#texts.set(this.#last, idText);
    return this.#last;
  }

  /** The client's text, once: undefined when the request was answered before. */
  take(requestId: number): string | undefined {
    const text = this.#texts.get(requestId);
    this.#texts.delete(requestId);
    return text;
  }

  /** Requests without an answer, oldest first. */
  unanswered(): readonly number[] {
    return [...this.#texts.keys()];
  }
}

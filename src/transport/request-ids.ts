/**
 * Gives every accepted request a number of our own, because a client may use one id twice at a time, and integers
 * that a JavaScript number cannot represent. Keeps the client's text until the response is written.
 */
export class RequestIds {
  readonly #texts = new Map<number, string>();
  #last = 0;

  /** Number of requests without a response. */
  get outstanding(): number {
    return this.#texts.size;
  }

  accept(idText: string): number {
    this.#last += 1;
    this.#texts.set(this.#last, idText);
    return this.#last;
  }

  /** Returns the client's text once; undefined if the request was already answered. */
  take(requestId: number): string | undefined {
    const text = this.#texts.get(requestId);
    this.#texts.delete(requestId);
    return text;
  }

  /** Requests without a response, oldest first. */
  unanswered(): readonly number[] {
    return [...this.#texts.keys()];
  }
}

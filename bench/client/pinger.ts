/** Sends a small request again and again, whether or not the last answer has come, so that no wait is overlooked. */
export class Pinger {
  readonly #ping: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<Promise<void>>();
  readonly #times: number[] = [];

  constructor(ping: () => Promise<void>, everyMs: number) {
    this.#ping = ping;
    this.#timer = setInterval(() => this.#send(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Stops, and resolves with all round trips when the last answer has come. Rejects when a request failed. */
  async finish(): Promise<readonly number[]> {
    this.stop();
    await Promise.all(this.#pending);
    return this.#times;
  }

  #send(): void {
    const began = performance.now();
    const pending = this.#ping().then(() => {
      this.#times.push(performance.now() - began);
      this.#pending.delete(pending);
    });
    pending.catch(() => undefined); // `finish` reports it
    this.#pending.add(pending);
  }
}

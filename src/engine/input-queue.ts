/** Input that came while a turn was running, oldest first. The session adds to it; the running turn takes from it. */
import type { GivenInput } from './user-input.ts';

export class InputQueue {
  readonly #waiting: GivenInput[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(input: GivenInput): void {
    this.#waiting.push(input);
  }

  take(): GivenInput | undefined {
    return this.#waiting.shift();
  }
}

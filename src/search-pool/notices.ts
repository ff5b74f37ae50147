/** Notices to the client about incomplete searches: once per root and bound, after a listener is set. */

import type { SearchBound } from '../contract/search-messages.ts';
export interface BoundNotice {
  /** Absolute. */
  readonly root: string;
  readonly bound: SearchBound;
}

export class SearchNotices {
  readonly #sent = new Set<string>();
  #waiting: BoundNotice[] = [];
  #listener: ((notice: BoundNotice) => void) | undefined;

  /** Call once. Earlier notices are delivered at once. */
  listen(listener: (notice: BoundNotice) => void): void {
    this.#listener = listener;
    for (const notice of this.#waiting) listener(notice);
    this.#waiting = [];
  }

  report(notice: BoundNotice): void {
    const key = `${notice.bound} ${notice.root}`;
    if (this.#sent.has(key)) return;
    this.#sent.add(key);
    if (this.#listener === undefined) this.#waiting.push(notice);
    else this.#listener(notice);
  }
}

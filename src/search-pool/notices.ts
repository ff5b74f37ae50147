/** What a client is told about searches that do not show everything: once for each root and bound, when somebody listens. */

import type { SearchBound } from '../contract/search-messages.ts';
export interface BoundNotice {
  /** Absolute. */
  readonly root: string;
  readonly bound: SearchBound;
}

export class SearchNotices {
  readonly #said = new Set<string>();
  #waiting: BoundNotice[] = [];
  #listener: ((notice: BoundNotice) => void) | undefined;

  /** To be called once; what there is to be told by then is told at once. */
  listen(listener: (notice: BoundNotice) => void): void {
    this.#listener = listener;
    for (const notice of this.#waiting) listener(notice);
    this.#waiting = [];
  }

  tell(notice: BoundNotice): void {
    const key = `${notice.bound} ${notice.root}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    if (this.#listener === undefined) this.#waiting.push(notice);
    else this.#listener(notice);
  }
}

/** A shard's copy of the credentials. Generations only go up; requests that were refused wait here for a newer one. */
import { abortable, type Deferred, deferred } from '../base/abort.ts';
import type { AuthSnapshot } from '../upstream/types.ts';
import { TurnFailure } from './failures.ts';
import type { AuthSource } from './services.ts';

const NONE: AuthSnapshot = { generation: 0, mode: 'none', token: null, accountId: null };

/** Modes in which somebody can be asked for newer credentials. */
const RENEWABLE: ReadonlySet<AuthSnapshot['mode']> = new Set(['chatgpt', 'chatgptAuthTokens']);

export class AuthCopy implements AuthSource {
  readonly #ask: (generation: number) => void;
  #snapshot: AuthSnapshot = NONE;
  #waiting: { readonly generation: number; readonly renewed: Deferred<AuthSnapshot> } | null = null;

  /** `ask` is called once for each generation that was refused. */
  constructor(ask: (generation: number) => void) {
    this.#ask = ask;
  }

  current(): AuthSnapshot {
    return this.#snapshot;
  }

  replace(snapshot: AuthSnapshot): void {
    if (snapshot.generation < this.#snapshot.generation) return;
    this.#snapshot = snapshot;
    if (this.#waiting === null || snapshot.generation <= this.#waiting.generation) return;
    this.#waiting.renewed.resolve(snapshot);
    this.#waiting = null;
  }

  refuse(generation: number, message: string): void {
    if (this.#waiting?.generation !== generation) return;
    this.#waiting.renewed.reject(new TurnFailure(message, 'unauthorized'));
    this.#waiting = null;
  }

  async renewed(generation: number, signal: AbortSignal): Promise<AuthSnapshot | null> {
    if (this.#snapshot.generation > generation) return this.#snapshot;
    if (!RENEWABLE.has(this.#snapshot.mode)) return null;
    if (this.#waiting === null) {
      this.#waiting = { generation, renewed: deferred() };
      this.#waiting.renewed.promise.catch(() => undefined); // whoever waited may have been interrupted
      this.#ask(generation);
    }
    return abortable(this.#waiting.renewed.promise, signal);
  }
}

/**
 * Where a loaded thread is in its life, and which step may follow which. Pure but for the promises that it is given.
 *
 *     loading ──► loaded ──► unloading ──► unloaded ──► reopening ──► loaded
 *        │          │                                      ▲
 *        └──────────┴──────────────► crashed ──────────────┘
 *
 * A reopening that fails leads back to where it came from. A shard can die in every state; what its clients were told then,
 * and no file has, waits in `unstored` until the thread is opened again.
 */
import { deferred } from '../base/abort.ts';
import type { EngineEvent } from '../contract/engine-events.ts';

export type LifeState =
  /** Its shard opens it for the first time. */
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded' }
  /** Its shard ends its file and forgets it. `done` never rejects. */
  | { readonly kind: 'unloading'; readonly done: Promise<void>; readonly unstored: readonly EngineEvent[] }
  | { readonly kind: 'unloaded'; readonly unstored: readonly EngineEvent[] }
  /** Its shard died. */
  | { readonly kind: 'crashed'; readonly unstored: readonly EngineEvent[] }
  | Reopening;

/** Its shard opens it again and stores what was unstored. `done` rejects when it cannot. */
interface Reopening {
  readonly kind: 'reopening';
  readonly from: 'unloaded' | 'crashed';
  readonly done: Promise<void>;
  readonly unstored: readonly EngineEvent[];
  /** null while the shard has not died again. */
  readonly unstoredSince: readonly EngineEvent[] | null;
}

export class ThreadLife {
  #state: LifeState = { kind: 'loading' };

  get state(): LifeState {
    return this.#state;
  }

  /** Nobody used the thread for long: its shard has forgotten it, or is about to. The next command brings it back. */
  get isUnloaded(): boolean {
    const state = this.#state;
    if (state.kind === 'reopening') return state.from === 'unloaded';
    return state.kind === 'unloading' || state.kind === 'unloaded';
  }

  /** Resolves when the shard has forgotten the thread; null when it is not about to. */
  get unloading(): Promise<void> | null {
    return this.#state.kind === 'unloading' ? this.#state.done : null;
  }

  /** What clients have been told and no file has. */
  get unstored(): readonly EngineEvent[] {
    return 'unstored' in this.#state ? this.#state.unstored : [];
  }

  /** From loading and reopening. A shard that died right after it had opened the thread has the last word. */
  opened(): void {
    const state = this.#state;
    if (state.kind === 'crashed') return;
    if (state.kind !== 'loading' && state.kind !== 'reopening') throw this.#illegal('opened');
    const since = state.kind === 'reopening' ? state.unstoredSince : null;
    this.#state = since === null ? { kind: 'loaded' } : { kind: 'crashed', unstored: since };
  }

  /** From loaded. `closed`: resolves when the shard has forgotten the thread, and never rejects. */
  unload(closed: Promise<void>): Promise<void> {
    if (this.#state.kind !== 'loaded') throw this.#illegal('unloaded');
    const done = closed.then(() => {
      const { state } = this;
      if (state.kind !== 'unloading') throw this.#illegal('unloaded');
      this.#state = { kind: 'unloaded', unstored: state.unstored };
    });
    this.#state = { kind: 'unloading', done, unstored: [] };
    return done;
  }

  /** From every state. `told`: what clients have been told because of it. */
  crash(told: readonly EngineEvent[]): void {
    const state = this.#state;
    switch (state.kind) {
      case 'loading':
      case 'loaded':
        this.#state = { kind: 'crashed', unstored: told };
        break;
      case 'unloading':
      case 'unloaded':
      case 'crashed':
        this.#state = { ...state, unstored: [...state.unstored, ...told] };
        break;
      case 'reopening':
        this.#state = { ...state, unstoredSince: [...(state.unstoredSince ?? []), ...told] };
        break;
    }
  }

  /** From unloaded and crashed. `open` has the shard open the thread and store what is unstored. Rejects with its error. */
  reopen(open: (unstored: readonly EngineEvent[]) => Promise<void>): Promise<void> {
    const state = this.#state;
    if (state.kind !== 'unloaded' && state.kind !== 'crashed') throw this.#illegal('reopened');
    const { kind: from, unstored } = state;
    const { promise: done, resolve, reject } = deferred<void>();
    this.#state = { kind: 'reopening', from, done, unstored, unstoredSince: null };
    open(unstored).then(
      () => {
        this.opened();
        resolve();
      },
      (error: unknown) => {
        this.#reopenFailed();
        reject(error);
      },
    );
    return done;
  }

  #reopenFailed(): void {
    const state = this.#state;
    if (state.kind !== 'reopening') throw this.#illegal('left as it was');
    this.#state = { kind: state.from, unstored: [...state.unstored, ...(state.unstoredSince ?? [])] };
  }

  #illegal(step: string): Error {
    return new Error(`a thread that is ${this.#state.kind} cannot be ${step}`);
  }
}

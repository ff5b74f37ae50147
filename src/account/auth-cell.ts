/**
 * The one place where the current login changes. Every change is a new generation and goes to every shard; so does the
 * outcome of a renewal that failed, which leaves the login as it is. That is what lets a shard tell a request that met
 * the same refusal as everybody else from one that was sent after it.
 */
import type { AuthState } from '../pool/contract/auth-state.ts';
import { type Login, NO_LOGIN, snapshotOf, staleAtMs } from './logins.ts';

export class AuthCell {
  #listener: (state: AuthState) => void = () => undefined;
  #login: Login = NO_LOGIN;
  #state: AuthState = stateOf(NO_LOGIN, 1);

  get login(): Login {
    return this.#login;
  }

  get generation(): number {
    return this.#state.snapshot.generation;
  }

  get state(): AuthState {
    return this.#state;
  }

  /** `listener` hears of every later state. */
  listen(listener: (state: AuthState) => void): void {
    this.#listener = listener;
  }

  /** A login, or none, from outside. */
  replace(login: Login): void {
    this.#become(login, stateOf(login, this.generation + 1));
  }

  /** New tokens for the login of `generation`; false, and no effect, when that is no longer the current one. */
  renew(generation: number, login: Login, source: 'refreshed' | 'reloaded'): boolean {
    if (generation !== this.generation) return false;
    this.#become(login, { ...stateOf(login, generation + 1), reloaded: source === 'reloaded' });
    return true;
  }

  /** The tokens of `generation` stay, and who was refused with them hears why. */
  giveUp(generation: number, message: string): void {
    if (generation !== this.generation) return;
    this.#become(this.#login, { ...stateOf(this.#login, generation + 1), refusal: message });
  }

  /** The tokens of `generation` could not be renewed and must do until `atMs` (Unix milliseconds) at least. */
  keep(generation: number, atMs: number): void {
    if (generation !== this.generation) return;
    const state = stateOf(this.#login, generation + 1);
    this.#become(this.#login, {
      ...state,
      staleAtMs: state.staleAtMs === null ? null : Math.max(state.staleAtMs, atMs),
    });
  }

  #become(login: Login, state: AuthState): void {
    this.#login = login;
    this.#state = state;
    this.#listener(state);
  }
}

const stateOf = (login: Login, generation: number): AuthState => ({
  snapshot: snapshotOf(login, generation),
  staleAtMs: staleAtMs(login),
  reloaded: false,
  refusal: null,
});

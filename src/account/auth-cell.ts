/**
 * The one place where the current login changes. Every change is a new generation and goes to every shard; so does the
 * outcome of a renewal that failed, which leaves the login as it is. That is what lets a shard tell a request that met
 * the same refusal as everybody else from one that was sent after it.
 */
import type { AuthState } from '../contract/auth-state.ts';
import { type Login, NO_LOGIN, snapshotOf, staleAtMs } from './logins.ts';
import type { SeenFile } from './store.ts';

export class AuthCell {
  #listener: (state: AuthState) => void = () => undefined;
  readonly #seen: () => SeenFile | null;
  #login: Login = NO_LOGIN;
  /** The login that was taken away because the store had it no more. */
  #taken: Login = NO_LOGIN;
  #state: AuthState = stateOf(NO_LOGIN, 1);

  /** `seen`: where logins are kept, as last looked at. */
  constructor(seen: () => SeenFile | null = () => null) {
    this.#seen = seen;
  }

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

  /** The login that this process works with, or would if the store had it still. */
  get own(): Login {
    return this.#login.mode === 'none' ? this.#taken : this.#login;
  }

  /** Whether the login was taken away: requests that need one fail with the reason. */
  get isTaken(): boolean {
    return this.#taken.mode !== 'none';
  }

  /** A login, or none, from outside. */
  replace(login: Login): void {
    this.#taken = NO_LOGIN;
    this.#become(login, stateOf(login, this.generation + 1));
  }

  /** New tokens for the login of `generation`; false, and no effect, when that is no longer the current one. */
  renew(generation: number, login: Login, source: 'refreshed' | 'reloaded'): boolean {
    if (generation !== this.generation) return false;
    this.#taken = NO_LOGIN;
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

  /** The store has the login of `generation` no more: nobody uses it from here on, and who would is told why. */
  take(generation: number, message: string): void {
    if (generation !== this.generation) return;
    this.#taken = this.own;
    this.#become(NO_LOGIN, { ...stateOf(NO_LOGIN, generation + 1), refusal: message });
  }

  /** What is stored was looked at, and nothing follows for the login of `generation`. */
  note(generation: number): void {
    if (generation !== this.generation) return;
    const { snapshot, ...rest } = this.#state;
    this.#become(this.#login, { ...rest, snapshot: { ...snapshot, generation: generation + 1 } });
  }

  #become(login: Login, state: AuthState): void {
    this.#login = login;
    this.#state = { ...state, seen: isKept(this.own) ? this.#seen() : null };
    this.#listener(this.#state);
  }
}

/** Tokens of the client are in memory only, and nobody else's login becomes this process's before a restart. */
const isKept = ({ mode }: Login): boolean => mode === 'apikey' || mode === 'chatgpt';

const stateOf = (login: Login, generation: number): AuthState => ({
  snapshot: snapshotOf(login, generation),
  staleAtMs: staleAtMs(login),
  reloaded: false,
  refusal: null,
});

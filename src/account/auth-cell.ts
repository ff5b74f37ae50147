/**
 * The only place where the current login changes. Every change is a new generation and goes to every shard; so does a
 * failed renewal, which leaves the login as it is. So a shard can tell whether a request was sent before or after a
 * refusal.
 */
import type { AuthState } from '../contract/auth-state.ts';
import { type Login, NO_LOGIN, snapshotOf, staleAtMs } from './logins.ts';
import type { SeenFile } from './store.ts';

export class AuthCell {
  #listener: (state: AuthState) => void = () => undefined;
  readonly #seen: () => SeenFile | null;
  #login: Login = NO_LOGIN;
  /** The login that was revoked because the store no longer has it. */
  #revoked: Login = NO_LOGIN;
  #state: AuthState = stateOf(NO_LOGIN, 1);

  /** `seen` returns the file of stored logins, as last read. */
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

  /** `listener` gets every later state. */
  listen(listener: (state: AuthState) => void): void {
    this.#listener = listener;
  }

  /** The login of this process, including one that was revoked. */
  get own(): Login {
    return this.#login.mode === 'none' ? this.#revoked : this.#login;
  }

  /** Whether the login was revoked: requests that need one fail with the reason. */
  get isRevoked(): boolean {
    return this.#revoked.mode !== 'none';
  }

  /** Sets a login, or none, from outside. */
  replace(login: Login): void {
    this.#revoked = NO_LOGIN;
    this.#become(login, stateOf(login, this.generation + 1));
  }

  /**
   * Sets new tokens for the login of `generation`; returns false without effect if that is no longer the current one.
   */
  renew(generation: number, login: Login, source: 'refreshed' | 'reloaded'): boolean {
    if (generation !== this.generation) return false;
    this.#revoked = NO_LOGIN;
    this.#become(login, { ...stateOf(login, generation + 1), reloaded: source === 'reloaded' });
    return true;
  }

  /** Keeps the tokens of `generation`, and sends the reason to those who were refused with them. */
  fail(generation: number, message: string): void {
    if (generation !== this.generation) return;
    this.#become(this.#login, { ...stateOf(this.#login, generation + 1), refusal: message });
  }

  /** Keeps the tokens of `generation`, which could not be renewed, until at least `atMs` (Unix milliseconds). */
  postpone(generation: number, atMs: number): void {
    if (generation !== this.generation) return;
    const state = stateOf(this.#login, generation + 1);
    this.#become(this.#login, {
      ...state,
      staleAtMs: state.staleAtMs === null ? null : Math.max(state.staleAtMs, atMs),
    });
  }

  /** Revokes the login of `generation`, which the store no longer has: later uses fail with the reason. */
  revoke(generation: number, message: string): void {
    if (generation !== this.generation) return;
    this.#revoked = this.own;
    this.#become(NO_LOGIN, { ...stateOf(NO_LOGIN, generation + 1), refusal: message });
  }

  /** Starts a new generation of the same login after a check of the store without consequences. */
  confirm(generation: number): void {
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

/** Tokens of the client are in memory only, and another login in the store is not adopted before a restart. */
const isKept = ({ mode }: Login): boolean => mode === 'apikey' || mode === 'chatgpt';

const stateOf = (login: Login, generation: number): AuthState => ({
  snapshot: snapshotOf(login, generation),
  staleAtMs: staleAtMs(login),
  reloaded: false,
  refusal: null,
});

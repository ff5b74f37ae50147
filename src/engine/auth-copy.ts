/** A shard's copy of the login. Generations only go up; requests that cannot go on wait here for a later one. */

import { abortable, type Deferred, deferred } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { fileFingerprint } from '../base/file-fingerprint.ts';
import type { AuthSnapshot, AuthState, WhyWanted } from '../contract/auth-state.ts';
import { TurnFailure } from './failures.ts';
import type { AuthLease, AuthSource, NewerLogin } from './services.ts';

const NONE: AuthState = {
  snapshot: { generation: 0, mode: 'none', token: null, accountId: null },
  staleAtMs: null,
  reloaded: false,
  refusal: null,
};

/** Modes in which somebody can be asked for newer tokens. */
const RENEWABLE: ReadonlySet<AuthSnapshot['mode']> = new Set(['chatgpt', 'chatgptAuthTokens']);

export type AskForLogin = (generation: number, why: WhyWanted) => void;

interface PendingRenewal {
  readonly generation: number;
  readonly later: Deferred<AuthState>;
  readonly asked: Set<WhyWanted>;
}

export class AuthCopy implements AuthSource {
  readonly #ask: AskForLogin;
  readonly #clock: Clock;
  #state: AuthState = NONE;
  #waiting: PendingRenewal | null = null;

  /** `ask` is called once for each reason and generation; the answer is a later generation, whatever comes of it. */
  constructor(ask: AskForLogin, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  current(): AuthSnapshot {
    return this.#state.snapshot;
  }

  replace(state: AuthState): void {
    if (state.snapshot.generation < this.#state.snapshot.generation) return;
    this.#state = state;
    if (this.#waiting === null || state.snapshot.generation <= this.#waiting.generation) return;
    this.#waiting.later.resolve(state);
    this.#waiting = null;
  }

  async lease(signal: AbortSignal): Promise<AuthLease> {
    if (await hasChanged(this.#state)) await this.#later(this.#state.snapshot.generation, 'changed', signal);
    const { staleAtMs, snapshot } = this.#state;
    const isStale = staleAtMs !== null && this.#clock.nowMs() >= staleAtMs;
    const state = isStale ? await this.#later(snapshot.generation, 'stale', signal) : this.#state;
    const { snapshot: leased, refusal } = state;
    if (leased.mode === 'none' && refusal !== null) throw new TurnFailure(refusal, 'unauthorized');
    return { snapshot: leased, renewed: (until) => this.#renewed(leased, until) };
  }

  async #renewed(refused: AuthSnapshot, signal: AbortSignal): Promise<NewerLogin | null> {
    let state = this.#state;
    while (isNoNewer(state, refused)) {
      const { generation, mode } = this.#state.snapshot;
      if (!RENEWABLE.has(mode)) return null;
      state = await this.#later(generation, 'refused', signal);
    }
    if (state.refusal !== null) throw new TurnFailure(state.refusal, 'unauthorized');
    return state.snapshot.mode === 'none' ? null : { reloaded: state.reloaded };
  }

  #later(generation: number, why: WhyWanted, signal: AbortSignal): Promise<AuthState> {
    this.#waiting ??= { generation, later: deferred(), asked: new Set() };
    const { later, asked } = this.#waiting;
    if (!asked.has(why)) {
      asked.add(why);
      this.#ask(generation, why);
    }
    return abortable(later.promise, signal);
  }
}

/** Another process may have logged out, or somebody else in. */
const hasChanged = async ({ seen }: AuthState): Promise<boolean> =>
  seen !== undefined && seen !== null && (await fileFingerprint(seen.path)) !== seen.fingerprint;

/** A renewal that was not about a refusal can fail too: then a later generation brings the same tokens, and nobody was told why. */
const isNoNewer = ({ snapshot, refusal }: AuthState, refused: AuthSnapshot): boolean =>
  snapshot.generation === refused.generation ||
  (refusal === null && snapshot.mode === refused.mode && snapshot.token === refused.token);

/** What a shard knows of the login: sent whole, with rising generations. */

/** Upstream refused the credentials, they are old, or what is stored has changed. */
export type WhyWanted = 'refused' | 'stale' | 'changed';

export interface AuthState {
  readonly snapshot: AuthSnapshot;
  /** Unix milliseconds from which on newer tokens are asked for before these are used; null for never. */
  readonly staleAtMs: number | null;
  /** The tokens came from the store, not from who issues them: if they are refused too, there is one more step. */
  readonly reloaded: boolean;
  /** Why the tokens of the generation before could not be renewed; they are still these, or gone when the mode is `none`. */
  readonly refusal: string | null;
  /** Where the login is kept, as it was when it was looked at last: when that has changed, it has to be looked at again. */
  readonly seen?: { readonly path: string; readonly fingerprint: string } | null;
}

/** Credentials as the main thread distributes them. A higher generation replaces a lower one, never the reverse. */
export interface AuthSnapshot {
  readonly generation: number;
  readonly mode: 'none' | 'apikey' | 'chatgpt' | 'chatgptAuthTokens';
  readonly token: string | null;
  readonly accountId: string | null;
}

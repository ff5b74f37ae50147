/**
 * Newer tokens for a managed login. In: the login in use. Out: a login with newer tokens, from the store when another
 * process has renewed them meanwhile, else from the issuer and written back. Holds no state: the store is shared with
 * other processes, so it is read again before each renewal, under a lock.
 */
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { readClaims } from './claims.ts';
import type { CredentialsLock } from './credentials-lock.ts';
import { type Issuer, RefreshRefused } from './issuer.ts';
import {
  forbidden,
  type ManagedLogin,
  type Restrictions,
  shownWorkspace,
  staleAtMs,
  storedLogin,
  storedTokens,
} from './logins.ts';
import type { OrderedStore } from './store.ts';
import type { StoredCredentials, StoredTokens } from './stored-credentials.ts';

export interface ManagedRefreshParts {
  readonly lock: CredentialsLock;
  readonly store: OrderedStore;
  readonly issuer: Issuer;
  readonly clock: Clock;
  readonly restrictions: Restrictions;
  readonly log: Logger;
}

/** Why newer tokens are wanted: upstream refused the present ones, they are old, or somebody asks for it. */
export type RefreshCause = 'refused' | 'stale' | 'asked';

export interface Renewed {
  readonly login: ManagedLogin;
  readonly source: 'refreshed' | 'reloaded';
}

type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'other' }
  | { readonly kind: 'chatgpt'; readonly login: ManagedLogin; readonly key: string | null };

const notAvailable = (): AppError => new AppError('upstream-failed', 'Token data is not available.');

export class ManagedRefresh {
  readonly #parts: ManagedRefreshParts;

  constructor(parts: ManagedRefreshParts) {
    this.#parts = parts;
  }

  /** Rejects with AppError; with `RefreshRefused` when the issuer will not renew these tokens again. */
  renew(login: ManagedLogin, cause: RefreshCause, signal: AbortSignal): Promise<Renewed> {
    return this.#parts.lock.renewing(() => this.#renew(login, cause, signal), signal);
  }

  async #renew(login: ManagedLogin, cause: RefreshCause, signal: AbortSignal): Promise<Renewed> {
    const { issuer } = this.#parts;
    const found = await this.#stored();
    if (found.kind === 'nothing' || login.tokens === null) throw notAvailable();
    const stored = found.kind === 'chatgpt' && sameAccount(found.login, login) ? found.login : null;
    if (stored !== null && this.#serves(stored, login, cause)) return { login: stored, source: 'reloaded' };
    const used = stored?.tokens ?? login.tokens;
    try {
      const renewed = await issuer.refresh(used.refresh_token, signal);
      const tokens: StoredTokens = {
        id_token: renewed.id_token ?? used.id_token,
        access_token: renewed.access_token ?? used.access_token,
        refresh_token: renewed.refresh_token ?? used.refresh_token,
        account_id: used.account_id ?? null,
      };
      return await this.#keep(stored ?? login, used, tokens);
    } catch (error) {
      if (!(error instanceof RefreshRefused)) throw error;
      // A program that knows nothing of the lock may have been faster: its tokens are then in the store.
      const again = await this.#stored();
      const newer = again.kind === 'chatgpt' && sameAccount(again.login, login) ? again.login : null;
      if (newer !== null && isOther(newer, used)) return { login: newer, source: 'reloaded' };
      throw error;
    }
  }

  /** Whether what is stored will do: newer tokens than those in use, and not old themselves. */
  #serves(stored: ManagedLogin, login: ManagedLogin, cause: RefreshCause): boolean {
    if (cause === 'asked' || login.tokens === null || !isOther(stored, login.tokens)) return false;
    const oldFromMs = staleAtMs(stored);
    return cause === 'refused' || oldFromMs === null || oldFromMs > this.#parts.clock.nowMs();
  }

  /** Stores new tokens unless somebody else has changed what is stored: theirs stay, and these serve this process. */
  async #keep(login: ManagedLogin, used: StoredTokens, tokens: StoredTokens): Promise<Renewed> {
    const { store, clock, log } = this.#parts;
    const nowMs = clock.nowMs();
    const renewed: ManagedLogin = { ...login, tokens, claims: this.#checked(tokens), refreshedAtMs: nowMs };
    let isLoggedOut = false;
    const change = (stored: StoredCredentials | null): StoredCredentials | null => {
      const found = this.#read(stored);
      isLoggedOut = found.kind === 'nothing';
      const isOurs = found.kind === 'chatgpt' && found.login.tokens?.refresh_token === used.refresh_token;
      return isOurs ? storedTokens(tokens, found.key, nowMs) : null;
    };
    await store.update(change).catch((error: unknown) => {
      log.error('account', 'renewed-login-not-stored', { reason: messageOf(error) }); // what is stored is spent
    });
    if (isLoggedOut) throw notAvailable();
    return { login: renewed, source: 'refreshed' };
  }

  #checked(tokens: StoredTokens): ManagedLogin['claims'] {
    const { forcedWorkspaceId } = this.#parts.restrictions;
    const claims = readClaims(tokens.id_token);
    if (forcedWorkspaceId !== null && claims.accountId !== forcedWorkspaceId) {
      const received = shownWorkspace(claims.accountId);
      throw new AppError('refused', `auth refresh returned workspace ${received}, expected "${forcedWorkspaceId}"`);
    }
    return { ...claims, accountId: tokens.account_id ?? null };
  }

  async #stored(): Promise<Found> {
    return this.#read(await this.#parts.store.load());
  }

  #read(stored: StoredCredentials | null): Found {
    if (stored === null) return { kind: 'nothing' };
    try {
      const login = storedLogin(stored);
      if (login.mode === 'none') return { kind: 'nothing' };
      if (login.mode !== 'chatgpt' || forbidden(login, this.#parts.restrictions) !== null) return { kind: 'other' };
      return { kind: 'chatgpt', login, key: stored.OPENAI_API_KEY ?? null };
    } catch {
      return { kind: 'nothing' }; // a stored token that cannot be read is no login
    }
  }
}

const sameAccount = (one: ManagedLogin, other: ManagedLogin): boolean =>
  one.tokens !== null && one.claims.accountId === other.claims.accountId;

const isOther = ({ tokens }: ManagedLogin, used: StoredTokens): boolean =>
  tokens !== null && (tokens.access_token !== used.access_token || tokens.refresh_token !== used.refresh_token);

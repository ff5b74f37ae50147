/**
 * Renews the tokens of a managed login. In: the current login. Out: a login with newer tokens: from the store if
 * another process has renewed them, else from the issuer, and stored. `LoginGone` if the store no longer has it. The
 * store is shared with other processes, so it is read again before each renewal, under a lock. A refresh token can be
 * used only once. So it is not used if the new tokens could not be stored; if storing fails nevertheless, they are
 * kept and stored later.
 */
import { delay } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { osErrorText } from '../base/os-error.ts';
import { readClaims } from './claims.ts';
import type { CredentialsLock } from './credentials-lock.ts';
import { type Issuer, RefreshRefused } from './issuer.ts';
import { formatWorkspace, type ManagedLogin, type Restrictions, staleAtMs, storedTokens } from './logins.ts';
import type { OrderedStore } from './store.ts';
import type { StoredCredentials, StoredTokens } from './stored-credentials.ts';
import { LoginGone, ownLogin } from './stored-login.ts';
import { Unstored } from './unstored.ts';

export interface ManagedRefreshParts {
  readonly lock: CredentialsLock;
  readonly store: OrderedStore;
  readonly issuer: Issuer;
  readonly clock: Clock;
  readonly restrictions: Restrictions;
  readonly log: Logger;
  /** Sends the client a warning for the user. */
  readonly warn?: (summary: string, details: string) => void;
  /** Delay between two attempts to store tokens. */
  readonly storeRetryMs?: number;
}

/** Why newer tokens are needed: upstream refused the current ones, they are stale, or a request asks for it. */
export type RefreshCause = 'refused' | 'stale' | 'asked';

export interface Renewed {
  readonly login: ManagedLogin;
  readonly source: 'refreshed' | 'reloaded';
}

const notAvailable = (): AppError => new AppError('upstream-failed', 'Token data is not available.');

/** A program that uses the file without the lock stores its tokens within this time after it got them. */
const REREAD_MS = 200;
const MAX_REREADS = 5;

export class ManagedRefresh implements AsyncDisposable {
  readonly #parts: ManagedRefreshParts;
  readonly #unstored: Unstored;

  constructor(parts: ManagedRefreshParts) {
    this.#parts = parts;
    const { store, log, warn = () => undefined, storeRetryMs } = parts;
    this.#unstored = new Unstored({ store, log, warn, retryMs: storeRetryMs });
  }

  /**
   * Rejects with AppError: `RefreshRefused` if the issuer will not renew these tokens again, `LoginGone` if the store
   * no longer has the login.
   */
  renew(login: ManagedLogin, cause: RefreshCause, signal: AbortSignal): Promise<Renewed> {
    return this.#parts.lock.renewing(() => this.#renew(login, cause, signal), signal);
  }

  /** Whether the refresh token in the store is known to be used up. */
  isSpent({ tokens }: ManagedLogin): boolean {
    return tokens !== null && this.#unstored.isSpent(tokens.refresh_token);
  }

  /** Tries once more to store pending tokens. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unstored[Symbol.asyncDispose]();
  }

  async #renew(login: ManagedLogin, cause: RefreshCause, signal: AbortSignal): Promise<Renewed> {
    await this.#unstored.retry();
    const found = await this.#readStored(login);
    if (login.tokens === null) throw notAvailable();
    const stored = this.isSpent(found) ? null : found;
    if (stored !== null && this.#isUsable(stored, login, cause)) return { login: stored, source: 'reloaded' };
    await this.#requireStorable();
    const used = stored?.tokens ?? login.tokens;
    try {
      const renewed = await this.#parts.issuer.refresh(used.refresh_token, signal);
      const tokens: StoredTokens = {
        id_token: renewed.id_token ?? used.id_token,
        access_token: renewed.access_token ?? used.access_token,
        refresh_token: renewed.refresh_token ?? used.refresh_token,
        account_id: used.account_id ?? null,
      };
      return await this.#store(stored ?? login, used, tokens);
    } catch (error) {
      if (!(error instanceof RefreshRefused)) throw error;
      const newer = await this.#renewedByAnother(login, used, { refusal: error, signal });
      if (newer === null) throw error;
      return { login: newer, source: 'reloaded' };
    }
  }

  /** A program without the lock may have been faster: its tokens are then in the store, or will be soon. */
  async #renewedByAnother(
    login: ManagedLogin,
    used: StoredTokens,
    { refusal, signal }: { readonly refusal: RefreshRefused; readonly signal: AbortSignal },
  ): Promise<ManagedLogin | null> {
    for (let reads = 1; ; reads += 1) {
      const again = await this.#readStored(login);
      if (isDifferent(again, used) && !this.isSpent(again)) return again;
      if (!refusal.isReused || reads === MAX_REREADS) return null;
      await delay(REREAD_MS, signal);
    }
  }

  /** If the store only has a used-up token, there is nothing left to lose. */
  async #requireStorable(): Promise<void> {
    if (this.#unstored.isPending) return;
    const problem = await this.#parts.store.saveProblem();
    if (problem === null) return;
    const why = `the renewed login could not be stored: ${osErrorText(problem)}`;
    throw new AppError('io-failed', `The access token is not renewed, because ${why}`, { cause: problem });
  }

  /** Whether the stored tokens are usable: newer than the current ones, and not stale themselves. */
  #isUsable(stored: ManagedLogin, login: ManagedLogin, cause: RefreshCause): boolean {
    if (cause === 'asked' || login.tokens === null || !isDifferent(stored, login.tokens)) return false;
    const oldFromMs = staleAtMs(stored);
    return cause === 'refused' || oldFromMs === null || oldFromMs > this.#parts.clock.nowMs();
  }

  /**
   * Stores new tokens. If there was another login to the same account in the meantime, its tokens stay, and the new
   * ones serve this process.
   */
  async #store(login: ManagedLogin, used: StoredTokens, tokens: StoredTokens): Promise<Renewed> {
    const { store, clock, restrictions } = this.#parts;
    const nowMs = clock.nowMs();
    const renewed: ManagedLogin = { ...login, tokens, claims: this.#checked(tokens), refreshedAtMs: nowMs };
    const change = (stored: StoredCredentials | null): StoredCredentials | null => {
      const own = ownLogin(stored, login, restrictions);
      const held = own.login.mode === 'chatgpt' ? own.login.tokens?.refresh_token : undefined;
      const isReplaced = held === undefined || (held !== used.refresh_token && !this.#unstored.isSpent(held));
      return isReplaced ? null : storedTokens(tokens, own.key, nowMs);
    };
    try {
      await store.update(change);
      this.#unstored.forget();
    } catch (error) {
      if (error instanceof LoginGone) throw error;
      this.#unstored.add(tokens, { used: used.refresh_token, refreshedAtMs: nowMs, error });
    }
    return { login: renewed, source: 'refreshed' };
  }

  #checked(tokens: StoredTokens): ManagedLogin['claims'] {
    const { forcedWorkspaceId } = this.#parts.restrictions;
    const claims = readClaims(tokens.id_token);
    if (forcedWorkspaceId !== null && claims.accountId !== forcedWorkspaceId) {
      const received = formatWorkspace(claims.accountId);
      throw new AppError('refused', `auth refresh returned workspace ${received}, expected "${forcedWorkspaceId}"`);
    }
    return { ...claims, accountId: tokens.account_id ?? null };
  }

  /** The stored login. Rejects with `LoginGone`, or with AppError `io-failed` if it cannot be read. */
  async #readStored(login: ManagedLogin): Promise<ManagedLogin> {
    const { store, restrictions } = this.#parts;
    const stored = await store.read().catch((error: unknown) => {
      throw new AppError('io-failed', `the stored login cannot be read: ${readFault(error)}`, { cause: error });
    });
    const { login: own } = ownLogin(stored, login, restrictions);
    if (own.mode !== 'chatgpt') throw notAvailable();
    return own;
  }
}

const readFault = (error: unknown): string => (error instanceof AppError ? messageOf(error) : osErrorText(error));

const isDifferent = ({ tokens }: ManagedLogin, used: StoredTokens): boolean =>
  tokens !== null && (tokens.access_token !== used.access_token || tokens.refresh_token !== used.refresh_token);

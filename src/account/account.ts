/**
 * The current login. The only holder of credentials.
 *
 * In: logins, logouts, the stored login, and refused tokens. Out: `AuthState`s with increasing generations, to every
 * shard; tokens go nowhere else. The cell owns the state; each arrow below is a new generation.
 *
 *   STATE              KEPT IN          LEFT BY
 *   none               –                login (any)
 *   apikey             store            login (any), logout
 *   chatgpt            store            login (any), logout, renewal (stays chatgpt, newer tokens)
 *   chatgptAuthTokens  memory           external login, logout, renewal; other logins are refused
 *
 *   start ──load──▶ apikey | chatgpt | none        a login that the configuration forbids is not used
 *   none, apikey, chatgpt ──API key──▶ apikey      stored first; a failure changes nothing
 *   none, apikey, chatgpt ──browser──▶ chatgpt     stored by the browser's callback (login-browser.ts)
 *   any ──external tokens──▶ chatgptAuthTokens     the stored login stays, unread until the next start
 *   any ──logout──▶ none                           removes the stored login, unless the current one is external
 *   apikey, chatgpt ──login or logout by another process──▶ none, with the reason for later uses
 *   chatgpt ──401, stale, request──▶ issuer or store ──▶ chatgpt, newer tokens | chatgpt, refusal
 *   chatgptAuthTokens ──401──▶ client, 10 s ──▶ chatgptAuthTokens, newer tokens | the same, refusal
 *
 * Renewals run one at a time, concurrently with everything else (renewal.ts). A renewal applies to the generation it
 * started with: its result is dropped after a login or a logout, which also end a pending browser login.
 */
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { failureText, osErrorText } from '../base/os-error.ts';
import type { AuthSnapshot, AuthState, WhyWanted } from '../contract/auth-state.ts';
import type { Account, AuthMode } from '../protocol/account.ts';
import type { RateLimitSnapshot } from '../protocol/usage.ts';
import type { AuthCell } from './auth-cell.ts';
import { readClaims } from './claims.ts';
import type { IssuedTokens, Issuer } from './issuer.ts';
import { BrowserLogin, LOGIN_CANCELLED, type LoginEnd, LoginRefused, NOT_COMPLETED } from './login-browser.ts';
import {
  type ExternalTokens,
  externalLogin,
  forbidden,
  formatWorkspace,
  type Login,
  NO_LOGIN,
  type Restrictions,
  refused,
  storedKey,
  storedLogin,
  storedTokens,
} from './logins.ts';
import type { Renewal } from './renewal.ts';
import type { OrderedStore } from './store.ts';
import type { StoredTokens } from './stored-credentials.ts';

export interface AccountParts {
  readonly restrictions: Restrictions;
  /** Whether the default provider needs a login. */
  readonly requiresOpenaiAuth: boolean;
  readonly cell: AuthCell;
  readonly store: OrderedStore;
  readonly issuer: Issuer;
  readonly renewal: Renewal;
  readonly loginPort: number;
  readonly originator: () => string;
  readonly nowMs: () => number;
  readonly usage: (auth: AuthSnapshot, signal: AbortSignal) => Promise<RateLimitSnapshot>;
  readonly log: Logger;
}

export interface StartedLogin {
  readonly loginId: string;
  readonly authUrl: string;
}

export class AccountManager implements AsyncDisposable {
  readonly #parts: AccountParts;
  #pending: BrowserLogin | null = null;
  /** Whether the stored login is this one, to be removed with it. */
  #ownsStore = true;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  /** Reads the stored login. Resolves with the reason if the configuration forbids it, else with null. */
  async load(): Promise<string | null> {
    const { store, cell, restrictions, log } = this.#parts;
    const stored = await store.load();
    if (stored === null) return null;
    let login: Login;
    try {
      login = storedLogin(stored);
    } catch (error) {
      log.warn('account', 'stored-login-unreadable', { reason: osErrorText(error) });
      return null;
    }
    const reason = forbidden(login, restrictions);
    if (reason === null) cell.replace(login);
    return reason;
  }

  get mode(): AuthMode | null {
    const { mode } = this.#parts.cell.login;
    return mode === 'none' ? null : mode;
  }

  /** `listener` gets every later state, for the shards. */
  listen(listener: (state: AuthState) => void): void {
    this.#parts.cell.listen(listener);
  }

  /** The state for the shards. */
  get state(): AuthState {
    return this.#parts.cell.state;
  }

  get email(): string | null {
    const { login } = this.#parts.cell;
    return login.mode === 'chatgpt' || login.mode === 'chatgptAuthTokens' ? login.claims.email : null;
  }

  get requiresOpenaiAuth(): boolean {
    return this.#parts.requiresOpenaiAuth;
  }

  /** The account for clients. Throws AppError `invalid-state` if a ChatGPT login lacks a required member. */
  describe(): Account | null {
    const { login } = this.#parts.cell;
    if (!this.requiresOpenaiAuth || login.mode === 'none') return null;
    if (login.mode === 'apikey') return { type: 'apiKey' };
    const { email, planType } = login.claims;
    if (email === null || planType === null) {
      throw new AppError('invalid-state', 'email and plan type are required for chatgpt authentication');
    }
    return { type: 'chatgpt', email, planType };
  }

  /** Mode and token for `getAuthStatus`: a login without a usable token counts as none. */
  status(): { readonly mode: AuthMode | null; readonly token: string | null } {
    const { login, state } = this.#parts.cell;
    const { token } = state.snapshot;
    const isUnusable = login.mode === 'chatgpt' && login.refreshedAtMs === null;
    if (login.mode === 'none' || token === null || token === '' || isUnusable) return { mode: null, token: null };
    return { mode: login.mode, token };
  }

  /** Rejects with AppError `refused` or `io-failed`, without any change. */
  async loginWithApiKey(key: string): Promise<void> {
    const { store, cell, restrictions } = this.#parts;
    this.#requireOwnLogins();
    if (restrictions.forcedLoginMethod === 'chatgpt') {
      throw refused('API key login is disabled. Use ChatGPT login instead.');
    }
    this.cancelPending();
    try {
      await store.save(storedKey(key));
    } catch (error) {
      throw new AppError('io-failed', `failed to save api key: ${failureText(error)}`, { cause: error });
    }
    this.#ownsStore = true;
    cell.replace({ mode: 'apikey', key });
  }

  /** Throws AppError `refused` or `invalid-input`, without any change of the tokens. */
  loginWithExternalTokens(tokens: ExternalTokens): void {
    const { cell, restrictions } = this.#parts;
    if (restrictions.forcedLoginMethod === 'api') {
      throw refused('External ChatGPT auth is disabled. Use API key login instead.');
    }
    this.cancelPending();
    const login = decodedLogin(tokens);
    const wanted = restrictions.forcedWorkspaceId;
    if (wanted !== null && wanted !== login.claims.accountId) {
      const received = formatWorkspace(login.claims.accountId);
      throw refused(`External auth must use workspace ${wanted}, but received ${received}.`);
    }
    this.#ownsStore = false;
    cell.replace(login);
  }

  /** Opens the port and returns the address for the browser. `onEnd` is called once. Rejects with AppError. */
  async startBrowserLogin(onEnd: (loginId: string, end: LoginEnd) => void, signal: AbortSignal): Promise<StartedLogin> {
    const { issuer, loginPort, originator, restrictions, log } = this.#parts;
    this.#requireOwnLogins();
    if (restrictions.forcedLoginMethod === 'api') {
      throw refused('ChatGPT login is disabled. Use API key login instead.');
    }
    this.#pending?.cancel(LOGIN_CANCELLED);
    await this.#pending?.ended; // its end is emitted before the start of this one
    const login = await BrowserLogin.start(
      {
        issuer,
        port: loginPort,
        originator: originator(),
        workspaceId: restrictions.forcedWorkspaceId,
        log,
        accept: (tokens, closing) => this.#acceptTokens(tokens, closing),
      },
      signal,
    );
    this.#pending = login;
    void login.ended.then((end) => {
      if (this.#pending === login) this.#pending = null;
      onEnd(login.id, end);
    });
    return { loginId: login.id, authUrl: login.authUrl };
  }

  /** Whether the login with this id can still be cancelled by `cancelPending`. */
  isPending(loginId: string): boolean {
    return this.#pending?.id === loginId && this.#pending.isWaiting;
  }

  cancelPending(): void {
    this.#pending?.cancel(NOT_COMPLETED);
  }

  /** Rejects with AppError `io-failed`, without any change. */
  async logout(): Promise<void> {
    const { store, cell } = this.#parts;
    this.cancelPending();
    if (this.#ownsStore && !cell.isRevoked) {
      try {
        await store.remove();
      } catch (error) {
        throw new AppError('io-failed', `logout failed: ${failureText(error)}`, { cause: error });
      }
    }
    cell.replace(NO_LOGIN);
  }

  /** Checks for changes of the stored login by other processes. Never rejects. */
  settle(): Promise<void> {
    return this.#parts.renewal.ifChanged();
  }

  /** Renews stale managed tokens. Rejects only with the signal's reason. */
  async fresh(signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#parts.renewal.ifStale(signal);
  }

  /** Renews managed tokens now, if possible. Rejects only with the signal's reason. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#parts.renewal.asked(signal);
  }

  /** A shard cannot use the tokens of `generation`: a later one will be broadcast. */
  wanted(generation: number, why: WhyWanted): void {
    void this.#parts.renewal[why](generation);
  }

  /** Rejects with AppError. */
  async rateLimits(signal: AbortSignal): Promise<RateLimitSnapshot> {
    await this.fresh(signal);
    const { login, state } = this.#parts.cell;
    if (login.mode === 'none') throw refused('codex account authentication required to read rate limits');
    if (login.mode === 'apikey') throw refused('chatgpt authentication required to read rate limits');
    return this.#parts.usage(state.snapshot, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancelPending();
    await this.#parts.renewal[Symbol.asyncDispose]();
  }

  #requireOwnLogins(): void {
    if (this.#parts.cell.login.mode !== 'chatgptAuthTokens') return;
    throw refused('External auth is active. The parent application owns the login; log out first to use another.');
  }

  /** Makes the tokens of a browser login the current login. */
  async #acceptTokens(issued: IssuedTokens, signal: AbortSignal): Promise<void> {
    const { issuer, store, cell, restrictions, nowMs } = this.#parts;
    const claims = readClaims(issued.id_token);
    const wanted = restrictions.forcedWorkspaceId;
    if (wanted !== null && wanted !== claims.accountId) {
      throw new LoginRefused(
        claims.accountId === null
          ? 'Login is restricted to a workspace, but the token names none.'
          : `Login is restricted to workspace id ${wanted}.`,
      );
    }
    const key = await issuer.exchangeForKey(issued.id_token, signal);
    signal.throwIfAborted();
    const tokens: StoredTokens = { ...issued, account_id: claims.accountId };
    const refreshedAtMs = nowMs();
    await store.save(storedTokens(tokens, key, refreshedAtMs));
    signal.throwIfAborted(); // another login was faster
    this.#ownsStore = true;
    cell.replace({ mode: 'chatgpt', tokens, claims, refreshedAtMs });
  }
}

function decodedLogin(tokens: ExternalTokens): ReturnType<typeof externalLogin> {
  try {
    return externalLogin(tokens);
  } catch (error) {
    throw new AppError('invalid-input', `invalid id token: ${osErrorText(error)}`, { cause: error });
  }
}

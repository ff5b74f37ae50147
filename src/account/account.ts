/**
 * Who is logged in. The only holder of credentials.
 *
 * In: logins, logouts, what is stored, and news of refused tokens. Out: `AuthState`s with rising generations, to every
 * shard; tokens go nowhere else. The state is the cell's; each arrow below is a new generation.
 *
 *   STATE              KEPT IN          LEFT BY
 *   none               –                login (any)
 *   apikey             store            login (any), logout
 *   chatgpt            store            login (any), logout, renewal (stays chatgpt, newer tokens)
 *   chatgptAuthTokens  memory           external login, logout, renewal; other logins are refused
 *
 *   start ──load──▶ apikey | chatgpt | none        what the configuration forbids is left unused
 *   none, apikey, chatgpt ──API key──▶ apikey      stored first; a store that fails changes nothing
 *   none, apikey, chatgpt ──browser──▶ chatgpt     stored by the browser's callback (login-browser.ts)
 *   any ──external tokens──▶ chatgptAuthTokens     what is stored stays, unread until the next start
 *   any ──logout──▶ none                           removes what is stored, unless the login was external
 *   apikey, chatgpt ──another's login or logout──▶ none, with the reason for whoever would use it
 *   chatgpt ──401, age, wish──▶ issuer or store ──▶ chatgpt, newer tokens | chatgpt, refusal
 *   chatgptAuthTokens ──401──▶ client, 10 s ──▶ chatgptAuthTokens, newer tokens | the same, refusal
 *
 * A renewal runs beside everything else, one at a time (renewal.ts). It applies to the generation it began with: what
 * comes back after a login or a logout is dropped. A pending browser login ends with every other login and with logout.
 */

import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { failureText, osErrorText } from '../base/os-error.ts';
import type { AuthSnapshot, AuthState, WhyWanted } from '../contract/auth-state.ts';
import type { Account as AccountInfo, AuthMode } from '../protocol/account.ts';
import type { RateLimitSnapshot } from '../protocol/usage.ts';
import type { AuthCell } from './auth-cell.ts';
import { readClaims } from './claims.ts';
import type { IssuedTokens, Issuer } from './issuer.ts';
import { BrowserLogin, LOGIN_CANCELLED, type LoginEnd, LoginRefused, NOT_COMPLETED } from './login-browser.ts';
import {
  type ExternalTokens,
  externalLogin,
  forbidden,
  type Login,
  NO_LOGIN,
  type Restrictions,
  refused,
  shownWorkspace,
  storedKey,
  storedLogin,
  storedTokens,
} from './logins.ts';
import type { Renewal } from './renewal.ts';
import type { OrderedStore } from './store.ts';
import type { StoredTokens } from './stored-credentials.ts';

export interface AccountParts {
  readonly restrictions: Restrictions;
  /** Whether the default provider needs a login at all. */
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

export class Account implements AsyncDisposable {
  readonly #parts: AccountParts;
  #pending: BrowserLogin | null = null;
  /** Whether what is stored is this login's, to be removed with it. */
  #ownsStore = true;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  /** Reads what is stored. Resolves with why it is not used, when the configuration forbids it. */
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

  /** What shards are told. */
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

  /** The account to show. Throws AppError `invalid-state` when a ChatGPT login lacks what the answer must hold. */
  describe(): AccountInfo | null {
    const { login } = this.#parts.cell;
    if (!this.requiresOpenaiAuth || login.mode === 'none') return null;
    if (login.mode === 'apikey') return { type: 'apiKey' };
    const { email, planType } = login.claims;
    if (email === null || planType === null) {
      throw new AppError('invalid-state', 'email and plan type are required for chatgpt authentication');
    }
    return { type: 'chatgpt', email, planType };
  }

  /** Mode and token as `getAuthStatus` tells them: a login without a token that can be used is none. */
  status(): { readonly mode: AuthMode | null; readonly token: string | null } {
    const { login, state } = this.#parts.cell;
    const { token } = state.snapshot;
    const isUnusable = login.mode === 'chatgpt' && login.refreshedAtMs === null;
    if (login.mode === 'none' || token === null || token === '' || isUnusable) return { mode: null, token: null };
    return { mode: login.mode, token };
  }

  /** Rejects with AppError `refused` or `io-failed`; then nothing has changed. */
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

  /** Throws AppError `refused` or `invalid-input`; then the tokens are those of before. */
  loginWithExternalTokens(tokens: ExternalTokens): void {
    const { cell, restrictions } = this.#parts;
    if (restrictions.forcedLoginMethod === 'api') {
      throw refused('External ChatGPT auth is disabled. Use API key login instead.');
    }
    this.cancelPending();
    const login = decodedLogin(tokens);
    const wanted = restrictions.forcedWorkspaceId;
    if (wanted !== null && wanted !== login.claims.accountId) {
      const received = shownWorkspace(login.claims.accountId);
      throw refused(`External auth must use workspace ${wanted}, but received ${received}.`);
    }
    this.#ownsStore = false;
    cell.replace(login);
  }

  /** Opens the port and gives the address for the browser. `onEnd` is called once. Rejects with AppError. */
  async startBrowserLogin(onEnd: (loginId: string, end: LoginEnd) => void, signal: AbortSignal): Promise<StartedLogin> {
    const { issuer, loginPort, originator, restrictions, log } = this.#parts;
    this.#requireOwnLogins();
    if (restrictions.forcedLoginMethod === 'api') {
      throw refused('ChatGPT login is disabled. Use API key login instead.');
    }
    this.#pending?.cancel(LOGIN_CANCELLED);
    await this.#pending?.ended; // its end is told before this one's beginning
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

  /** Whether a login of this id can still be cancelled, by `cancelPending`. */
  isPending(loginId: string): boolean {
    return this.#pending?.id === loginId && this.#pending.isWaiting;
  }

  cancelPending(): void {
    this.#pending?.cancel(NOT_COMPLETED);
  }

  /** Rejects with AppError `io-failed`; then nothing has changed. */
  async logout(): Promise<void> {
    const { store, cell } = this.#parts;
    this.cancelPending();
    if (this.#ownsStore && !cell.isTaken) {
      try {
        await store.remove();
      } catch (error) {
        throw new AppError('io-failed', `logout failed: ${failureText(error)}`, { cause: error });
      }
    }
    cell.replace(NO_LOGIN);
  }

  /** Notices what other processes have done to the stored login. Never rejects. */
  settle(): Promise<void> {
    return this.#parts.renewal.ifChanged();
  }

  /** Renews managed tokens when they are old. Rejects only with the signal's reason. */
  async fresh(signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#parts.renewal.ifStale(signal);
  }

  /** Renews managed tokens now, if it can be done. Rejects only with the signal's reason. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.settle();
    await this.#parts.renewal.asked(signal);
  }

  /** A shard cannot go on with the tokens of `generation`: a later one will be broadcast. */
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

  /** Tokens that a browser login brought become the login. */
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

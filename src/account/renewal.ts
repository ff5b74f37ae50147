/**
 * One renewal at a time. In: a refusal by upstream of a generation, stale tokens, or a request. Out: through the
 * cell, a new generation: newer tokens, or the reason why there are none. Concurrent requests share one renewal; its
 * result is dropped if the login has been replaced in the meantime.
 */
import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { fileFingerprint } from '../base/file-fingerprint.ts';
import type { Logger } from '../base/log.ts';
import type { AuthCell } from './auth-cell.ts';
import type { ExternalRefresh } from './external-refresh.ts';
import { RefreshRefused } from './issuer.ts';
import type { ExternalLogin, KeyLogin, ManagedLogin } from './logins.ts';
import type { ManagedRefresh, RefreshCause, Renewed } from './managed-refresh.ts';
import { LoginGone, type StoredCheck } from './stored-login.ts';

export interface RenewalParts {
  readonly cell: AuthCell;
  readonly managed: ManagedRefresh;
  readonly external: ExternalRefresh;
  readonly clock: Clock;
  readonly log: Logger;
  /** Compares a login with the stored one. Never rejects. */
  readonly checkStored?: (login: KeyLogin | ManagedLogin) => Promise<StoredCheck>;
  /** The login was revoked. */
  readonly onRevoked?: () => void;
}

interface Waiters {
  /** Upstream refused some of the waiting requests: they need the reason for a failure. */
  refused: boolean;
}

interface RunningRenewal {
  readonly generation: number;
  readonly waiters: Waiters;
  readonly done: Promise<void>;
}

interface FailedRenewal {
  readonly generation: number;
  readonly cause: RefreshCause;
  readonly error: unknown;
}

/** How long stale tokens that could not be renewed are used before the next attempt. */
const STALE_RETRY_MS = 5 * 60 * 1000;

export class Renewal implements AsyncDisposable {
  readonly #parts: RenewalParts;
  readonly #closed = new AbortController();
  #running: RunningRenewal | null = null;
  /** Includes renewals of logins that have been replaced. */
  readonly #runs = new Set<Promise<void>>();

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Upstream refused the tokens of `generation`: every shard will get a later one. Never rejects. */
  refused(generation: number): Promise<void> {
    return generation === this.#parts.cell.generation ? this.#renew('refused') : Promise.resolve();
  }

  /** The tokens of `generation` are stale: likewise. */
  stale(generation: number): Promise<void> {
    return generation === this.#parts.cell.generation ? this.#renew('stale') : Promise.resolve();
  }

  /** The stored login has changed since `generation`: likewise. */
  async changed(generation: number): Promise<void> {
    const { cell, checkStored } = this.#parts;
    const { own } = cell;
    if (generation !== cell.generation) return;
    const isKept = own.mode === 'apikey' || own.mode === 'chatgpt';
    const found: StoredCheck =
      isKept && checkStored !== undefined ? await checkStored(own) : { kind: 'unknown', error: null };
    if (generation !== cell.generation || this.#running !== null) return; // a later one exists, or will come from the running renewal
    this.#apply(generation, found);
  }

  /** Likewise if the file of the current login has changed. Never rejects. */
  async ifChanged(): Promise<void> {
    const { seen, snapshot } = this.#parts.cell.state;
    if (seen === undefined || seen === null || (await fileFingerprint(seen.path)) === seen.fingerprint) return;
    await this.#running?.done;
    await this.changed(snapshot.generation);
  }

  /** Waits for newer tokens if the current ones are stale. Rejects only with the signal's reason. */
  async ifStale(signal: AbortSignal): Promise<void> {
    const { cell, clock } = this.#parts;
    const { staleAtMs } = cell.state;
    if (staleAtMs !== null && clock.nowMs() >= staleAtMs) await abortable(this.#renew('stale'), signal);
  }

  /**
   * Renews a managed login now; a failure is logged and leaves it as it is. Rejects only with the signal's reason.
   */
  async asked(signal: AbortSignal): Promise<void> {
    if (this.#parts.cell.login.mode === 'chatgpt') await abortable(this.#renew('asked'), signal);
  }

  /** Aborts the running renewals, so that no lock is left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new AppError('upstream-failed', 'server is shutting down'));
    await Promise.all(this.#runs);
  }

  #renew(cause: RefreshCause): Promise<void> {
    const { generation } = this.#parts.cell;
    if (this.#running?.generation !== generation) {
      const waiters = { refused: false };
      const done = this.#run(generation, cause, waiters);
      this.#running = { generation, waiters, done };
      this.#runs.add(done);
      void done.finally(() => this.#runs.delete(done));
    }
    if (cause === 'refused') this.#running.waiters.refused = true;
    return this.#running.done;
  }

  async #run(generation: number, cause: RefreshCause, waiters: Waiters): Promise<void> {
    const { cell, log } = this.#parts;
    log.debug('account', 'renewal-begins', { cause });
    try {
      const renewed = await this.#requestTokens(cause);
      const used = cell.renew(generation, renewed.login, renewed.source);
      log.info('account', used ? 'login-renewed' : 'renewal-dropped', { cause, source: renewed.source });
    } catch (error) {
      this.#failed({ generation, cause, error }, waiters);
    } finally {
      if (this.#running?.generation === generation) this.#running = null;
    }
  }

  #apply(generation: number, found: StoredCheck): void {
    const { cell, log } = this.#parts;
    switch (found.kind) {
      case 'gone':
        this.#revoke(generation, found.error);
        return;
      case 'kept':
        if (cell.isRevoked) cell.renew(generation, found.login, 'reloaded');
        else cell.confirm(generation); // newer tokens of the same account are adopted at the next refusal
        return;
      case 'unknown':
        log.warn('account', 'stored-login-unreadable', { reason: messageOf(found.error) });
        cell.confirm(generation);
        return;
    }
  }

  #revoke(generation: number, { message }: LoginGone): void {
    const { cell, log, onRevoked } = this.#parts;
    const wasRevoked = cell.isRevoked;
    cell.revoke(generation, message);
    if (wasRevoked) return;
    log.warn('account', 'login-taken', { reason: message });
    onRevoked?.();
  }

  #failed({ generation, cause, error }: FailedRenewal, { refused }: Waiters): void {
    const { cell, clock, log } = this.#parts;
    const level = cause === 'stale' ? 'error' : 'warn';
    log[level]('account', 'renewal-failed', { cause, reason: messageOf(error) });
    if (!(error instanceof AppError)) log.error('account', 'renewal-broke', { error });
    if (error instanceof LoginGone) this.#revoke(generation, error);
    else if (refused) cell.fail(generation, messageOf(error));
    else if (error instanceof RefreshRefused) cell.postpone(generation, Number.MAX_SAFE_INTEGER);
    else cell.postpone(generation, clock.nowMs() + STALE_RETRY_MS);
  }

  async #requestTokens(
    cause: RefreshCause,
  ): Promise<{ login: ManagedLogin | ExternalLogin; source: Renewed['source'] }> {
    const { cell, managed, external } = this.#parts;
    const { login } = cell;
    const { signal } = this.#closed;
    switch (login.mode) {
      case 'chatgpt':
        return managed.renew(login, cause, signal);
      case 'chatgptAuthTokens':
        return { login: await external.renew(login, signal), source: 'refreshed' };
      case 'none':
      case 'apikey':
        throw new AppError('refused', 'there is nobody to ask for newer credentials');
    }
  }
}

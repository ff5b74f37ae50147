/**
 * One renewal at a time. In: upstream refused a generation, or its tokens are old, or somebody asks. Out: through the
 * cell, a new generation: newer tokens, or the reason why there are none. However many ask, whoever can answer (the
 * issuer, the client) is asked once; what comes back for a login that has been replaced meanwhile is dropped.
 */
import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { fileMark } from '../base/file-mark.ts';
import type { Logger } from '../base/log.ts';
import type { AuthCell } from './auth-cell.ts';
import type { ExternalRefresh } from './external-refresh.ts';
import { RefreshRefused } from './issuer.ts';
import type { ExternalLogin, KeyLogin, ManagedLogin } from './logins.ts';
import type { ManagedRefresh, RefreshCause, Renewed } from './managed-refresh.ts';
import { LoginGone, type Look } from './stored-login.ts';

export interface RenewalParts {
  readonly cell: AuthCell;
  readonly managed: ManagedRefresh;
  readonly external: ExternalRefresh;
  readonly clock: Clock;
  readonly log: Logger;
  /** Compares a login with what is stored. Never rejects. */
  readonly look?: (login: KeyLogin | ManagedLogin) => Promise<Look>;
  /** The login was taken away. */
  readonly onTaken?: () => void;
}

interface Waiting {
  /** Some of those who wait were refused by upstream: they must hear of a failure. */
  refused: boolean;
}

interface Flight {
  readonly generation: number;
  readonly waiting: Waiting;
  readonly done: Promise<void>;
}

interface FailedRenewal {
  readonly generation: number;
  readonly cause: RefreshCause;
  readonly error: unknown;
}

/** Old tokens that could not be renewed are used for so long before it is tried again. */
const STALE_AGAIN_MS = 5 * 60 * 1000;

export class Renewal implements AsyncDisposable {
  readonly #parts: RenewalParts;
  readonly #closed = new AbortController();
  #flight: Flight | null = null;
  /** Of logins that have been replaced meanwhile, too. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Upstream refused the tokens of `generation`: every shard will hear of a later one. Never rejects. */
  refused(generation: number): Promise<void> {
    return generation === this.#parts.cell.generation ? this.#renew('refused') : Promise.resolve();
  }

  /** The tokens of `generation` are old: the same. */
  stale(generation: number): Promise<void> {
    return generation === this.#parts.cell.generation ? this.#renew('stale') : Promise.resolve();
  }

  /** What is stored is no more what it was in `generation`: the same. */
  async changed(generation: number): Promise<void> {
    const { cell, look } = this.#parts;
    const { own } = cell;
    if (generation !== cell.generation) return;
    const isKept = own.mode === 'apikey' || own.mode === 'chatgpt';
    const found: Look = isKept && look !== undefined ? await look(own) : { kind: 'unknown', error: null };
    if (generation !== cell.generation || this.#flight !== null) return; // a later one is there, or comes with the flight
    this.#apply(generation, found);
  }

  /** The same when the file of the present login has changed. Never rejects. */
  async ifChanged(): Promise<void> {
    const { seen, snapshot } = this.#parts.cell.state;
    if (seen === undefined || seen === null || (await fileMark(seen.path)) === seen.mark) return;
    await this.#flight?.done;
    await this.changed(snapshot.generation);
  }

  /** Waits for newer tokens when the present ones are old. Rejects only with the signal's reason. */
  async ifStale(signal: AbortSignal): Promise<void> {
    const { cell, clock } = this.#parts;
    const { staleAtMs } = cell.state;
    if (staleAtMs !== null && clock.nowMs() >= staleAtMs) await abortable(this.#renew('stale'), signal);
  }

  /** Renews a managed login now; a failure is logged and leaves it as it is. Rejects only with the signal's reason. */
  async asked(signal: AbortSignal): Promise<void> {
    if (this.#parts.cell.login.mode === 'chatgpt') await abortable(this.#renew('asked'), signal);
  }

  /** Gives up what is under way, so that no lock is left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new AppError('upstream-failed', 'server is shutting down'));
    await Promise.all(this.#underWay);
  }

  #renew(cause: RefreshCause): Promise<void> {
    const { generation } = this.#parts.cell;
    if (this.#flight?.generation !== generation) {
      const waiting = { refused: false };
      const done = this.#fly(generation, cause, waiting);
      this.#flight = { generation, waiting, done };
      this.#underWay.add(done);
      void done.finally(() => this.#underWay.delete(done));
    }
    if (cause === 'refused') this.#flight.waiting.refused = true;
    return this.#flight.done;
  }

  async #fly(generation: number, cause: RefreshCause, waiting: Waiting): Promise<void> {
    const { cell, log } = this.#parts;
    log.debug('account', 'renewal-begins', { cause });
    try {
      const renewed = await this.#ask(cause);
      const used = cell.renew(generation, renewed.login, renewed.source);
      log.info('account', used ? 'login-renewed' : 'renewal-dropped', { cause, source: renewed.source });
    } catch (error) {
      this.#failed({ generation, cause, error }, waiting);
    } finally {
      if (this.#flight?.generation === generation) this.#flight = null;
    }
  }

  #apply(generation: number, found: Look): void {
    const { cell, log } = this.#parts;
    switch (found.kind) {
      case 'gone':
        this.#take(generation, found.error);
        return;
      case 'kept':
        if (cell.isTaken) cell.renew(generation, found.login, 'reloaded');
        else cell.note(generation); // newer tokens of the same account wait for a refusal
        return;
      case 'unknown':
        log.warn('account', 'stored-login-unreadable', { reason: messageOf(found.error) });
        cell.note(generation);
        return;
    }
  }

  #take(generation: number, { message }: LoginGone): void {
    const { cell, log, onTaken } = this.#parts;
    const wasTaken = cell.isTaken;
    cell.take(generation, message);
    if (wasTaken) return;
    log.warn('account', 'login-taken', { reason: message });
    onTaken?.();
  }

  #failed({ generation, cause, error }: FailedRenewal, { refused }: Waiting): void {
    const { cell, clock, log } = this.#parts;
    const level = cause === 'stale' ? 'error' : 'warn';
    log[level]('account', 'renewal-failed', { cause, reason: messageOf(error) });
    if (!(error instanceof AppError)) log.error('account', 'renewal-broke', { error });
    if (error instanceof LoginGone) this.#take(generation, error);
    else if (refused) cell.giveUp(generation, messageOf(error));
    else if (error instanceof RefreshRefused) cell.keep(generation, Number.MAX_SAFE_INTEGER);
    else cell.keep(generation, clock.nowMs() + STALE_AGAIN_MS);
  }

  async #ask(cause: RefreshCause): Promise<{ login: ManagedLogin | ExternalLogin; source: Renewed['source'] }> {
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

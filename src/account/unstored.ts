/**
 * Tokens that are in use but could not be stored; the stored ones are used up. In: such tokens. Out: retries now and
 * then, with the next renewal and at the end of the process, until they are stored or the store has another login.
 * Owns its timer.
 */
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { osErrorText } from '../base/os-error.ts';
import { timerMs } from '../base/timers.ts';
import { storedTokens } from './logins.ts';
import type { OrderedStore } from './store.ts';
import type { StoredTokens } from './stored-credentials.ts';

const RETRY_MS = 30_000;

export interface UnstoredParts {
  readonly store: OrderedStore;
  readonly log: Logger;
  /** Warns the client, once for each failure to store. */
  readonly warn: (summary: string, details: string) => void;
  /** Delay between two attempts; thirty seconds by default. */
  readonly retryMs?: number | undefined;
}

interface Pending {
  /** Refresh tokens that the store may have but that are used up. */
  readonly spent: ReadonlySet<string>;
  readonly tokens: StoredTokens;
  readonly refreshedAtMs: number;
}

export class Unstored implements AsyncDisposable {
  readonly #parts: UnstoredParts;
  #pending: Pending | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: UnstoredParts) {
    this.#parts = parts;
  }

  get isPending(): boolean {
    return this.#pending !== null;
  }

  /** Whether the store has this refresh token only because its successor could not be stored. */
  isSpent(refreshToken: string): boolean {
    return this.#pending?.spent.has(refreshToken) ?? false;
  }

  /** Keeps tokens that could not be stored; `used` is the refresh token that they were issued for. */
  add(
    tokens: StoredTokens,
    { used, refreshedAtMs, error }: { used: string; refreshedAtMs: number; error: unknown },
  ): void {
    const { log, warn } = this.#parts;
    this.#pending = { spent: new Set([...(this.#pending?.spent ?? []), used]), tokens, refreshedAtMs };
    log.error('account', 'renewed-login-not-stored', { reason: messageOf(error) });
    warn(
      'The renewed login could not be stored: other processes, and this one after a restart, will have to log in again.',
      `${osErrorText(error)}. This server goes on with it and tries again to store it.`,
    );
    this.#retryLater();
  }

  /** The store has what it needs, or another login. */
  forget(): void {
    this.#pending = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Tries to store the pending tokens. Never rejects. */
  async retry(): Promise<void> {
    const pending = this.#pending;
    if (pending === null) return;
    const { store, log } = this.#parts;
    try {
      await store.update((stored) => {
        const held = stored?.tokens?.refresh_token;
        if (held === undefined || !pending.spent.has(held)) return null;
        return storedTokens(pending.tokens, stored?.OPENAI_API_KEY ?? null, pending.refreshedAtMs);
      });
      if (this.#pending === pending) this.forget();
      log.info('account', 'renewed-login-stored-late');
    } catch (error) {
      log.warn('account', 'renewed-login-not-stored', { reason: messageOf(error) });
      this.#retryLater();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.retry();
    this.forget();
  }

  #retryLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.retry(), timerMs(this.#parts.retryMs ?? RETRY_MS));
    this.#timer.unref();
  }
}

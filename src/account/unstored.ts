/**
 * Tokens that are in use and could not be stored: what is stored is spent. In: such tokens. Out: another try now and then, and with
 * the next renewal and the end of the process, until they are stored or the store holds somebody else's. Owns its timer.
 */
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { osErrorText } from '../base/os-error.ts';
import { timerMs } from '../base/timers.ts';
import { storedTokens } from './logins.ts';
import type { OrderedStore } from './store.ts';
import type { StoredTokens } from './stored-credentials.ts';

const AGAIN_MS = 30_000;

export interface UnstoredParts {
  readonly store: OrderedStore;
  readonly log: Logger;
  /** Tells the client, once for each failure to store. */
  readonly warn: (summary: string, details: string) => void;
  /** Between two tries; thirty seconds when left out. */
  readonly againMs?: number | undefined;
}

interface Pending {
  /** Refresh tokens that the store may hold and that are of no use any more. */
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

  /** Whether the store holds this refresh token only because its successor could not be stored. */
  isSpent(refreshToken: string): boolean {
    return this.#pending?.spent.has(refreshToken) ?? false;
  }

  /** Takes over tokens that the store did not take; `used` is the refresh token that they were bought with. */
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
    this.#tryLater();
  }

  /** The store has what it needs, or belongs to somebody else. */
  forget(): void {
    this.#pending = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Tries to store what is not stored yet. Never rejects. */
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
      this.#tryLater();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.retry();
    this.forget();
  }

  #tryLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.retry(), timerMs(this.#parts.againMs ?? AGAIN_MS));
    this.#timer.unref();
  }
}

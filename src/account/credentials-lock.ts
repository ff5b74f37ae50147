/**
 * Synchronises processes that share stored credentials. Two locks: one for a whole renewal, because a refresh token
 * can be used only once, and one for each change of the stored credentials, so that no login waits for an issuer.
 * Code that needs both takes them in that order. Where no lock can be created (a read-only folder), it works without
 * one.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { LockUnavailable, withFileLock } from '../base/file-lock.ts';
import type { Logger } from '../base/log.ts';

export interface CredentialsLock {
  /**
   * Rejects with AppError `io-failed` if another process holds the lock too long, or with the signal's reason; else
   * like `work`.
   */
  renewing<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Rejects with AppError `io-failed` if another process holds the lock too long, else like `work`. */
  changing<T>(work: () => Promise<T>): Promise<T>;
}

/** For credentials that no other process can see. */
export const NO_LOCK: CredentialsLock = {
  renewing: (work) => work(),
  changing: (work) => work(),
};

/** Another process's renewal takes as long as a request to the issuer; a keyring may ask the user first. */
const LIMIT_MS = 45_000;

export class CredentialsFileLock implements CredentialsLock {
  readonly #codexHome: string;
  readonly #log: Logger;

  constructor(codexHome: string, log: Logger) {
    this.#codexHome = codexHome;
    this.#log = log;
  }

  renewing<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#holding('auth.json.lock', work, signal);
  }

  changing<T>(work: () => Promise<T>): Promise<T> {
    return this.#holding('auth.json.write.lock', work);
  }

  async #holding<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const limits = { giveUpAfterMs: LIMIT_MS, ...(signal === undefined ? {} : { signal }) };
    let hasBegun = false;
    const begin = (): Promise<T> => {
      hasBegun = true;
      return work();
    };
    try {
      await mkdir(this.#codexHome, { recursive: true });
      return await withFileLock(join(this.#codexHome, name), begin, limits);
    } catch (error) {
      if (hasBegun || signal?.aborted === true || (error instanceof LockUnavailable && error.isHeld)) throw error;
      this.#log.warn('account', 'credentials-not-locked', { reason: messageOf(error) });
      return work();
    }
  }
}

/**
 * Expected errors. `AppError` carries a stable `code` that callers match on; `src/rpc/errors.ts` maps it to what the client
 * sees. Any other thrown error is a bug.
 *
 * The program that answers first and the application are separate bundles, each with its own copy of a class: an error that
 * crosses between them is recognised by a marker, not by `instanceof`.
 */
import type { ErrorCode } from './error-codes.ts';

const MARK = Symbol.for('shardex.app-error');

export class AppError extends Error {
  readonly [MARK] = true;
  readonly code: ErrorCode;
  /** Plain data for the handler; never a secret. */
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown; readonly data?: unknown }) {
    super(message, options !== undefined && 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.data = options?.data;
  }
}

/** The program cannot start: its message is printed on stderr behind `Error: ` and the exit code is 1. */
export class StartupError extends AppError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('startup-failed', message, options);
  }
}

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isAppError = (error: unknown): error is AppError => error instanceof Error && MARK in error;

export const isStartupError = (error: unknown): boolean => isAppError(error) && error.code === 'startup-failed';

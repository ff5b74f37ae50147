/**
 * Expected errors. `AppError` carries a stable `code` that callers match on; `src/rpc/errors.ts` maps it to what the client
 * sees. Any other thrown error is a bug.
 */
import type { ErrorCode } from './error-codes.ts';

export class AppError extends Error {
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

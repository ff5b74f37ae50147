/** A thread that could not be opened or read; `code` is the domain error that the main thread makes of it. */
export class OpenFailure extends Error {
  readonly code: 'rollout-unreadable' | 'io-failed' | 'invalid-state';

  constructor(code: OpenFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OpenFailure';
    this.code = code;
  }
}

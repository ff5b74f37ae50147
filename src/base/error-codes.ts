/** Every code of an `AppError`. `src/rpc/errors.ts` says what a client sees of each, and does not compile without one of them. */
export type ErrorCode =
  // The request is at fault.
  /** A param that fits its declaration but is not valid for the method. */
  | 'invalid-input'
  /** A cursor or a limit of a list. */
  | 'invalid-page'
  /** The state of the thread, the login or the file does not allow the operation. */
  | 'invalid-state'
  | 'not-found'
  /** The name is already in use. */
  | 'conflict'
  /** Not allowed by the configuration, the service or a person. */
  | 'refused'
  | 'thread-not-found'
  /** The thread is stored, and the method needs it loaded. */
  | 'thread-not-loaded'
  /** The configuration cannot be used, or cannot become what the request wants. */
  | 'invalid-config'
  | 'invalid-rule'
  /** A folder, a device or a pipe where a file is required. */
  | 'not-regular-file'
  | 'file-too-large'
  /** A link that leads out of the allowed folder. */
  | 'out-of-bounds'
  /** A file with logins or keys. */
  | 'secret-file'
  /** A file that is not UTF-8. */
  | 'not-text'
  // The world is, or we are.
  | 'io-failed'
  /** No descriptors are left. */
  | 'too-many-files'
  | 'rollout-unreadable'
  /** The file of a running thread is gone and cannot be put back. */
  | 'rollout-lost'
  | 'rules-unreadable'
  | 'upstream-failed'
  /** A worker thread ended before it answered. */
  | 'worker-lost'
  | 'search-closed'
  // Handled where they arise.
  /** Wrong words on the command line. */
  | 'usage'
  | 'startup-failed'
  | 'starlark-error'
  /** A command cannot be confined as promised. */
  | 'sandbox-failed';

/** Every code of an `AppError`. `src/rpc/errors.ts` says what a client sees of each, and does not compile without one of them. */
export type ErrorCode =
  // The request is at fault.
  /** A param that its declaration lets pass and its method does not. */
  | 'invalid-input'
  /** A cursor or a limit of a list. */
  | 'invalid-page'
  /** Not while the thread, the login or the file is in this state. */
  | 'invalid-state'
  | 'not-found'
  /** Something of this name is there already. */
  | 'conflict'
  /** Not allowed by the configuration, the service or a person. */
  | 'refused'
  | 'thread-not-found'
  /** The thread is stored, and the method needs it loaded. */
  | 'thread-not-loaded'
  /** The configuration cannot be used, or cannot become what the request wants. */
  | 'invalid-config'
  | 'invalid-rule'
  /** A folder, a device, a pipe: named where a file belongs. */
  | 'not-regular-file'
  | 'file-too-large'
  /** A link that leads out of the folder it has to stay in. */
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

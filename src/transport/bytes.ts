/** Where bytes come from. */
export interface ByteSource {
  /** Begins reading. `onEnd` is called once, after the last chunk; a failing source ends too. */
  start(onChunk: (chunk: Uint8Array) => void, onEnd: () => void): void;
  /** No chunk arrives between `pause` and `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the reading for good; `onEnd` is called if it has not been. */
  stop(): void;
}

/** Where bytes go. One write at a time: the next one follows `done`. */
export interface ByteSink {
  /** Never blocks the thread; `done` is called later, never from within. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
}

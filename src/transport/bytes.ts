/** A source of bytes. */
export interface ByteSource {
  /** Starts reading. `onEnd` is called once, after the last chunk; also after a failure. */
  start(onChunk: (chunk: Uint8Array) => void, onEnd: () => void): void;
  /** No chunk arrives between `pause` and `resume`. */
  pause(): void;
  resume(): void;
  /** Stops reading for good; `onEnd` is called if it has not been. */
  stop(): void;
}

/** A sink for bytes. One write at a time: the next one follows `done`. */
export interface ByteSink {
  /** Never blocks the thread; `done` is called later, never synchronously. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
}

// The output of a command: emitted in chunks while it runs, retained up to a limit, and combined at the end.
import { wholeLength } from '../base/well-formed.ts';
import { decodeOutput } from './text-decoding.ts';

export type StreamName = 'stdout' | 'stderr';

// Observed on codex app-server 0.94.0.
/** Maximum size of a chunk. */
export const DELTA_BYTES = 8192;
/** Chunks emitted per stream; later output is still retained. */
export const DELTAS_PER_STREAM = 10_000;
/** Retained per stream, and for both together in the aggregate. */
export const RETAINED_BYTES = 1_048_576;

export interface CommandText {
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output followed by standard error. */
  readonly aggregated: string;
}

/** `chunk` has at most 8192 bytes and ends between characters if the output is UTF-8. */
export type OnOutput = (stream: StreamName, chunk: Buffer) => void;

class StreamOutput {
  readonly #name: StreamName;
  readonly #onOutput: OnOutput | undefined;
  readonly #chunks: Buffer[] = [];
  /** The start of a character whose end has not been read. */
  #partial: Buffer = Buffer.alloc(0);
  #keptBytes = 0;
  #deltas = 0;

  constructor(name: StreamName, onOutput: OnOutput | undefined) {
    this.#name = name;
    this.#onOutput = onOutput;
  }

  add(read: Buffer): void {
    const kept = read.subarray(0, RETAINED_BYTES - this.#keptBytes);
    if (kept.length > 0) this.#chunks.push(Buffer.from(kept));
    this.#keptBytes += kept.length;
    const pending = this.#partial.length === 0 ? read : Buffer.concat([this.#partial, read]);
    const whole = pending.subarray(0, wholeLength(pending));
    this.#partial = Buffer.from(pending.subarray(whole.length));
    this.#emit(whole);
  }

  /** Ends the stream: an incomplete character is emitted as it is. */
  end(): void {
    this.#emit(this.#partial);
    this.#partial = Buffer.alloc(0);
  }

  #emit(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#deltas < DELTAS_PER_STREAM; ) {
      const piece = bytes.subarray(at, at + DELTA_BYTES);
      const end = at + DELTA_BYTES < bytes.length ? wholeLength(piece) : piece.length;
      this.#deltas += 1;
      this.#onOutput?.(this.#name, piece.subarray(0, end));
      at += end;
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Collects both streams of one command. After `close` it neither retains nor emits anything. */
export class OutputCollector {
  readonly #streams: Readonly<Record<StreamName, StreamOutput>>;
  #isOpen = true;

  constructor(onOutput: OnOutput | undefined) {
    this.#streams = { stdout: new StreamOutput('stdout', onOutput), stderr: new StreamOutput('stderr', onOutput) };
  }

  add(stream: StreamName, read: Buffer): void {
    if (this.#isOpen) this.#streams[stream].add(read);
  }

  /** The text so far. */
  close(): CommandText {
    if (this.#isOpen) for (const stream of Object.values(this.#streams)) stream.end();
    this.#isOpen = false;
    const stdout = this.#streams.stdout.bytes();
    const stderr = this.#streams.stderr.bytes();
    return {
      stdout: decodeOutput(stdout),
      stderr: decodeOutput(stderr),
      aggregated: decodeOutput(aggregate(stdout, stderr, RETAINED_BYTES)),
    };
  }
}

/**
 * Both streams in `limitBytes`. If they do not fit, standard output gets at least a third and standard error the
 * rest; what standard error does not need goes to standard output. Observed on codex app-server 0.94.0.
 */
export function aggregate(stdout: Buffer, stderr: Buffer, limitBytes: number): Buffer {
  if (stdout.length + stderr.length <= limitBytes) return Buffer.concat([stdout, stderr]);
  const sureBytes = Math.min(stdout.length, Math.floor(limitBytes / 3));
  const errorBytes = Math.min(stderr.length, limitBytes - sureBytes);
  return Buffer.concat([stdout.subarray(0, limitBytes - errorBytes), stderr.subarray(0, errorBytes)]);
}

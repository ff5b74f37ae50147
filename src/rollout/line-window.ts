/** Single lines of a file again, by where they are. Reads ahead: lines are asked for in the file's order nearly always. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { RolloutEntry } from './entries.ts';
import { decode } from './format.ts';
import { type LineSpan, textOf } from './line-scan.ts';

const WINDOW_BYTES = 1 << 18;

export class LineWindow implements Disposable {
  readonly #fd: number;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #offset = 0;
  #sizeBytes = 0;

  /** Throws the file system's error. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** null when there is no such line. Throws the file system's error. */
  entry(span: LineSpan): RolloutEntry | null {
    const text = textOf(this.#bytes(span));
    return text === null ? null : decode(text);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #bytes({ offset, sizeBytes }: LineSpan): Buffer {
    if (sizeBytes > WINDOW_BYTES) {
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      return bytes.subarray(0, readSync(this.#fd, bytes, 0, sizeBytes, offset));
    }
    if (offset < this.#offset || offset + sizeBytes > this.#offset + this.#sizeBytes) {
      this.#offset = offset;
      this.#sizeBytes = readSync(this.#fd, this.#window, 0, WINDOW_BYTES, offset);
    }
    const from = offset - this.#offset;
    return this.#window.subarray(from, Math.min(from + sizeBytes, this.#sizeBytes));
  }
}

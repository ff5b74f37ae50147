/** Single lines of a thread again, by where they are. Reads ahead: lines are asked for in the text's order nearly always. */
import { closeSync, readSync } from 'node:fs';
import type { RolloutEntry } from './entries.ts';
import { decodeEntry } from './format.ts';
import { type LineSpan, utf8TextOf } from './line-scan.ts';
import { openRollout } from './rollout-file.ts';
import { type Segment, segmentsOf, type ThreadText } from './thread-text.ts';

const WINDOW_BYTES = 1 << 18;

export class LineWindow implements Disposable {
  readonly #text: ThreadText;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #segment: Segment;
  #fd: number;
  #offset = 0;
  #sizeBytes = 0;

  /** Throws NotRegularFile, FileTooLarge and the file system's error. */
  constructor(text: string | ThreadText) {
    this.#text = segmentsOf(text);
    const [first] = this.#text;
    if (first === undefined) throw new Error('a thread without a file');
    this.#segment = first;
    this.#fd = openRollout(first.path);
  }

  /** null when there is no such line. Throws the file system's error. */
  entry(span: LineSpan): RolloutEntry | null {
    const text = utf8TextOf(this.#bytes(span));
    return text === null ? null : decodeEntry(text);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #bytes({ offset, sizeBytes }: LineSpan): Buffer {
    this.#goTo(offset);
    const inFile = offset - this.#segment.startOffset;
    if (sizeBytes > WINDOW_BYTES) {
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      return bytes.subarray(0, readSync(this.#fd, bytes, 0, sizeBytes, inFile));
    }
    if (offset < this.#offset || offset + sizeBytes > this.#offset + this.#sizeBytes) {
      this.#offset = offset;
      this.#sizeBytes = readSync(this.#fd, this.#window, 0, WINDOW_BYTES, inFile);
    }
    const from = offset - this.#offset;
    return this.#window.subarray(from, Math.min(from + sizeBytes, this.#sizeBytes));
  }

  /** Opens the file that holds this place. */
  #goTo(offset: number): void {
    const segment = this.#text.findLast(({ startOffset }) => startOffset <= offset);
    if (segment === undefined || segment === this.#segment) return;
    const fd = openRollout(segment.path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#segment = segment;
    this.#sizeBytes = 0;
  }
}

/** Decodes a UTF-8 body from chunks, split at any byte; drops a leading byte order mark. */
import { isAscii } from 'node:buffer';

const BYTE_ORDER_MARK = '\ufeff';

export class BodyText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #hasText = false;
  /** The decoder may hold part of a character. */
  #mayHoldPart = false;

  push(bytes: Uint8Array): string {
    // Fast path for nearly everything that models send; the decoder takes several times as long.
    const isPlain = isAscii(bytes);
    if (isPlain && !this.#mayHoldPart) {
      this.#hasText ||= bytes.length > 0;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    }
    this.#mayHoldPart = !isPlain;
    return this.#withoutByteOrderMark(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The replacement for a character that was cut off. */
  end(): string {
    return this.#withoutByteOrderMark(this.#decoder.decode());
  }

  #withoutByteOrderMark(text: string): string {
    const isFirst = !this.#hasText && text !== '';
    this.#hasText ||= isFirst;
    return isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }
}

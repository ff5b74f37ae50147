/** The text of a body of UTF-8 that comes in pieces, cut anywhere; a byte order mark in front of it is left out. */
import { isAscii } from 'node:buffer';

const BYTE_ORDER_MARK = '\ufeff';

export class BodyText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #hasBegun = false;
  /** Part of a character may be waiting for the rest of it. */
  #mayHold = false;

  push(bytes: Uint8Array): string {
    // Nearly all of what models send; the decoder takes several times as long for it.
    const isPlain = isAscii(bytes);
    if (isPlain && !this.#mayHold) {
      this.#hasBegun ||= bytes.length > 0;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    }
    this.#mayHold = !isPlain;
    return this.#withoutMark(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What stands for a character that was cut off. */
  end(): string {
    return this.#withoutMark(this.#decoder.decode());
  }

  #withoutMark(text: string): string {
    const isFirst = !this.#hasBegun && text !== '';
    this.#hasBegun ||= isFirst;
    return isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }
}

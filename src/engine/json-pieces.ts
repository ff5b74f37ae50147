/** A JSON list in pieces of UTF-8, each short enough to be written between other things. It owns what is not encoded yet. */
const PIECE_CHARS = 1 << 17;

const encoder = new TextEncoder();

export class JsonPieces {
  readonly #pieces: Uint8Array[] = [];
  #text: string;
  #isEmpty = true;

  /** `begin` stands before the list. */
  constructor(begin = '') {
    this.#text = `${begin}[`;
  }

  /** Whether a piece became full. */
  add(value: unknown): boolean {
    this.#text += (this.#isEmpty ? '' : ',') + JSON.stringify(value);
    this.#isEmpty = false;
    if (this.#text.length < PIECE_CHARS) return false;
    this.#encode();
    return true;
  }

  /** `end` stands behind the list. */
  finish(end = ''): readonly Uint8Array[] {
    this.#text += `]${end}`;
    this.#encode();
    return this.#pieces;
  }

  #encode(): void {
    this.#pieces.push(encoder.encode(this.#text));
    this.#text = '';
  }
}

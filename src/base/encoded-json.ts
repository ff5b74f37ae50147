/** Begins every stand-in, so that one search tells whether a text may hold any. */
const MARK = '\u0001shardex-encoded-json:';

/** Known by a mark: the bundle that encodes and the bundle that writes each have a copy of the class. */
const BRAND = Symbol.for('shardex.encoded-json');

const isEncodedJson = (value: unknown): value is EncodedJson =>
  typeof value === 'object' && value !== null && BRAND in value;

/** A piece of a line: text still to be encoded, or bytes that are UTF-8 already. */
export type LinePiece = string | Uint8Array;

/**
 * JSON that was encoded elsewhere (in a shard), as UTF-8 without line breaks, in one or more chunks. Anywhere inside a
 * result or params; the line writer splices the bytes in without decoding or copying them into one text.
 */
export class EncodedJson<T = unknown> {
  readonly [BRAND] = true;
  /** What was encoded; there is nothing at run time. */
  declare readonly encodes?: T;
  readonly chunks: readonly Uint8Array[];

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks;
  }

  /** Only a stand-in: whoever serialises it without `encodePieces` sees the mark, not the content. */
  toJSON(): string {
    return MARK;
  }
}

/**
 * Serialises a value into pieces of one JSON text. `undefined` where JSON has no value becomes `null`.
 * Throws what JSON.stringify throws (cycles, nesting too deep).
 */
export function encodePieces(value: unknown): readonly LinePiece[] {
  if (isEncodedJson(value)) return value.chunks;
  const text = JSON.stringify(value) ?? 'null';
  // JSON escapes the mark's first character, so the search is for the rest of it.
  return text.includes(MARK.slice(1)) ? splice(value) : [text];
}

/** Second pass for the few values that hold encoded parts; a client's text that looks like the mark only costs this pass. */
function splice(value: unknown): readonly LinePiece[] {
  const nonce = crypto.randomUUID();
  const found: EncodedJson[] = [];
  const text =
    JSON.stringify(value, function replace(this: Record<string, unknown>, key: string, item: unknown): unknown {
      const original = this[key]; // `item` has been through toJSON already
      if (!isEncodedJson(original)) return item;
      found.push(original);
      return nonce;
    }) ?? 'null';
  const texts = text.split(`"${nonce}"`);
  return texts.flatMap((part, index): readonly LinePiece[] => [part, ...(found[index]?.chunks ?? [])]);
}

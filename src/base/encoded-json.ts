/** The prefix of every placeholder, so that one search tells whether a text may contain any. */
const MARK = '\u0001shardex-encoded-json:';

/** A piece of a line: text that is not encoded yet, or UTF-8 bytes. */
export type LinePiece = string | Uint8Array;

/**
 * JSON that a shard has encoded, as UTF-8 without line breaks, in one or more chunks. It may stand anywhere inside a result or
 * params; the line writer inserts the bytes without decoding them.
 */
export class EncodedJson<T = unknown> {
  /** The type of the encoded value; not present at run time. */
  declare readonly encodes?: T;
  readonly chunks: readonly Uint8Array[];

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks;
  }

  /** Only a placeholder: serialisation without `encodePieces` yields the marker, not the content. */
  toJSON(): string {
    return MARK;
  }
}

/**
 * Serialises a value into pieces of one JSON text. `undefined` where JSON has no value becomes `null`.
 * Throws what JSON.stringify throws (cycles, nesting too deep).
 */
export function encodePieces(value: unknown): readonly LinePiece[] {
  if (value instanceof EncodedJson) return value.chunks;
  const text = JSON.stringify(value) ?? 'null';
  // JSON escapes the first character of the marker, so the search is for the rest.
  return text.includes(MARK.slice(1)) ? splice(value) : [text];
}

/** Second pass for the few values that hold encoded parts; a client's text that looks like the marker only costs this pass. */
function splice(value: unknown): readonly LinePiece[] {
  const nonce = crypto.randomUUID();
  const found: EncodedJson[] = [];
  const text =
    JSON.stringify(value, function replace(this: Record<string, unknown>, key: string, item: unknown): unknown {
      const original = this[key]; // `item` has been through toJSON already
      if (!(original instanceof EncodedJson)) return item;
      found.push(original);
      return nonce;
    }) ?? 'null';
  const texts = text.split(`"${nonce}"`);
  return texts.flatMap((part, index): readonly LinePiece[] => [part, ...(found[index]?.chunks ?? [])]);
}

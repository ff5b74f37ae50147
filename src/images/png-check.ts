import { inflateSync } from 'node:zlib';

/** `truncated`: the chunks do not reach IEND. Otherwise the pixel data is damaged, for `reason`. */
export type PngProblem = { readonly kind: 'truncated' } | { readonly kind: 'damaged'; readonly reason: string };

const SIGNATURE_BYTES = 8;
const CHUNK_OVERHEAD_BYTES = 12;
/** Pixels take at most 8 bytes (16-bit RGBA); each row, of each of seven passes, has a filter byte. */
const MAX_BYTES_PER_PIXEL = 8;
const PASSES = 7;

/**
 * Whether a small PNG can be decoded at all: upstream refuses a whole request for one broken image. Undefined when it
 * can. Inflates the pixels, so only for images whose size has been checked.
 */
export function findPngProblem(bytes: Uint8Array, size: { width: number; height: number }): PngProblem | undefined {
  const data = pixelData(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (data === undefined) return { kind: 'truncated' };
  const maxOutputLength = (size.width * MAX_BYTES_PER_PIXEL + 1) * size.height + PASSES * (size.height + 1);
  try {
    inflateSync(data, { maxOutputLength });
    return undefined;
  } catch (error) {
    return { kind: 'damaged', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The joined IDAT chunks; undefined when the file ends before IEND. */
function pixelData(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let position = SIGNATURE_BYTES; position + CHUNK_OVERHEAD_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32BE(position);
    const type = bytes.toString('latin1', position + 4, position + 8);
    const dataStart = position + 8;
    if (dataStart + length + 4 > bytes.length) return undefined;
    if (type === 'IEND') return Buffer.concat(parts);
    if (type === 'IDAT') parts.push(bytes.subarray(dataStart, dataStart + length));
    position = dataStart + length + 4;
  }
  return undefined;
}

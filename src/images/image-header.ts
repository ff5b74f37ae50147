// The first bytes of an image -> its format and size, without decoding it. Pure; never throws, whatever the bytes.

/** Width and height in pixels, both at least 1. */
export interface ImageHeader {
  readonly format: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Signature, then length (13), type and data of the IHDR chunk. */
const PNG_HEADER_BYTES = 8 + 4 + 4 + 13;

/** Reads the content only; undefined for any other format and for a truncated or invalid header. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readPng(buffer) ?? readJpeg(buffer);
  return header !== undefined && header.width > 0 && header.height > 0 ? header : undefined;
}

function readPng(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < PNG_HEADER_BYTES || !bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return undefined;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Start-of-frame markers C0 to CF, without the three in that range that mean something else (T.81, table B.1). */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Markers without a length: TEM and RST0 to RST7. */
const isStandAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

function readJpeg(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let position = 2;
  while (position + 4 <= bytes.length) {
    if (bytes[position] !== 0xff) return undefined;
    const marker = bytes.readUInt8(position + 1);
    if (marker === 0xff) {
      position += 1;
    } else if (isStandAlone(marker)) {
      position += 2;
    } else if (isStartOfFrame(marker)) {
      if (position + 9 > bytes.length) return undefined;
      return { format: 'jpeg', height: bytes.readUInt16BE(position + 5), width: bytes.readUInt16BE(position + 7) };
    } else {
      // A length below 2 would loop; a scan or the end of the image before a frame has no size.
      const length = bytes.readUInt16BE(position + 2);
      if (length < 2 || marker === 0xda || marker === 0xd9) return undefined;
      position += 2 + length;
    }
  }
  return undefined;
}

// An image file of the user or of the tool `view_image` -> a data URL for the model, or a text that says why not.
//
// In: the bytes and the path they came from. Out: `data:image/...` or the note that takes the image's place. Reads no
// file itself. `LocalImages` owns the encodings of the last 32 images, because history repeats them.
import { createHash } from 'node:crypto';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { guessMediaType } from './media-type.ts';
import { findPngProblem } from './png-check.ts';
import { fitsAsIs, type LoadResizer, loadSharp, scaleToFit } from './resize.ts';

/** `text` replaces the image for the model. */
export type EncodedImage =
  | { readonly ok: true; readonly dataUrl: string }
  | { readonly ok: false; readonly reason: 'unsupported' | 'invalid' | 'too-large'; readonly text: string };

/** The note for a file that cannot be read; `osError` is the system's wording. */
export const unreadableImageText = (path: string, osError: string): string =>
  `The local image at \`${path}\` could not be read: ${osError}`;

const invalid = (path: string, decoderError: string): EncodedImage => ({
  ok: false,
  reason: 'invalid',
  text: `The image at \`${path}\` is damaged and cannot be attached: ${decoderError}`,
});

function unsupported(path: string): EncodedImage {
  const mediaType = guessMediaType(path);
  const text = mediaType?.startsWith('image/')
    ? `The image at \`${path}\` cannot be attached: the format \`${mediaType}\` is not supported`
    : unreadableImageText(path, `unsupported MIME type ${mediaType === undefined ? '(unknown)' : `\`${mediaType}\``}`);
  return { ok: false, reason: 'unsupported', text };
}

/** Decoding takes four bytes for each pixel, and a header may claim any size. */
const MAX_PIXELS = 100_000_000;

const tooManyPixels = (path: string, { width, height }: ImageHeader): EncodedImage => ({
  ok: false,
  reason: 'too-large',
  text: `The image at \`${path}\` is too large to attach (${width}x${height} pixels; at most ${MAX_PIXELS} in all)`,
});

const tooLarge = (path: string, { width, height }: ImageHeader): EncodedImage => ({
  ok: false,
  reason: 'too-large',
  text:
    `The image at \`${path}\` is too large to attach (${width}x${height} pixels): ` +
    'the optional package that scales images down is not available here',
});

const dataUrl = (format: ImageHeader['format'], bytes: Uint8Array): EncodedImage => ({
  ok: true,
  dataUrl: `data:image/${format};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`,
});

/**
 * Encodes a PNG or JPEG, recognised by content. Images within 2048x768 are sent unchanged, larger ones are scaled down.
 * `path` is for the texts and for guessing what an unknown format is. Never rejects because of the bytes.
 */
export async function encodeLocalImage(
  bytes: Uint8Array,
  path: string,
  loadResizer: LoadResizer = loadSharp,
): Promise<EncodedImage> {
  const header = readImageHeader(bytes);
  if (header === undefined) return unsupported(path);
  if (fitsAsIs(header)) {
    const problem = header.format === 'png' ? findPngProblem(bytes, header) : undefined;
    if (problem?.kind === 'truncated') return unsupported(path);
    if (problem?.kind === 'damaged') return invalid(path, problem.reason);
    return dataUrl(header.format, bytes);
  }
  if (header.width * header.height > MAX_PIXELS) return tooManyPixels(path, header);
  const resize = await loadResizer();
  if (resize === undefined) return tooLarge(path, header);
  try {
    return dataUrl(header.format, await resize(bytes, scaleToFit(header)));
  } catch (error) {
    return invalid(path, error instanceof Error ? error.message : String(error));
  }
}

/** Encodings kept at a time, as observed on codex app-server 0.94.0. */
const CACHE_ENTRIES = 32;

/** Caches the 32 encodings that were used last. */
export class LocalImages {
  readonly #loadResizer: LoadResizer;
  readonly #byHash = new Map<string, EncodedImage>();

  constructor(loadResizer: LoadResizer = loadSharp) {
    this.#loadResizer = loadResizer;
  }

  /** Like `encodeLocalImage`. Failures are not cached, because their text contains the path. */
  async encode(bytes: Uint8Array, path: string): Promise<EncodedImage> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const known = this.#byHash.get(hash);
    const encoded = known ?? (await encodeLocalImage(bytes, path, this.#loadResizer));
    if (encoded.ok) this.#remember(hash, encoded);
    return encoded;
  }

  #remember(hash: string, encoded: EncodedImage): void {
    // Deleted first so that the order of the map is the order of use.
    this.#byHash.delete(hash);
    this.#byHash.set(hash, encoded);
    const [oldest] = this.#byHash.keys();
    if (this.#byHash.size > CACHE_ENTRIES && oldest !== undefined) this.#byHash.delete(oldest);
  }
}

import type { ImageHeader } from './image-header.ts';

/** The size limit for models; observed on codex app-server 0.94.0. */
const MAX_WIDTH = 2048;
const MAX_HEIGHT = 768;
const JPEG_QUALITY = 85;

/** Decodes, scales to exactly this size and encodes in the same format. Rejects on pixel data it cannot decode. */
type Resizer = (bytes: Uint8Array, target: ImageHeader) => Promise<Buffer>;

/** Loads the optional image library; undefined if it is not installed or fails to load. */
export type LoadResizer = () => Promise<Resizer | undefined>;

export const fitsAsIs = ({ width, height }: ImageHeader): boolean => width <= MAX_WIDTH && height <= MAX_HEIGHT;

/** The largest size within the limits that keeps the aspect ratio; at least one pixel each way. */
export function scaleToFit({ format, width, height }: ImageHeader): ImageHeader {
  const ratio = Math.min(MAX_WIDTH / width, MAX_HEIGHT / height);
  const scaled = (pixels: number) => Math.max(1, Math.round(pixels * ratio));
  return { format, width: scaled(width), height: scaled(height) };
}

/** The image library `sharp`: it is large and native, so it is optional and loaded on first use. */
export const loadSharp: LoadResizer = async () => {
  const library = await import('sharp').catch(() => undefined);
  if (library === undefined) return undefined;
  const sharp = library.default;
  return async (bytes, { format, width, height }) => {
    const scaled = sharp(bytes).resize({ width, height, fit: 'fill', kernel: 'linear' });
    if (format === 'jpeg') return await scaled.jpeg({ quality: JPEG_QUALITY }).toBuffer();
    return await scaled.toColourspace('srgb').ensureAlpha().png().toBuffer();
  };
};

/** An image on disk as a data URL, or the remark that takes its place. */
import { readFile } from 'node:fs/promises';
import { osErrorText } from '../base/os-error.ts';
import { type EncodedImage, type LocalImages, unreadableImageText } from '../images/local-image.ts';

/** Reads `path`; texts name it as `shownPath`. Never rejects. */
export async function loadImage(images: LocalImages, path: string, shownPath: string): Promise<EncodedImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { ok: false, reason: 'invalid', text: unreadableImageText(shownPath, osErrorText(error)) };
  }
  return images.encode(bytes, shownPath);
}

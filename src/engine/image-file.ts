/** An image on disk as a data URL, or the remark that takes its place. */
import { osErrorText } from '../base/os-error.ts';
import { readRegular } from '../base/regular-file.ts';
import { type EncodedImage, type LocalImages, unreadableImageText } from '../images/local-image.ts';

/** Photographs are far smaller; services take less. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024;

/** Reads `path`, which must be a regular file; texts name it as `shownPath`. Never rejects. */
export async function loadImage(images: LocalImages, path: string, shownPath: string): Promise<EncodedImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(path, MAX_IMAGE_BYTES);
  } catch (error) {
    return { ok: false, reason: 'invalid', text: unreadableImageText(shownPath, osErrorText(error)) };
  }
  return images.encode(bytes, shownPath);
}

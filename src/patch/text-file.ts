import { AppError } from '../base/errors.ts';
import { FileTooLarge } from '../base/regular-file.ts';

/** What a patch can hold in memory and show. */
export const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown for bytes that are not UTF-8: a patch must not turn them into replacement characters. */
class NotTextError extends AppError {
  constructor(cause: unknown) {
    super('not-text', 'is not UTF-8 text, and a patch cannot show or keep other bytes', { cause });
  }
}

/** Strict UTF-8; a byte order mark stays part of the text. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new NotTextError(cause);
  }
}

/** The pieces of a stream, which throws `FileTooLarge` once there is more than a patch may hold. */
export async function* boundedInput(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of pieces) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > LARGEST_FILE_BYTES) throw new FileTooLarge(LARGEST_FILE_BYTES);
    yield piece;
  }
}

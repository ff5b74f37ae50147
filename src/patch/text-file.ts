const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown for bytes that are not UTF-8: a patch must not turn them into replacement characters. */
export class NotTextError extends Error {
  constructor() {
    super('stream did not contain valid UTF-8');
  }
}

/** Strict UTF-8; a byte order mark stays part of the text. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw Object.assign(new NotTextError(), { cause });
  }
}

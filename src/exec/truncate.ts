/** How much of a text to keep: `limit` bytes, or `limit` tokens of four bytes. */
export interface TruncationLimit {
  readonly mode: 'bytes' | 'tokens';
  readonly limit: number;
}

/** The estimate for token limits, as on codex app-server 0.94.0. */
const BYTES_PER_TOKEN = 4;

/**
 * Removes the middle of a text that exceeds the limit, never inside a character, and inserts a notice of how much is
 * gone. A text within the limit is returned unchanged; a limit of 0 leaves only the notice.
 */
export function truncateMiddle(text: string, { mode, limit }: TruncationLimit): string {
  const budgetBytes = mode === 'tokens' ? limit * BYTES_PER_TOKEN : limit;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= budgetBytes) return text;
  const headBytes = Math.floor(budgetBytes / 2);
  const headEnd = boundaryAtOrBefore(bytes, headBytes);
  const tailStart = boundaryAtOrAfter(bytes, bytes.length - (budgetBytes - headBytes));
  const removed =
    mode === 'tokens'
      ? `${Math.ceil((bytes.length - budgetBytes) / BYTES_PER_TOKEN)} tokens`
      : `${characterCount(bytes.subarray(headEnd, tailStart))} chars`;
  return `${bytes.toString('utf8', 0, headEnd)}…${removed} truncated…${bytes.toString('utf8', tailStart)}`;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function boundaryAtOrBefore(bytes: Buffer, at: number): number {
  let boundary = at;
  while (boundary > 0 && isContinuation(bytes[boundary])) boundary -= 1;
  return boundary;
}

function boundaryAtOrAfter(bytes: Buffer, at: number): number {
  let boundary = at;
  while (isContinuation(bytes[boundary])) boundary += 1;
  return boundary;
}

function characterCount(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (!isContinuation(byte)) count += 1;
  return count;
}

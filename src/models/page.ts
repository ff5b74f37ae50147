/** Pages of a complete list: the cursor is the decimal offset of the next page. */
import { AppError } from '../base/errors.ts';

export interface PageRequest {
  readonly cursor?: string | null | undefined;
  /** null or absent: everything; 0 counts as 1. */
  readonly limit?: number | null | undefined;
}

export class PageError extends AppError {
  constructor(message: string) {
    super('invalid-page', message);
  }
}

/** An empty list ignores the cursor. Throws PageError with the texts that clients know. */
export function pageOf<T>(
  all: readonly T[],
  { cursor, limit }: PageRequest,
  noun: string,
): { readonly items: readonly T[]; readonly nextCursor: string | null } {
  if (all.length === 0) return { items: [], nextCursor: null };
  const start = offsetOf(cursor ?? null);
  if (start > all.length) throw new PageError(`cursor ${cursorText(cursor)} exceeds total ${noun} ${all.length}`);
  const end = Math.min(all.length, start + Math.max(1, limit ?? all.length));
  return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
}

/** Larger numbers do not parse as an offset. */
const LARGEST_OFFSET = 2n ** 64n - 1n;

function offsetOf(cursor: string | null): number {
  if (cursor === null) return 0;
  if (!/^\+?\d+$/.test(cursor) || BigInt(cursor.replace('+', '')) > LARGEST_OFFSET) {
    throw new PageError(`invalid cursor: ${cursor}`);
  }
  return Number(cursor);
}

/** The digits without sign and leading zeros. */
const cursorText = (cursor: string | null | undefined): string => BigInt((cursor ?? '0').replace('+', '')).toString();

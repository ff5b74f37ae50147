/** What a reader of streams needs to know of a format: fed with bytes, it collects events and knows when it is over. */
import { closedEarly, cutInBody, timedOut } from './errors.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

/** How a body ended: by itself, by a broken connection, or in silence. */
export type BodyEnd = 'end' | 'broken' | 'silent';

export interface Decoder {
  /** Decoded and not yet taken; the reader empties it. */
  readonly events: UpstreamEvent[];
  /** Events seen so far, of whatever kind: a sign of life. Comments do not count. */
  readonly seen: number;
  /** Grows with everything that is said: what only goes on says nothing. */
  readonly said: number;
  /** A completion was read: nothing after it counts. */
  readonly completed: boolean;
  /** The stream cannot go on. */
  readonly broken: UpstreamFailure | null;
  /** All that matters was said; the rest is waited for only a moment. */
  readonly settling: boolean;
  feed(bytes: Uint8Array): void;
  /** What it means that the body ended before a completion; null when that completes it. `contentType` is the header's. */
  ended(how: BodyEnd, contentType: string | null): UpstreamFailure | null;
}

export const FAILURES: Readonly<Record<BodyEnd, () => UpstreamFailure>> = {
  end: closedEarly,
  broken: cutInBody,
  silent: timedOut,
};

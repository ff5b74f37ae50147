/**
 * The part of an item that a delta of its text belongs to: the message, a summary part, or a reasoning part. Pure.
 */
import { partOf } from './bounds.ts';
import type { UpstreamEvent } from './types.ts';

type ContentDelta = Extract<UpstreamEvent, { kind: 'textDelta' | 'summaryDelta' | 'reasoningDelta' }>;
/** The members of a delta besides its text. */
export type Channel = ContentDelta extends infer E ? (E extends ContentDelta ? Omit<E, 'delta'> : never) : never;

export const TEXT: Channel = { kind: 'textDelta' };

/**
 * Written out member by member: there are many of them, and spreading a channel takes a third of the time to read a
 * stream.
 */
export function contentDelta(channel: Channel, delta: string): ContentDelta {
  switch (channel.kind) {
    case 'textDelta':
      return { kind: 'textDelta', delta };
    case 'summaryDelta':
      return { kind: 'summaryDelta', summaryIndex: channel.summaryIndex, delta };
    case 'reasoningDelta':
      return { kind: 'reasoningDelta', contentIndex: channel.contentIndex, delta };
  }
}

/** The same part always has the same object, so that it can be a map key. */
export class Channels {
  readonly #summaries: Channel[] = [];
  readonly #reasoningParts: Channel[] = [];

  /** null for an invalid index. */
  summary(index: unknown): Channel | null {
    const summaryIndex = partOf(index);
    if (summaryIndex === null) return null;
    this.#summaries[summaryIndex] ??= { kind: 'summaryDelta', summaryIndex };
    return this.#summaries[summaryIndex];
  }

  /** null for an invalid index. */
  reasoning(index: unknown): Channel | null {
    const contentIndex = partOf(index);
    if (contentIndex === null) return null;
    this.#reasoningParts[contentIndex] ??= { kind: 'reasoningDelta', contentIndex };
    return this.#reasoningParts[contentIndex];
  }
}

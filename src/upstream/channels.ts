/** What a delta of an item's text is a part of: the message, a part of a summary, a part of the thoughts. Pure. */
import { partOf } from './bounds.ts';
import type { UpstreamEvent } from './types.ts';

type Spoken = Extract<UpstreamEvent, { kind: 'textDelta' | 'summaryDelta' | 'reasoningDelta' }>;
/** What a delta says beside its text. */
export type Channel = Spoken extends infer E ? (E extends Spoken ? Omit<E, 'delta'> : never) : never;

export const TEXT: Channel = { kind: 'textDelta' };

/** Written out member by member: there are many of them, and copying a channel's takes a third of reading a stream. */
export function spoken(channel: Channel, delta: string): Spoken {
  switch (channel.kind) {
    case 'textDelta':
      return { kind: 'textDelta', delta };
    case 'summaryDelta':
      return { kind: 'summaryDelta', summaryIndex: channel.summaryIndex, delta };
    case 'reasoningDelta':
      return { kind: 'reasoningDelta', contentIndex: channel.contentIndex, delta };
  }
}

/** The same part has the same object, so that text is found by it. */
export class Channels {
  readonly #summaries: Channel[] = [];
  readonly #thoughts: Channel[] = [];

  /** null for what is no place of a part. */
  summary(place: unknown): Channel | null {
    const summaryIndex = partOf(place);
    if (summaryIndex === null) return null;
    this.#summaries[summaryIndex] ??= { kind: 'summaryDelta', summaryIndex };
    return this.#summaries[summaryIndex];
  }

  /** null for what is no place of a part. */
  thought(place: unknown): Channel | null {
    const contentIndex = partOf(place);
    if (contentIndex === null) return null;
    this.#thoughts[contentIndex] ??= { kind: 'reasoningDelta', contentIndex };
    return this.#thoughts[contentIndex];
  }
}

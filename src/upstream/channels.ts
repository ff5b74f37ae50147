/** What a delta of an item's text is a part of: the message, a part of a summary, a part of the thoughts. Pure. */
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

/** Unique in its item. */
export const nameOf = (channel: Channel): string =>
  channel.kind === 'textDelta' ? 'text' : JSON.stringify([channel.kind, indexIn(channel)]);

const indexIn = (channel: Exclude<Channel, { kind: 'textDelta' }>): number =>
  channel.kind === 'summaryDelta' ? channel.summaryIndex : channel.contentIndex;

/** What becomes of an item whose end leaves out what its beginning and its deltas said. Pure. */
import type { JsonRecord } from '../base/json/schema.ts';
import type { TextJoiner } from '../base/well-formed.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { Channel } from './channels.ts';
import { typeOf } from './items.ts';

/** An item that has begun and is not done. */
export interface Growing {
  readonly type: string;
  /** The item as it was added, with whole text. */
  readonly added: JsonRecord;
  readonly keys: ReadonlySet<string>;
  readonly channels: Map<Channel, { readonly joiner: TextJoiner; text: string }>;
  /** Parts of a message that have said something: what only repeats them is passed over. */
  readonly parts: Set<unknown>;
  /** The one that did so last. */
  part: unknown;
  /** Arguments of a function, or the input of a custom tool; halves of pairs as they came. */
  input: string;
}

/** A finished item with what only its beginning and its deltas said of it. */
export function completed(item: JsonRecord, { type, added, channels, input }: Growing): JsonRecord {
  const named = { ...beginning(added), ...withoutHoles(item), type: typeOf(item) ?? type };
  const parts = (kind: Channel['kind']): { readonly text: string }[] =>
    [...channels].flatMap(([channel, { text }]) => (channel.kind === kind && text !== '' ? [{ text }] : []));
  switch (named.type) {
    case 'message':
      return isEmpty(item.content) ? { ...named, content: parts('textDelta') } : named;
    case 'reasoning':
      return {
        ...named,
        ...(isEmpty(item.summary) ? { summary: parts('summaryDelta') } : {}),
        ...(isEmpty(item.content) && parts('reasoningDelta').length > 0 ? { content: parts('reasoningDelta') } : {}),
      };
    case 'function_call':
      return isEmpty(item.arguments) && input !== '' ? { ...named, arguments: input.toWellFormed() } : named;
    case 'custom_tool_call':
      return isEmpty(item.input) && input !== '' ? { ...named, input: input.toWellFormed() } : named;
    default:
      return named;
  }
}

/** What an item keeps of how it was added. */
const beginning = (added: JsonRecord): JsonRecord =>
  Object.fromEntries(
    ['id', 'call_id', 'name', 'role'].filter((name) => added[name]).map((name) => [name, added[name]]),
  );

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const withoutHoles = (item: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(item).filter(([, member]) => member !== undefined && member !== null));

/** A message or a thought without a word. */
export const isHollow = (item: ResponseItem): boolean =>
  (item.type === 'message' && item.content.length === 0) ||
  (item.type === 'reasoning' && item.summary.length + (item.content ?? []).length === 0 && !item.encrypted_content);

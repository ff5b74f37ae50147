/** Completes a finished item with what only its start and its deltas contained. Pure. */
import type { JsonRecord } from '../base/json/schema.ts';
import type { TextJoiner } from '../base/well-formed.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { Channel } from './channels.ts';
import { typeOf } from './items.ts';

/** An item that has started and is not done. */
export interface GrowingItem {
  readonly type: string;
  /** The item as it was added, with well-formed text. */
  readonly added: JsonRecord;
  readonly keys: ReadonlySet<string>;
  readonly channels: Map<Channel, { readonly joiner: TextJoiner; text: string }>;
  /** Parts of a message that have had content: later repetitions are ignored. */
  readonly parts: Set<unknown>;
  /** The latest of them. */
  part: unknown;
  /** Arguments of a function, or the input of a custom tool; may contain lone surrogates. */
  input: string;
}

/** The finished item, completed from its start and its deltas. */
export function completed(item: JsonRecord, { type, added, channels, input }: GrowingItem): JsonRecord {
  const named = { ...startMembers(added), ...withoutNulls(item), type: typeOf(item) ?? type };
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

/** The members that an item keeps from when it was added. */
const startMembers = (added: JsonRecord): JsonRecord =>
  Object.fromEntries(
    ['id', 'call_id', 'name', 'role'].filter((name) => added[name]).map((name) => [name, added[name]]),
  );

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const withoutNulls = (item: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(item).filter(([, member]) => member !== undefined && member !== null));

/** Whether it is a message or a reasoning item without content. */
export const isEmptyItem = (item: ResponseItem): boolean =>
  (item.type === 'message' && item.content.length === 0) ||
  (item.type === 'reasoning' && item.summary.length + (item.content ?? []).length === 0 && !item.encrypted_content);

/**
 * How much of an answer is taken, whoever sends it: no model says more, and a client could not read more. Lengths are in
 * UTF-16 units. Pure.
 */
import { count, readOrNull } from '../base/json/schema.ts';
import type { ResponseItem } from '../protocol/response-items.ts';

/** Of one event. The last one of a response repeats all that was said. */
export const MAX_EVENT_LENGTH = 16 * 1024 * 1024;
/** Of the text, the arguments or the thoughts of one item: several times what the largest models can say at once. */
export const MAX_ITEM_LENGTH = 4 * 1024 * 1024;
/** Of a whole response. */
export const MAX_RESPONSE_LENGTH = 32 * 1024 * 1024;
/** What an item without a word counts for. */
export const ITEM_LENGTH = 64;
/** Items of one response that are begun and not yet done. */
export const MOST_OPEN_ITEMS = 256;
/** Parts of a summary, or of the thoughts, of one item: whoever shows them makes room up to the highest. */
const MOST_PARTS = 1024;

/** The place of a part in its item; null for anything else. */
export const partOf = (value: unknown): number | null => {
  const place = readOrNull(count, value);
  return place === null || place >= MOST_PARTS ? null : place;
};

/** As JSON; null for what nests too deeply to be spelt. */
export function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What a model said in an item. */
export function lengthOf(item: ResponseItem): number {
  switch (item.type) {
    case 'message':
      return sum(item.content.map((part) => (part.type === 'input_image' ? part.image_url.length : part.text.length)));
    case 'reasoning':
      return sum([...item.summary, ...(item.content ?? [])].map(({ text }) => text.length)) + sealLength(item);
    case 'function_call':
      return item.arguments.length;
    case 'custom_tool_call':
      return item.input.length;
    case 'local_shell_call':
      return 'command' in item.action ? sum(item.action.command.map(({ length }) => length)) : 0;
    case 'compaction':
      return sealLength(item);
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'web_search_call':
    case 'ghost_snapshot':
    case 'other':
      return 0;
  }
}

const sum = (lengths: readonly number[]): number => lengths.reduce((total, length) => total + length, 0);

const sealLength = (item: { readonly encrypted_content?: string | null }): number =>
  item.encrypted_content?.length ?? 0;

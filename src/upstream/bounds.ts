/**
 * Limits for a response, whoever sends it: no model produces more, and no client could display more. Lengths are in
 * UTF-16 units. Pure.
 */
import { count, readOrNull } from '../base/json/schema.ts';
import type { ResponseItem } from '../protocol/response-items.ts';

/** Of one event. The last event of a response repeats all of its content. */
export const MAX_EVENT_LENGTH = 16 * 1024 * 1024;
/** Of the text, arguments or reasoning of one item: several times what the largest models can produce at once. */
export const MAX_ITEM_LENGTH = 4 * 1024 * 1024;
/** Of a whole response. */
export const MAX_RESPONSE_LENGTH = 32 * 1024 * 1024;
/** The length that an empty item counts for. */
export const ITEM_LENGTH = 64;
/** Maximum number of unfinished items in one response. */
export const MAX_OPEN_ITEMS = 256;
/** Maximum number of summary or reasoning parts of one item: clients allocate parts up to the highest index. */
const MAX_PARTS = 1024;

/** The index of a part in its item; null for anything else. */
export const partOf = (value: unknown): number | null => {
  const index = readOrNull(count, value);
  return index === null || index >= MAX_PARTS ? null : index;
};

/** As JSON; null for values that are nested too deeply. */
export function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Length of a model's content in an item. */
export function contentLengthOf(item: ResponseItem): number {
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

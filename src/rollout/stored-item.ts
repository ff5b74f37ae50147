/** A history item as it is stored and shown raw: without upstream's id, absent members left out, null ones kept. */
import type { Unchanging } from '../protocol/outbound.ts';
import type { ResponseItem } from '../protocol/response-items.ts';

/** What is stored has no `other`: nobody could read it back. */
export type StoredItem = Unchanging<Exclude<ResponseItem, { readonly type: 'other' }>>;

/** null for items that are never stored: unknown ones. Observed on codex app-server 0.94.0. */
export function storedItem(item: ResponseItem): StoredItem | null {
  switch (item.type) {
    case 'message':
      return {
        type: item.type,
        role: item.role,
        content: item.content,
        ...(isGiven(item.end_turn) ? { end_turn: item.end_turn } : {}),
      };
    case 'reasoning':
      return {
        type: item.type,
        summary: item.summary,
        ...reasoningContent(item.content),
        encrypted_content: item.encrypted_content ?? null,
      };
    case 'local_shell_call':
      return { type: item.type, call_id: item.call_id ?? null, status: item.status, action: item.action };
    case 'function_call':
      return { type: item.type, name: item.name, arguments: item.arguments, call_id: item.call_id };
    case 'function_call_output':
      return { type: item.type, call_id: item.call_id, output: item.output };
    case 'custom_tool_call':
      return {
        type: item.type,
        ...(isGiven(item.status) ? { status: item.status } : {}),
        call_id: item.call_id,
        name: item.name,
        input: item.input,
      };
    case 'custom_tool_call_output':
      return { type: item.type, call_id: item.call_id, output: item.output };
    case 'web_search_call':
      return {
        type: item.type,
        ...(isGiven(item.status) ? { status: item.status } : {}),
        ...(isGiven(item.action) ? { action: item.action } : {}),
      };
    case 'ghost_snapshot':
      return { type: item.type, ghost_commit: item.ghost_commit };
    case 'compaction':
      return { type: item.type, encrypted_content: item.encrypted_content };
    case 'other':
      return null;
  }
}

const isGiven = <T>(value: T): value is NonNullable<T> => value !== undefined && value !== null;

type ReasoningContent = (ResponseItem & { type: 'reasoning' })['content'];

/** Left out when all parts are plain `text`: such content is the provider's to keep. */
function reasoningContent(content: ReasoningContent): { readonly content?: ReasoningContent } {
  if (content === undefined || content === null) return { content: null };
  return content.some((part) => part.type === 'reasoning_text') ? { content } : {};
}

/** A history item as it is sent upstream: only known members, in a fixed order. Pure. */
import { formatShellText, parseShellJson } from '../exec/format.ts';
import type { ResponseItem } from '../protocol/response-items.ts';

export interface SentFormOptions {
  /** Some endpoints store responses themselves and want the ids they gave back. */
  readonly keepIds: boolean;
  /** With the free-form patch tool on offer, JSON shell outputs are sent as text. */
  readonly freeformPatch: boolean;
}

/** Tools whose JSON outputs become text. */
const JSON_OUTPUT_TOOLS = new Set(['shell', 'container.exec', 'apply_patch']);

export function sentForm(item: ResponseItem, options: SentFormOptions, all: readonly ResponseItem[]): object {
  const form = { type: item.type, ...members(item, options, all) };
  const id = 'id' in item ? item.id : undefined;
  return options.keepIds && typeof id === 'string' && id !== '' ? { ...form, id } : form;
}

function members(item: ResponseItem, options: SentFormOptions, all: readonly ResponseItem[]): object {
  switch (item.type) {
    case 'message':
      return { role: item.role, content: item.content, ...optional('end_turn', item.end_turn) };
    case 'reasoning':
      return reasoningMembers(item);
    case 'function_call':
      return { name: item.name, arguments: item.arguments, call_id: item.call_id };
    case 'custom_tool_call':
      return { ...optional('status', item.status), call_id: item.call_id, name: item.name, input: item.input };
    case 'function_call_output':
      return { call_id: item.call_id, output: shown(item.output, item.call_id, options, all) };
    case 'custom_tool_call_output':
      return { call_id: item.call_id, output: shown(item.output, item.call_id, options, all) };
    case 'local_shell_call':
      return { call_id: item.call_id ?? null, status: item.status, action: item.action };
    case 'web_search_call':
      return { ...optional('status', item.status), ...optional('action', item.action) };
    case 'compaction':
      return { encrypted_content: item.encrypted_content };
    default:
      return {};
  }
}

const optional = (name: string, value: unknown): object =>
  value === undefined || value === null ? {} : { [name]: value };

/** Content that holds only plain `text` parts is the provider's own and is left out, unlike no content at all. */
function reasoningMembers(item: ResponseItem & { type: 'reasoning' }): object {
  const content = item.content ?? null;
  const isShown = content === null || content.some((part) => part.type === 'reasoning_text');
  return {
    summary: item.summary,
    ...(isShown ? { content } : {}),
    encrypted_content: item.encrypted_content ?? null,
  };
}

function shown<T>(output: T, callId: string, options: SentFormOptions, all: readonly ResponseItem[]): T | string {
  if (!options.freeformPatch || typeof output !== 'string') return output;
  const isJson = all.some(
    (item) =>
      'call_id' in item &&
      item.call_id === callId &&
      (item.type === 'local_shell_call' ||
        ((item.type === 'function_call' || item.type === 'custom_tool_call') && JSON_OUTPUT_TOOLS.has(item.name))),
  );
  const parsed = isJson ? parseShellJson(output) : null;
  return parsed === null ? output : formatShellText(parsed);
}

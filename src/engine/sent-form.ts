/** A history item as it is sent upstream: only known members, in a fixed order. Pure. */
import { formatShellText, parseShellJson } from '../exec/format.ts';
import type { ResponseItem } from '../protocol/response-items.ts';

export interface SentFormOptions {
  /** Some endpoints store responses themselves and want the ids they gave back. */
  readonly keepId: boolean;
  /** Calls whose JSON outputs are sent as text. */
  readonly asText: ReadonlySet<string>;
}

/** Tools whose JSON outputs become text. */
const JSON_OUTPUT_TOOLS = new Set(['shell', 'container.exec', 'apply_patch']);

export function sentForm(item: ResponseItem, options: SentFormOptions): object {
  const form = { type: item.type, ...members(item, options.asText) };
  const id = 'id' in item ? item.id : undefined;
  return options.keepId && typeof id === 'string' && id !== '' ? { ...form, id } : form;
}

function members(item: ResponseItem, asText: ReadonlySet<string>): object {
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
      return { call_id: item.call_id, output: shown(item.output, asText.has(item.call_id)) };
    case 'custom_tool_call_output':
      return { call_id: item.call_id, output: shown(item.output, asText.has(item.call_id)) };
    case 'local_shell_call':
      return { call_id: item.call_id ?? null, status: item.status, action: item.action };
    case 'web_search_call':
      return { ...optional('status', item.status), ...optional('action', item.action) };
    case 'compaction':
      return { encrypted_content: item.encrypted_content };
    case 'ghost_snapshot':
    case 'other':
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

function shown<T>(output: T, asText: boolean): T | string {
  const parsed = asText && typeof output === 'string' ? parseShellJson(output) : null;
  return parsed === null ? output : formatShellText(parsed);
}

/** The calls of shell and patch tools: with the free-form patch tool on offer, models expect their outputs as text. */
export function jsonCalls(items: readonly ResponseItem[]): ReadonlySet<string> {
  const ids = items.flatMap((item) => {
    if (item.type === 'local_shell_call') return item.call_id ?? [];
    const isCall = item.type === 'function_call' || item.type === 'custom_tool_call';
    return isCall && JSON_OUTPUT_TOOLS.has(item.name) ? item.call_id : [];
  });
  return new Set(ids);
}

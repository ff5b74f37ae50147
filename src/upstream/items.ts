/** Reads the items a model service sends. In: any JSON value. Out: a `ResponseItem` with known members only, or null. */

import type {
  ContentItem,
  FunctionCallOutput,
  LocalShellAction,
  ReasoningItemContent,
  ReasoningItemReasoningSummary,
  ResponseItem,
  WebSearchAction,
} from '../protocol/response-items.ts';
import { isRecord, type JsonRecord, listOf, strings } from './json.ts';

/** Every kind that this version does not know. */
const other = () => ({ type: 'other' }) as Extract<ResponseItem, { type: 'other' }>;

/**
 * Unknown types become `{type: 'other'}`. Null when the value is no item, or one whose members are not as they should
 * be (a message with an unknown kind of content among them).
 */
export function parseResponseItem(value: unknown): ResponseItem | null {
  if (!isRecord(value) || typeof value.type !== 'string') return null;
  switch (value.type) {
    case 'message':
      return message(value);
    case 'reasoning':
      return reasoning(value);
    case 'function_call':
      return functionCall(value);
    case 'function_call_output':
      return functionCallOutput(value);
    case 'custom_tool_call':
      return customToolCall(value);
    case 'custom_tool_call_output':
      return strings(value, 'call_id', 'output')
        ? { type: 'custom_tool_call_output', call_id: value.call_id, output: value.output }
        : null;
    case 'local_shell_call':
      return localShellCall(value);
    case 'web_search_call':
      return { type: 'web_search_call', ...idOf(value), ...statusOf(value), ...searchActionOf(value.action) };
    case 'compaction':
    case 'compaction_summary':
      return strings(value, 'encrypted_content')
        ? { type: 'compaction', encrypted_content: value.encrypted_content }
        : null;
    default:
      return other();
  }
}

function message(value: JsonRecord): ResponseItem | null {
  const content = listOf(value.content, contentPart);
  if (!strings(value, 'role') || content === null) return null;
  const endTurn = typeof value.end_turn === 'boolean' ? { end_turn: value.end_turn } : {};
  return { type: 'message', ...idOf(value), role: value.role, content, ...endTurn };
}

function contentPart(part: JsonRecord): ContentItem | null {
  if (part.type === 'input_text' && strings(part, 'text')) return { type: 'input_text', text: part.text };
  if (part.type === 'output_text' && strings(part, 'text')) return { type: 'output_text', text: part.text };
  if (part.type === 'input_image' && strings(part, 'image_url')) {
    return { type: 'input_image', image_url: part.image_url };
  }
  return null;
}

function reasoning(value: JsonRecord): ResponseItem | null {
  const summary = listOf(value.summary ?? [], (part): ReasoningItemReasoningSummary | null =>
    part.type === 'summary_text' && strings(part, 'text') ? { type: 'summary_text', text: part.text } : null,
  );
  const content = value.content === undefined || value.content === null ? null : listOf(value.content, reasoningPart);
  if (summary === null || (content === null && Array.isArray(value.content))) return null;
  return {
    type: 'reasoning',
    id: typeof value.id === 'string' ? value.id : '',
    summary,
    content,
    encrypted_content: typeof value.encrypted_content === 'string' ? value.encrypted_content : null,
  };
}

function reasoningPart(part: JsonRecord): ReasoningItemContent | null {
  if (!strings(part, 'text')) return null;
  return part.type === 'reasoning_text' || part.type === 'text' ? { type: part.type, text: part.text } : null;
}

function functionCall(value: JsonRecord): ResponseItem | null {
  if (!strings(value, 'name', 'arguments', 'call_id')) return null;
  const { name, call_id } = value;
  return { type: 'function_call', ...idOf(value), name, arguments: value.arguments, call_id };
}

function functionCallOutput(value: JsonRecord): ResponseItem | null {
  const output = typeof value.output === 'string' ? value.output : outputParts(value.output);
  if (!strings(value, 'call_id') || output === null) return null;
  return { type: 'function_call_output', call_id: value.call_id, output };
}

function outputParts(output: unknown): FunctionCallOutput | null {
  const parts = listOf(output, contentPart);
  const allowed = parts?.filter((part) => part.type !== 'output_text');
  return allowed !== undefined && allowed.length === parts?.length ? allowed : null;
}

function customToolCall(value: JsonRecord): ResponseItem | null {
  if (!strings(value, 'call_id', 'name', 'input')) return null;
  const { call_id, name, input } = value;
  return { type: 'custom_tool_call', ...idOf(value), ...statusOf(value), call_id, name, input };
}

function localShellCall(value: JsonRecord): ResponseItem | null {
  const { status } = value;
  const action = shellAction(value.action);
  if (action === null || (status !== 'completed' && status !== 'in_progress' && status !== 'incomplete')) return null;
  const callId = typeof value.call_id === 'string' ? value.call_id : null;
  return { type: 'local_shell_call', ...idOf(value), call_id: callId, status, action };
}

function shellAction(action: unknown): LocalShellAction | null {
  if (!isRecord(action) || action.type !== 'exec' || !isStringList(action.command)) return null;
  const { timeout_ms, working_directory, env, user } = action;
  return {
    type: 'exec',
    command: [...action.command],
    timeout_ms: typeof timeout_ms === 'number' && Number.isInteger(timeout_ms) && timeout_ms >= 0 ? timeout_ms : null,
    working_directory: typeof working_directory === 'string' ? working_directory : null,
    env: isRecord(env) ? Object.fromEntries(Object.entries(env).map(([name, text]) => [name, String(text)])) : null,
    user: typeof user === 'string' ? user : null,
  };
}

function searchActionOf(value: unknown): { action?: WebSearchAction } {
  if (!isRecord(value) || typeof value.type !== 'string') return {};
  const text = (name: string): Record<string, string> => {
    const member = value[name];
    return typeof member === 'string' ? { [name]: member } : {};
  };
  switch (value.type) {
    case 'search':
      return {
        action: {
          type: 'search',
          ...text('query'),
          ...(isStringList(value.queries) ? { queries: [...value.queries] } : {}),
        },
      };
    case 'open_page':
      return { action: { type: 'open_page', ...text('url') } };
    case 'find_in_page':
      return { action: { type: 'find_in_page', ...text('url'), ...text('pattern') } };
    default:
      return { action: other() };
  }
}

const idOf = (value: JsonRecord): { id?: string } => (typeof value.id === 'string' ? { id: value.id } : {});

const statusOf = (value: JsonRecord): { status?: string } =>
  typeof value.status === 'string' ? { status: value.status } : {};

const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

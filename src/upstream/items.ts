/**
 * Reads the items a model service sends. In: any JSON value with whole text. Out: a `ResponseItem` with known members
 * only, or what is wrong with it. Services differ in small things (a missing role, content as a string, arguments as an
 * object), and those are taken as they are meant. Pure, but for the ids of calls that came without one.
 */
import { randomUUID } from 'node:crypto';
import { wellFormedJson } from '../base/well-formed.ts';
import type {
  ContentItem,
  FunctionCallOutput,
  LocalShellAction,
  ReasoningItemContent,
  ResponseItem,
  WebSearchAction,
} from '../protocol/response-items.ts';
import { jsonOf } from './bounds.ts';
import { isRecord, type JsonRecord, strings } from './json.ts';

/** An item, or why there is none, in words for the user: `a function_call without a name`. */
export type ReadItem =
  | { readonly ok: true; readonly item: ResponseItem }
  | { readonly ok: false; readonly problem: string };

const good = (item: ResponseItem): ReadItem => ({ ok: true, item });
const bad = (problem: string): ReadItem => ({ ok: false, problem });

/** Every kind that this version does not know. */
const other = () => ({ type: 'other' }) as Extract<ResponseItem, { type: 'other' }>;

/** `readItem` without the reason. */
export function parseResponseItem(value: unknown): ResponseItem | null {
  const read = readItem(value);
  return read.ok ? read.item : null;
}

/** Unknown types become `{type: 'other'}`. */
export function readItem(value: unknown): ReadItem {
  const type = isRecord(value) ? typeOf(value) : null;
  if (!isRecord(value) || type === null) return bad('an item without a type');
  switch (type) {
    case 'message':
      return message(value);
    case 'reasoning':
      return good(reasoning(value));
    case 'function_call':
      return functionCall(value);
    case 'function_call_output':
      return functionCallOutput(value);
    case 'custom_tool_call':
      return customToolCall(value);
    case 'custom_tool_call_output':
      return strings(value, 'call_id', 'output')
        ? good({ type: 'custom_tool_call_output', call_id: value.call_id, output: value.output })
        : bad(`a ${type} without its members`);
    case 'local_shell_call':
      return localShellCall(value);
    case 'web_search_call':
      return good({ type: 'web_search_call', ...idOf(value), ...statusOf(value), ...searchActionOf(value.action) });
    case 'compaction':
    case 'compaction_summary':
      return strings(value, 'encrypted_content')
        ? good({ type: 'compaction', encrypted_content: value.encrypted_content })
        : bad(`a ${type} without its content`);
    default:
      return good(other());
  }
}

/** What an item is, by its members when it does not say; null when they do not tell either. */
export function typeOf(value: JsonRecord): string | null {
  if (typeof value.type === 'string' && value.type !== '') return value.type;
  if (isRecord(value.function) || ('arguments' in value && typeof value.name === 'string')) return 'function_call';
  if ('input' in value && typeof value.name === 'string') return 'custom_tool_call';
  if ('content' in value || typeof value.role === 'string') return 'message';
  if ('summary' in value) return 'reasoning';
  return null;
}

function message(value: JsonRecord): ReadItem {
  const role = typeof value.role === 'string' && value.role !== '' ? value.role : 'assistant';
  const given = partsOf(value.content);
  const content = given.map((part) => contentPart(part, role)).filter((part) => part !== null);
  if (given.length > 0 && content.length === 0) return bad('a message without content that can be read');
  const endTurn = typeof value.end_turn === 'boolean' ? { end_turn: value.end_turn } : {};
  return good({ type: 'message', ...idOf(value), role, content, ...endTurn });
}

/** Parts of a content; a single part may stand without its list. */
function partsOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  return content === undefined || content === null ? [] : [content];
}

function contentPart(part: unknown, role: string): ContentItem | null {
  const textType = role === 'assistant' ? 'output_text' : 'input_text';
  if (typeof part === 'string') return { type: textType, text: part };
  if (!isRecord(part)) return null;
  if (typeof part.text === 'string') {
    return { type: part.type === 'input_text' || part.type === 'output_text' ? part.type : textType, text: part.text };
  }
  if (typeof part.refusal === 'string') return { type: textType, text: part.refusal };
  const url = isRecord(part.image_url) ? part.image_url.url : part.image_url;
  return typeof url === 'string' ? { type: 'input_image', image_url: url } : null;
}

function reasoning(value: JsonRecord): ResponseItem {
  const texts = (content: unknown): { readonly type: unknown; readonly text: string }[] =>
    partsOf(content).flatMap((part) => {
      if (typeof part === 'string') return [{ type: null, text: part }];
      return isRecord(part) && typeof part.text === 'string' ? [{ type: part.type, text: part.text }] : [];
    });
  const hasContent = value.content !== undefined && value.content !== null;
  const content = texts(value.content).map(
    ({ type, text }): ReasoningItemContent => ({ type: type === 'text' ? 'text' : 'reasoning_text', text }),
  );
  return {
    type: 'reasoning',
    id: typeof value.id === 'string' ? value.id : '',
    summary: texts(value.summary).map(({ text }) => ({ type: 'summary_text', text })),
    content: hasContent ? content : null,
    encrypted_content: typeof value.encrypted_content === 'string' ? value.encrypted_content : null,
  };
}

function functionCall(value: JsonRecord): ReadItem {
  const inner = isRecord(value.function) ? value.function : value;
  if (typeof inner.name !== 'string' || inner.name === '') return bad('a function_call without a name');
  const args = argumentsText(inner.arguments ?? {});
  if (args === null) return bad(`a function_call (${inner.name}) whose arguments nest too deeply`);
  return good({ type: 'function_call', ...idOf(value), name: inner.name, arguments: args, call_id: callIdOf(value) });
}

/** Arguments as the text that the wire wants them to be; null when they cannot be spelt. */
const argumentsText = (given: unknown): string | null =>
  typeof given === 'string' ? wellFormedJson(given) : jsonOf(given);

/** What pairs a call with its output: the call's own word for it, its id as an item, or one of ours. */
function callIdOf({ call_id: callId, id }: JsonRecord): string {
  if (typeof callId === 'string' && callId !== '') return callId;
  return typeof id === 'string' && id !== '' ? id : `call_${randomUUID()}`;
}

function functionCallOutput(value: JsonRecord): ReadItem {
  const output = typeof value.output === 'string' ? value.output : outputParts(value.output);
  if (!strings(value, 'call_id') || output === null) return bad('a function_call_output without its members');
  return good({ type: 'function_call_output', call_id: value.call_id, output });
}

function outputParts(output: unknown): FunctionCallOutput | null {
  if (!Array.isArray(output)) return null;
  const parts = output.map((part) => contentPart(part, 'user'));
  const allowed = parts.flatMap((part) => (part === null || part.type === 'output_text' ? [] : [part]));
  return allowed.length === parts.length ? allowed : null;
}

function customToolCall(value: JsonRecord): ReadItem {
  const { name, input } = value;
  if (typeof name !== 'string' || name === '') return bad('a custom_tool_call without a name');
  if (input === undefined || input === null) return bad(`a custom_tool_call (${name}) without its input`);
  const text = typeof input === 'string' ? input : jsonOf(input);
  if (text === null) return bad(`a custom_tool_call (${name}) whose input nests too deeply`);
  return good({
    type: 'custom_tool_call',
    ...idOf(value),
    ...statusOf(value),
    call_id: callIdOf(value),
    name,
    input: text,
  });
}

function localShellCall(value: JsonRecord): ReadItem {
  const action = shellAction(value.action);
  if (action === null) return bad('a local_shell_call without a command');
  const status = value.status === 'in_progress' || value.status === 'incomplete' ? value.status : 'completed';
  return good({ type: 'local_shell_call', ...idOf(value), call_id: callIdOf(value), status, action });
}

function shellAction(action: unknown): LocalShellAction | null {
  if (!isRecord(action) || (action.type !== undefined && action.type !== 'exec')) return null;
  if (!isStringList(action.command)) return null;
  const { timeout_ms, working_directory, env, user } = action;
  return {
    type: 'exec',
    command: [...action.command],
    timeout_ms: typeof timeout_ms === 'number' && Number.isInteger(timeout_ms) && timeout_ms >= 0 ? timeout_ms : null,
    working_directory: typeof working_directory === 'string' ? working_directory : null,
    env: isRecord(env) ? plainMembers(env) : null,
    user: typeof user === 'string' ? user : null,
  };
}

const plainMembers = (record: JsonRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, String(value)]])),
  );

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

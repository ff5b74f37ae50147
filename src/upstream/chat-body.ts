/**
 * A sampling request for providers with a Chat Completions API. In: the body for the Responses API. Out: the same
 * conversation as messages. Tools that are not functions do not exist there and are left out.
 */
import { isRecord, type JsonRecord } from '../base/json/schema.ts';
import { failure, UpstreamError } from './errors.ts';
import type { ResponsesBody } from './types.ts';

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly object[];
  readonly stream: true;
  readonly tools: readonly object[];
}

interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** An assistant's message under construction: text and calls of one step belong together. */
interface AssistantMessage {
  readonly role: 'assistant';
  content: string | null;
  tool_calls?: ToolCall[];
  reasoning?: string;
}

/** Throws `UpstreamError` for what the API cannot express. */
export function chatBody(body: ResponsesBody): ChatBody {
  if (body.text?.format !== undefined) {
    const message = 'unsupported operation: output_schema is not supported for Chat Completions API';
    throw new UpstreamError(failure({ message, info: 'badRequest' }));
  }
  const messages = [{ role: 'system', content: body.instructions }, ...messagesOf(body.input.filter(isRecord))];
  return { model: body.model, messages, stream: true, tools: body.tools.flatMap(chatTool) };
}

function chatTool(tool: unknown): object[] {
  if (!isRecord(tool) || tool.type !== 'function') return [];
  const { type, ...definition } = tool;
  return [{ type, name: tool.name, function: definition }];
}

function messagesOf(items: readonly JsonRecord[]): object[] {
  const messages: object[] = [];
  const lastUser = items.findLastIndex(({ type, role }) => type === 'message' && role === 'user');
  let open: AssistantMessage | null = null;
  let reasoning = '';
  const assistant = (): AssistantMessage => {
    if (open === null) {
      open = { role: 'assistant', content: null };
      messages.push(open);
    }
    if (reasoning !== '') open.reasoning = reasoning;
    reasoning = '';
    return open;
  };
  for (const [index, item] of items.entries()) {
    const call = toolCall(item);
    if (call !== null) {
      const message = assistant();
      message.tool_calls = [...(message.tool_calls ?? []), call];
    } else if (item.type === 'reasoning') {
      // Models need their reasoning back only while they work on the same task.
      if (index > lastUser) reasoning += reasoningText(item);
      open = null;
    } else if (item.type === 'message' && item.role === 'assistant') {
      open = null;
      assistant().content = textOf(item.content);
    } else {
      const message = otherMessage(item);
      if (message === null) continue;
      open = null;
      messages.push(message);
    }
  }
  return messages;
}

function otherMessage(item: JsonRecord): object | null {
  if (item.type === 'message') return { role: item.role, content: contentOf(item.content) };
  if (item.type !== 'function_call_output' && item.type !== 'custom_tool_call_output') return null;
  const content = typeof item.output === 'string' ? item.output : contentOf(item.output);
  return { role: 'tool', tool_call_id: item.call_id, content };
}

function toolCall(item: JsonRecord): ToolCall | null {
  if (typeof item.call_id !== 'string') return null;
  const call = (name: unknown, args: string): ToolCall => ({
    id: String(item.call_id),
    type: 'function',
    function: { name: String(name), arguments: args },
  });
  switch (item.type) {
    case 'function_call':
      return call(item.name, String(item.arguments));
    case 'custom_tool_call':
      return call(item.name, JSON.stringify({ input: item.input }));
    case 'local_shell_call':
      return call('shell', JSON.stringify({ command: isRecord(item.action) ? item.action.command : [] }));
    default:
      return null;
  }
}

const partsOf = (content: unknown): JsonRecord[] => (Array.isArray(content) ? content.filter(isRecord) : []);

const textOf = (content: unknown): string =>
  partsOf(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');

/** A plain text, or parts if there are images. */
function contentOf(content: unknown): string | object[] {
  const parts = partsOf(content);
  if (!parts.some(({ type }) => type === 'input_image')) return textOf(content);
  return parts.map(({ type, text, image_url }) =>
    type === 'input_image' ? { type: 'image_url', image_url: { url: image_url } } : { type: 'text', text },
  );
}

const reasoningText = ({ content }: JsonRecord): string => textOf(content);

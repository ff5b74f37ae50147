/**
 * Items of codex of today that older clients have no kind for, as the nearest kind that they have: a call of a tool, where no
 * other fits. Observed on codex app-server 0.171.0. An item of a kind that nobody knows is shown as such a call too, with all that
 * it holds as arguments. Pure.
 */
import type { ThreadItem, UserInput } from '../protocol/items.ts';
import { msOf } from './duration.ts';
import { isRecord, isString, type JsonRecord, listOf, recordsOf, textOrNull } from './json.ts';

type ItemOf<K extends ThreadItem['type']> = ThreadItem & { readonly type: K };
type ToolCall = ItemOf<'mcpToolCall'>;
type AgentCall = ItemOf<'collabAgentToolCall'>;
type AgentState = AgentCall['agentsStates'][string];

/** Who runs what is no tool of an MCP server. */
const BY_CODEX = 'codex';
const BY_CLIENT = 'client';

/** `pathOf` makes a path of a stored one. null for an item without a kind. */
export function otherItem(item: JsonRecord, id: string, pathOf: (text: string) => string): ThreadItem | null {
  const { type, saved_path: savedPath } = item;
  if (!isString(type)) return null;
  switch (type) {
    case 'DynamicToolCall':
      return isString(item.tool) ? clientCall(item, id, item.tool) : callOf(item, id, type);
    case 'CollabAgentToolCall':
      return agentCall(item, id);
    case 'HookPrompt':
      return { type: 'userMessage', id, content: recordsOf(item.fragments).flatMap(textInput) };
    case 'ImageGeneration':
      return isString(savedPath) ? { type: 'imageView', id, path: pathOf(savedPath) } : callOf(item, id, type);
    default:
      return callOf(item, id, type);
  }
}

const textInput = ({ text }: JsonRecord): UserInput[] =>
  isString(text) ? [{ type: 'text', text, text_elements: [] }] : [];

const statusOf = ({ status, success }: JsonRecord): ToolCall['status'] =>
  status === 'failed' || success === false ? 'failed' : 'completed';

/** Whatever else the item holds are the arguments. */
function callOf(item: JsonRecord, id: string, tool: string): ToolCall {
  const { id: _id, type: _type, tool: _tool, status: _status, ...rest } = item;
  return {
    type: 'mcpToolCall',
    id,
    server: BY_CODEX,
    tool,
    status: statusOf(item),
    arguments: rest as ToolCall['arguments'],
    result: null,
    error: null,
    durationMs: msOf(item.duration),
  };
}

function clientCall(item: JsonRecord, id: string, tool: string): ToolCall {
  const { content_items: parts, arguments: args } = item;
  return {
    type: 'mcpToolCall',
    id,
    server: textOrNull(item.namespace) ?? BY_CLIENT,
    tool,
    status: statusOf(item),
    arguments: (args ?? null) as ToolCall['arguments'],
    result: Array.isArray(parts) ? { content: parts.map(blockOf), structuredContent: null } : null,
    error: null,
    durationMs: msOf(item.duration),
  };
}

type Block = NonNullable<ToolCall['result']>['content'][number];

const DATA_URL = 'data:';
const BASE64 = ';base64,';

/** A part of another kind shows as it is stored. */
function blockOf(part: unknown): Block {
  const { type, text, imageUrl: url } = isRecord(part) ? part : {};
  if (type === 'inputText' && isString(text)) return textBlock(text);
  if (type !== 'inputImage' || !isString(url)) return textBlock(JSON.stringify(part));
  const at = url.indexOf(BASE64);
  if (!url.startsWith(DATA_URL) || at === -1) return textBlock(url);
  return { type: 'image', data: url.slice(at + BASE64.length), mimeType: url.slice(DATA_URL.length, at) };
}

const textBlock = (text: string): Block => ({ type: 'text', text });

const AGENT_TOOLS: ReadonlyMap<unknown, AgentCall['tool']> = new Map([
  ['spawn_agent', 'spawnAgent'],
  ['send_input', 'sendInput'],
  ['send_message', 'sendInput'],
  ['followup_task', 'sendInput'],
  ['wait', 'wait'],
  ['close_agent', 'closeAgent'],
]);

/** Calls of tools that older clients do not know show by their own names. */
function agentCall(item: JsonRecord, id: string): AgentCall | ToolCall {
  const { sender_thread_id: sender, agents_states: states } = item;
  const tool = AGENT_TOOLS.get(item.tool);
  if (tool === undefined || !isString(sender)) return callOf(item, id, textOrNull(item.tool) ?? 'CollabAgentToolCall');
  return {
    type: 'collabAgentToolCall',
    id,
    tool,
    status: item.status === 'failed' || item.status === 'interrupted' ? 'failed' : 'completed',
    senderThreadId: sender,
    receiverThreadIds: listOf(item.receiver_thread_ids, isString) ?? [],
    prompt: textOrNull(item.prompt),
    agentsStates: isRecord(states)
      ? Object.fromEntries(Object.entries(states).map(([agent, state]) => [agent, stateOf(state)]))
      : {},
  };
}

const AGENT_STATES: ReadonlyMap<unknown, AgentState['status']> = new Map([
  ['pending_init', 'pendingInit'],
  ['running', 'running'],
  ['completed', 'completed'],
  ['errored', 'errored'],
  ['interrupted', 'shutdown'],
  ['shutdown', 'shutdown'],
]);

/** A word, or a word with a text: `{"completed": "…"}`. */
function stateOf(state: unknown): AgentState {
  const [word, message] = isRecord(state) ? (Object.entries(state)[0] ?? []) : [state, null];
  return { status: AGENT_STATES.get(word) ?? 'notFound', message: textOrNull(message) };
}

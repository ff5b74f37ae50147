/**
 * Items of codex of today that older clients have no kind for, as the nearest kind that they have: a call of a tool, where no
 * other fits. Observed on codex app-server 0.171.0. An item of a kind that nobody knows is shown as such a call too, with all that
 * it holds as arguments. Pure.
 */
import * as s from '../base/json/schema.ts';
import type { ThreadItem } from '../protocol/items.ts';
import { StoredDuration } from './duration.ts';
import { StoredPath } from './stored-path.ts';

type ItemOf<K extends ThreadItem['type']> = ThreadItem & { readonly type: K };
type ToolCall = ItemOf<'mcpToolCall'>;
type AgentCall = ItemOf<'collabAgentToolCall'>;
type AgentState = AgentCall['agentsStates'][string];

/** Who runs what is no tool of an MCP server. */
const BY_CODEX = 'codex';
const BY_CLIENT = 'client';

const statusOf = ({
  status,
  success,
}: {
  readonly status?: unknown;
  readonly success?: unknown;
}): ToolCall['status'] => (status === 'failed' || success === false ? 'failed' : 'completed');

const AnyItem = s.open({
  id: s.string,
  type: s.string,
  tool: s.anything,
  status: s.anything,
  success: s.anything,
  duration: s.anything,
});

/** Whatever else the item holds are the arguments. */
function callOf(item: s.Infer<typeof AnyItem>, tool: string): ToolCall {
  const { id, type: _type, tool: _tool, status: _status, ...rest } = item;
  return {
    type: 'mcpToolCall',
    id,
    server: BY_CODEX,
    tool,
    status: statusOf(item),
    arguments: rest,
    result: null,
    error: null,
    durationMs: s.readOrNull(StoredDuration, item.duration),
  };
}

/** Of a kind without a nearer one. */
export const OtherItem = s.changed(AnyItem, (item): ThreadItem => callOf(item, item.type));

type Block = NonNullable<ToolCall['result']>['content'][number];

const DATA_URL = 'data:';
const BASE64 = ';base64,';

const textBlock = (text: string): Block => ({ type: 'text', text });

function imageBlock(url: string): Block {
  const at = url.indexOf(BASE64);
  if (!url.startsWith(DATA_URL) || at === -1) return textBlock(url);
  return { type: 'image', data: url.slice(at + BASE64.length), mimeType: url.slice(DATA_URL.length, at) };
}

/** A part of another kind shows as it is stored. */
const ContentPart = s.either(
  s.variants('type', {
    inputText: s.changed(s.object({ text: s.string }), ({ text }) => textBlock(text)),
    inputImage: s.changed(s.object({ imageUrl: s.string }), ({ imageUrl }) => imageBlock(imageUrl)),
  }),
  s.changed(s.anything, (part) => textBlock(JSON.stringify(part))),
);

const ClientCall = s.changed(
  s.object({
    id: s.string,
    tool: s.string,
    namespace: s.otherwise(s.string, BY_CLIENT),
    arguments: s.anything,
    status: s.anything,
    success: s.anything,
    content_items: s.orNull(s.list(ContentPart)),
    duration: s.orNull(StoredDuration),
  }),
  (call): ThreadItem => ({
    type: 'mcpToolCall',
    id: call.id,
    server: call.namespace,
    tool: call.tool,
    status: statusOf(call),
    arguments: call.arguments ?? null,
    result: call.content_items === null ? null : { content: call.content_items, structuredContent: null },
    error: null,
    durationMs: call.duration,
  }),
);

const AGENT_TOOLS: ReadonlyMap<unknown, AgentCall['tool']> = new Map([
  ['spawn_agent', 'spawnAgent'],
  ['send_input', 'sendInput'],
  ['send_message', 'sendInput'],
  ['followup_task', 'sendInput'],
  ['wait', 'wait'],
  ['close_agent', 'closeAgent'],
]);

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
  const [word, message] = s.isRecord(state) ? (Object.entries(state)[0] ?? []) : [state, null];
  return { status: AGENT_STATES.get(word) ?? 'notFound', message: s.readOrNull(s.string, message) };
}

const AgentCall = s.changed(
  s.object({
    id: s.string,
    tool: s.changed(s.anything, (tool) => AGENT_TOOLS.get(tool) ?? new s.Refusal('not a tool that is known')),
    status: s.anything,
    sender_thread_id: s.string,
    receiver_thread_ids: s.orEmpty(s.list(s.string)),
    prompt: s.orNull(s.string),
    agents_states: s.otherwise(s.mapOf(s.changed(s.anything, stateOf)), {}),
  }),
  (call): ThreadItem => ({
    type: 'collabAgentToolCall',
    id: call.id,
    tool: call.tool,
    status: call.status === 'failed' || call.status === 'interrupted' ? 'failed' : 'completed',
    senderThreadId: call.sender_thread_id,
    receiverThreadIds: call.receiver_thread_ids,
    prompt: call.prompt,
    agentsStates: call.agents_states,
  }),
);

const HookText = s.changed(s.object({ text: s.string }), ({ text }) => ({
  type: 'text' as const,
  text,
  text_elements: [],
}));

/** By their stored types. */
export const OTHER_ITEMS = {
  DynamicToolCall: s.either(ClientCall, OtherItem),
  /** Calls of tools that older clients do not know show by their own names. */
  CollabAgentToolCall: s.either(
    AgentCall,
    s.changed(AnyItem, (item): ThreadItem => callOf(item, s.readOrNull(s.string, item.tool) ?? item.type)),
  ),
  HookPrompt: s.changed(
    s.object({ id: s.string, fragments: s.orEmpty(s.listOfAccepted(HookText)) }),
    ({ id, fragments: content }): ThreadItem => ({ type: 'userMessage', id, content }),
  ),
  ImageGeneration: s.either(
    s.changed(
      s.object({ id: s.string, saved_path: StoredPath }),
      ({ id, saved_path: path }): ThreadItem => ({ type: 'imageView', id, path }),
    ),
    OtherItem,
  ),
};

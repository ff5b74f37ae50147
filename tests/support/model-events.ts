/** The server-sent events and items of a Responses API, as plain objects. `model-server.ts` frames and sends them. */

export type Json = Readonly<Record<string, unknown>>;
/** One event of a stream. */
export type ModelEvent = Json & { readonly type: string };

export interface Usage {
  readonly input?: number;
  readonly cached?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly total?: number;
}

export const created = (id = 'resp-1'): ModelEvent => ({ type: 'response.created', response: { id } });

/** The end of a good response. */
export function completed(id = 'resp-1', usage: Usage = {}): ModelEvent {
  const { input = 0, cached = 0, output = 0, reasoning = 0 } = usage;
  return {
    type: 'response.completed',
    response: {
      id,
      usage: {
        input_tokens: input,
        input_tokens_details: { cached_tokens: cached },
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: reasoning },
        total_tokens: usage.total ?? input + output,
      },
    },
  };
}

export const failed = (code: string, message = `scripted failure: ${code}`): ModelEvent => ({
  type: 'response.failed',
  response: { id: 'resp-failed', error: { code, message } },
});

export const incomplete = (reason: string): ModelEvent => ({
  type: 'response.incomplete',
  response: { id: 'resp-incomplete', incomplete_details: { reason } },
});

export const itemAdded = (item: Json): ModelEvent => ({ type: 'response.output_item.added', item });
export const itemDone = (item: Json): ModelEvent => ({ type: 'response.output_item.done', item });
export const textDelta = (delta: string): ModelEvent => ({ type: 'response.output_text.delta', delta });
export const summaryPartAdded = (index = 0): ModelEvent => ({
  type: 'response.reasoning_summary_part.added',
  summary_index: index,
});
export const summaryDelta = (delta: string, index = 0): ModelEvent => ({
  type: 'response.reasoning_summary_text.delta',
  delta,
  summary_index: index,
});
export const reasoningDelta = (delta: string, index = 0): ModelEvent => ({
  type: 'response.reasoning_text.delta',
  delta,
  content_index: index,
});

/** An assistant message; null text: one that has just begun. */
export const messageItem = (id: string, text: string | null): Json => ({
  type: 'message',
  role: 'assistant',
  id,
  content: text === null ? [] : [{ type: 'output_text', text }],
});

export const reasoningItem = (
  id: string,
  summary: readonly string[],
  content: readonly string[] | null = null,
): Json => ({
  type: 'reasoning',
  id,
  summary: summary.map((text) => ({ type: 'summary_text', text })),
  ...(content === null ? {} : { content: content.map((text) => ({ type: 'reasoning_text', text })) }),
  encrypted_content: `sealed-${id}`,
});

export const message = (id: string, text: string): ModelEvent => itemDone(messageItem(id, text));
export const reasoning = (id: string, summary: readonly string[], content?: readonly string[]): ModelEvent =>
  itemDone(reasoningItem(id, summary, content ?? null));

/** Arguments may be given as an object, or as text that is no JSON. */
export const functionCall = (callId: string, name: string, args: unknown): ModelEvent =>
  itemDone({
    type: 'function_call',
    call_id: callId,
    name,
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
  });

export const customToolCall = (callId: string, name: string, input: string): ModelEvent =>
  itemDone({ type: 'custom_tool_call', call_id: callId, name, input });

export const localShellCall = (callId: string, command: readonly string[], status = 'completed'): ModelEvent =>
  itemDone({ type: 'local_shell_call', call_id: callId, status, action: { type: 'exec', command } });

export const webSearchCall = (id: string, query: string, status = 'completed'): ModelEvent =>
  itemDone({ type: 'web_search_call', id, status, action: { type: 'search', query } });

/** A script for the user's shell. */
export const shellCommand = (callId: string, command: string, args: Json = {}): ModelEvent =>
  functionCall(callId, 'shell_command', { command, ...args });
/** A program and its arguments. */
export const shell = (callId: string, command: readonly string[], args: Json = {}): ModelEvent =>
  functionCall(callId, 'shell', { command, ...args });
export const applyPatch = (callId: string, patch: string): ModelEvent => customToolCall(callId, 'apply_patch', patch);
export const updatePlan = (callId: string, plan: readonly { step: string; status: string }[]): ModelEvent =>
  functionCall(callId, 'update_plan', { plan });

/** A whole response that says one thing without deltas. */
export const says = (text: string, id = 'msg-1', usage?: Usage): ModelEvent[] => [
  created(),
  message(id, text),
  completed('resp-1', usage),
];

/** A whole response that says one thing in the given pieces. */
export const streams = (pieces: readonly string[], id = 'msg-1', usage?: Usage): ModelEvent[] => [
  created(),
  itemAdded(messageItem(id, null)),
  ...pieces.map(textDelta),
  message(id, pieces.join('')),
  completed('resp-1', usage),
];

/** A whole response that makes the given calls. */
export const calls = (...items: readonly ModelEvent[]): ModelEvent[] => [created(), ...items, completed()];

/**
 * The model's history of one thread: what was said, as it will be sent again.
 *
 * In: response items in the order they happened. Out: the `input` of the next request, and an estimate of its size.
 * The thread's session owns it; nobody else writes to it.
 */

import type { TruncationPolicy } from '../contract/model-profile.ts';
import { truncateMiddle } from '../exec/truncate.ts';
import type { FunctionCallOutputContentItem, ResponseItem } from '../protocol/response-items.ts';
import { isUserTurn } from '../rollout/user-turn.ts';
import { jsonCalls, sentForm } from './sent-form.ts';

/** Observed on codex app-server 0.94.0: outputs are cut once more when recorded, with a fifth more room. */
const RECORDING_SLACK = 1.2;

const NO_CALLS: ReadonlySet<string> = new Set();

/** The estimate used everywhere: four UTF-8 bytes a token, rounded up. */
export const tokensOf = (bytes: number): number => Math.ceil(bytes / 4);

export class History {
  #items: ResponseItem[] = [];

  get items(): readonly ResponseItem[] {
    return this.#items;
  }

  /** Adds items; tool outputs are cut to what the model may see of them. */
  record(items: readonly ResponseItem[], policy: TruncationPolicy): void {
    for (const item of items) {
      if (isSent(item)) this.#items.push(truncated(item, policy));
    }
  }

  replace(items: readonly ResponseItem[]): void {
    this.#items = items.filter(isSent);
  }

  /** Starts over with stored items. */
  restore(items: readonly ResponseItem[], policy: TruncationPolicy): void {
    this.#items = [];
    this.record(items, policy);
  }

  /** A copy without its `count` oldest items and, with a call or an output, its partner; null when nothing is left. */
  withoutOldest(count: number): History | null {
    const shorter = new History();
    shorter.#items = [...this.#items];
    for (let dropped = 0; dropped < count; dropped += 1) shorter.#dropOldest();
    return shorter.#items.length === 0 && count > 0 ? null : shorter;
  }

  #dropOldest(): void {
    const oldest = this.#items.shift();
    const callId = oldest === undefined ? null : callIdOf(oldest);
    if (callId !== null) this.#items = this.#items.filter((item) => callIdOf(item) !== callId);
  }

  /** The `input` of a request: every call with an output, every output with a call, only members upstream knows. */
  prompt(form: { readonly keepIds: boolean; readonly freeformPatch: boolean }): unknown[] {
    const items = paired(this.#items);
    const asText = form.freeformPatch ? jsonCalls(items) : NO_CALLS;
    return items.map((item) => sentForm(item, { keepId: form.keepIds, asText }));
  }

  /** Estimated tokens of the base instructions and the whole history. */
  estimateTokens(baseInstructions: string): number {
    return this.#items.reduce((sum, item) => sum + estimate(item), tokensOf(Buffer.byteLength(baseInstructions)));
  }

  /** Estimated tokens of encrypted reasoning before the last user message, which usage reports may leave out. */
  hiddenReasoningTokens(): number {
    const last = this.#items.findLastIndex((item) => item.type === 'message' && item.role === 'user');
    return this.#items
      .slice(0, Math.max(last, 0))
      .filter((item) => item.type === 'reasoning')
      .reduce((sum, item) => sum + estimate(item), 0);
  }

  /** All the text that users typed, oldest first. */
  userTexts(): string[] {
    return this.#items.filter(isUserTurn).map((item) => messageTextOf(item));
  }
}

export function messageTextOf(item: ResponseItem): string {
  if (item.type !== 'message') return '';
  return item.content.map((part) => (part.type === 'input_image' ? '' : part.text)).join('');
}

/** Unknown items and system messages are shown once and never sent again. */
function isSent(item: ResponseItem): boolean {
  return (
    item.type !== 'other' && item.type !== 'ghost_snapshot' && !(item.type === 'message' && item.role === 'system')
  );
}

function callIdOf(item: ResponseItem): string | null {
  return 'call_id' in item && typeof item.call_id === 'string' ? item.call_id : null;
}

/** Observed on codex app-server 0.94.0: encrypted content counts as three quarters of its length less 650 bytes. */
function estimate(item: ResponseItem): number {
  if (item.type === 'reasoning' || item.type === 'compaction') {
    const { length } = item.encrypted_content ?? '';
    return tokensOf(Math.max(Math.floor((length * 3) / 4) - 650, 0));
  }
  return tokensOf(Buffer.byteLength(JSON.stringify(sentForm(item, { keepId: false, asText: NO_CALLS }))));
}

function truncated(item: ResponseItem, policy: TruncationPolicy): ResponseItem {
  const room: TruncationPolicy = { mode: policy.mode, limit: Math.ceil(policy.limit * RECORDING_SLACK) };
  if (item.type === 'custom_tool_call_output') return { ...item, output: truncateMiddle(item.output, room) };
  if (item.type !== 'function_call_output') return item;
  if (typeof item.output === 'string') return { ...item, output: truncateMiddle(item.output, room) };
  return { ...item, output: truncatedParts(item.output, room) };
}

/** Text parts share the room in order; images always stay; what no longer fits is counted. */
function truncatedParts(
  parts: readonly FunctionCallOutputContentItem[],
  policy: TruncationPolicy,
): FunctionCallOutputContentItem[] {
  const bytesPerUnit = policy.mode === 'tokens' ? 4 : 1;
  const kept: FunctionCallOutputContentItem[] = [];
  let room = policy.limit;
  let omitted = 0;
  for (const part of parts) {
    if (part.type !== 'input_text') {
      kept.push(part);
      continue;
    }
    const size = Math.ceil(Buffer.byteLength(part.text) / bytesPerUnit);
    if (room <= 0) omitted += 1;
    else if (size <= room) kept.push(part);
    else kept.push({ ...part, text: truncateMiddle(part.text, { mode: policy.mode, limit: room }) });
    room -= size;
  }
  if (omitted > 0) kept.push({ type: 'input_text', text: `[omitted ${omitted} text items ...]` });
  return kept;
}

/** Upstream refuses a call without an output and the reverse, so gaps are closed at send time. */
function paired(items: readonly ResponseItem[]): ResponseItem[] {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    const callId = callIdOf(item);
    if (callId !== null) (isOutput(item) ? answered : called).add(callId);
  }
  const result: ResponseItem[] = [];
  for (const item of items) {
    const callId = callIdOf(item);
    if (isOutput(item)) {
      if (callId !== null && called.has(callId)) result.push(item);
      continue;
    }
    result.push(item);
    if (callId !== null && !answered.has(callId)) result.push(abortedOutput(item, callId));
  }
  return result;
}

const isOutput = (item: ResponseItem): boolean =>
  item.type === 'function_call_output' || item.type === 'custom_tool_call_output';

function abortedOutput(call: ResponseItem, callId: string): ResponseItem {
  return call.type === 'custom_tool_call'
    ? { type: 'custom_tool_call_output', call_id: callId, output: 'aborted' }
    : { type: 'function_call_output', call_id: callId, output: 'aborted' };
}

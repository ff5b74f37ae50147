/**
 * Server-sent events of Chat Completions. In: bytes, cut anywhere. Out: the events a Responses API would have sent. A
 * message and the thoughts before it grow with their deltas; calls are given when the model has finished.
 */
import { randomUUID } from 'node:crypto';
import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { ResponseItem } from '../protocol/response-items.ts';
import { type BodyEnd, type Decoder, FAILURES, MAX_EVENT_LENGTH } from './decoder.ts';
import { contextWindowExceeded, disconnected, eventTooLarge } from './errors.ts';
import { isRecord, type JsonRecord, parseRecord } from './json.ts';
import type { TokenUsage, UpstreamEvent, UpstreamFailure } from './types.ts';

const newReasoningId = (): string => `rs_${randomUUID()}`;

interface GrowingCall {
  id: string;
  name: string;
  arguments: string;
}

/** Holds the state of one stream. */
export class ChatDecoder implements Decoder {
  readonly events: UpstreamEvent[] = [];
  seen = 0;
  completed = false;
  broken: UpstreamFailure | null = null;
  /** The model said why it stopped; only usage may follow. */
  settling = false;
  readonly #messageId = `msg_${randomUUID()}`;
  readonly #calls: GrowingCall[] = [];
  readonly #byIndex = new Map<number, GrowingCall>();
  readonly #text = new TextDecoder();
  readonly #parser: EventSourceParser;
  #words = '';
  #thoughts = '';
  #reasoningId = newReasoningId();
  #usage: TokenUsage | null = null;

  constructor() {
    this.#parser = createParser({
      onEvent: ({ data }) => this.#onData(data),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.broken ??= eventTooLarge();
      },
      maxBufferSize: MAX_EVENT_LENGTH,
    });
  }

  feed(bytes: Uint8Array): void {
    if (!this.completed && this.broken === null) this.#parser.feed(this.#text.decode(bytes, { stream: true }));
  }

  /** Many servers just close when they are done. */
  ended(how: BodyEnd): UpstreamFailure | null {
    const good = this.seen > 0 && (how === 'end' || this.settling);
    if (!good) return FAILURES[how]();
    this.#complete();
    return null;
  }

  #onData(data: string): void {
    if (this.completed || this.broken !== null) return;
    this.seen += 1;
    if (data.trim() === '[DONE]') {
      this.#complete();
      return;
    }
    const chunk = parseRecord(data);
    if (chunk === null) return;
    if (isRecord(chunk.error)) {
      this.broken = disconnected(
        typeof chunk.error.message === 'string' ? chunk.error.message : 'error event received',
      );
      return;
    }
    this.#usage = usageOf(chunk.usage) ?? this.#usage;
    const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : null;
    if (isRecord(choice)) this.#onChoice(choice);
  }

  #onChoice({ delta, finish_reason: finish }: JsonRecord): void {
    if (isRecord(delta)) this.#onDelta(delta);
    if (finish === 'length') this.broken = contextWindowExceeded();
    else if (typeof finish === 'string') this.settling = true;
  }

  #onDelta(delta: JsonRecord): void {
    this.#think(thoughtOf(delta.reasoning_content) || thoughtOf(delta.reasoning));
    if (typeof delta.content === 'string' && delta.content !== '') this.#say(delta.content);
    if (!Array.isArray(delta.tool_calls)) return;
    for (const part of delta.tool_calls.filter(isRecord)) this.#onCall(part);
  }

  /** Thoughts are shown as they come; those between the words of an answer follow it. */
  #think(delta: string): void {
    if (delta === '') return;
    const live = this.#words === '' && this.#calls.length === 0;
    if (live && this.#thoughts === '') this.events.push({ kind: 'itemAdded', item: this.#reasoning() });
    this.#thoughts += delta;
    if (live) this.events.push({ kind: 'reasoningDelta', contentIndex: 0, delta });
  }

  #say(delta: string): void {
    if (this.#words === '') {
      this.#endThoughts();
      this.events.push({ kind: 'itemAdded', item: this.#message('') });
    }
    this.#words += delta;
    this.events.push({ kind: 'textDelta', delta });
  }

  /** Parts of a call share an index, or its id, or simply follow one another. */
  #onCall(part: JsonRecord): void {
    const id = typeof part.id === 'string' && part.id !== '' ? part.id : null;
    const index = typeof part.index === 'number' && Number.isSafeInteger(part.index) ? part.index : null;
    const known = this.#knownCall(index, id);
    const call = known ?? { id: id ?? `call_${randomUUID()}`, name: '', arguments: '' };
    if (known === undefined) {
      this.#calls.push(call);
      if (index !== null) this.#byIndex.set(index, call);
    }
    const named = isRecord(part.function) ? part.function : {};
    if (typeof named.name === 'string') call.name ||= named.name;
    if (typeof named.arguments === 'string') call.arguments += named.arguments;
  }

  #knownCall(index: number | null, id: string | null): GrowingCall | undefined {
    if (index !== null) return this.#byIndex.get(index);
    return id === null ? this.#calls.at(-1) : this.#calls.find((call) => call.id === id);
  }

  #endThoughts(): void {
    if (this.#thoughts === '') return;
    this.events.push({ kind: 'itemDone', item: this.#reasoning() });
    this.#thoughts = '';
    this.#reasoningId = newReasoningId();
  }

  #complete(): void {
    const done = (item: ResponseItem): void => {
      this.events.push({ kind: 'itemDone', item });
    };
    if (this.#words !== '') done(this.#message(this.#words));
    this.#endThoughts();
    for (const { id, name, arguments: args } of this.#calls) {
      if (name !== '') done({ type: 'function_call', name, arguments: args, call_id: id });
    }
    this.completed = true;
    this.events.push({ kind: 'completed', responseId: null, usage: this.#usage });
  }

  #reasoning(): ResponseItem {
    const content = this.#thoughts === '' ? [] : [{ type: 'reasoning_text' as const, text: this.#thoughts }];
    return { type: 'reasoning', id: this.#reasoningId, summary: [], content, encrypted_content: null };
  }

  #message(text: string): ResponseItem {
    const content = text === '' ? [] : [{ type: 'output_text' as const, text }];
    return { type: 'message', id: this.#messageId, role: 'assistant', content };
  }
}

function thoughtOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return '';
  const text = value.text ?? value.content;
  return typeof text === 'string' ? text : '';
}

function usageOf(value: unknown): TokenUsage | null {
  if (!isRecord(value)) return null;
  const count = (text: unknown): number | null =>
    typeof text === 'number' && Number.isSafeInteger(text) && text >= 0 ? text : null;
  const input = count(value.prompt_tokens);
  const output = count(value.completion_tokens);
  if (input === null || output === null) return null;
  const details = (name: string): JsonRecord => {
    const found = value[name];
    return isRecord(found) ? found : {};
  };
  return {
    inputTokens: input,
    cachedInputTokens: count(details('prompt_tokens_details').cached_tokens) ?? 0,
    outputTokens: output,
    reasoningOutputTokens: count(details('completion_tokens_details').reasoning_tokens) ?? 0,
    totalTokens: count(value.total_tokens) ?? input + output,
  };
}

/**
 * Server-sent events of Chat Completions. In: bytes, split anywhere. Out: the events that a Responses API would send.
 * A message and the reasoning before it grow with their deltas; calls are emitted when the model has finished. Also
 * accepts a whole response in one JSON object.
 */
import { randomUUID } from 'node:crypto';
import { isRecord, type JsonRecord, readOrNull } from '../base/json/schema.ts';
import { TextJoiner, wellFormed, wellFormedJson } from '../base/well-formed.ts';
import type { TokenUsage } from '../contract/engine-events.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { ITEM_LENGTH, jsonOf, MAX_ITEM_LENGTH, MAX_RESPONSE_LENGTH } from './bounds.ts';
import { type BodyEnd, type Decoder, FAILURES } from './decoder.ts';
import {
  contextWindowExceeded,
  itemTooLarge,
  responseTooLarge,
  serviceFailure,
  unexpectedAnswer,
  unreadableItem,
} from './errors.ts';
import { rawRecordIn, wordsIn } from './json-text.ts';
import { cutInEvent, notAStream, wholeAnswer } from './not-a-stream.ts';
import { serviceErrorOf } from './service-errors.ts';
import { SseEvents } from './sse-events.ts';
import { ChatUsage } from './token-usage.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

const CLOSING_MARKER = '[DONE]';

const newReasoningId = (): string => `rs_${randomUUID()}`;

interface GrowingCall {
  id: string;
  name: string;
  arguments: string;
}

/** Holds the state of one stream. */
export class ChatDecoder implements Decoder {
  readonly events: UpstreamEvent[] = [];
  completed = false;
  /** The model has given its finish reason; only usage may follow. */
  settling = false;
  readonly #sse = new SseEvents((data) => this.#onData(data));
  readonly #messageId = `msg_${randomUUID()}`;
  readonly #calls: GrowingCall[] = [];
  readonly #byIndex = new Map<number, GrowingCall>();
  readonly #byId = new Map<string, GrowingCall>();
  readonly #textJoiner = new TextJoiner();
  readonly #reasoningJoiner = new TextJoiner();
  #broken: UpstreamFailure | null = null;
  /** The last event was not JSON. */
  #isGarbled = false;
  #isFiltered = false;
  #text = '';
  #reasoningText = '';
  #reasoningId = newReasoningId();
  #usage: TokenUsage | null = null;
  #said = 0;

  get seen(): number {
    return this.#sse.seen;
  }

  get said(): number {
    return this.#said;
  }

  get broken(): UpstreamFailure | null {
    return this.#broken ?? this.#sse.broken;
  }

  feed(bytes: Uint8Array): void {
    if (!this.completed && this.broken === null) this.#sse.feed(bytes);
  }

  /** Many servers just close the connection when they are done. */
  ended(how: BodyEnd, contentType: string | null = null): UpstreamFailure | null {
    const { seen } = this;
    this.#sse.end();
    const whole = this.seen === 0 ? wholeAnswer(this.#sse.body) : null;
    if (whole !== null) this.#onChunk(whole);
    if (this.completed) return null;
    if (this.broken !== null) return this.broken;
    const hasContent = this.seen > 0 || Array.isArray(whole?.choices);
    if (how === 'end' && !hasContent) return notAStream(this.#sse.body, contentType);
    if (this.seen > seen && this.#isGarbled && !this.settling) return how === 'end' ? cutInEvent() : FAILURES[how]();
    if (!hasContent || (how !== 'end' && !this.settling)) return FAILURES[how]();
    this.#complete();
    return this.broken;
  }

  #onData(data: string): void {
    if (this.completed || this.broken !== null) return;
    if (data.trim() === CLOSING_MARKER) {
      this.#complete();
      return;
    }
    const chunk = rawRecordIn(data);
    this.#isGarbled = chunk === null;
    if (chunk !== null) this.#onChunk(chunk);
  }

  #onChunk(chunk: JsonRecord): void {
    const error = serviceErrorOf(wellFormed(chunk.error));
    if (error !== null) {
      this.#broken = serviceFailure(error, 'error event received');
      return;
    }
    this.#usage = readOrNull(ChatUsage, chunk.usage) ?? this.#usage;
    const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : null;
    if (isRecord(choice)) this.#onChoice(choice);
  }

  #onChoice({ delta, message, finish_reason: finish }: JsonRecord): void {
    const said = isRecord(delta) ? delta : message;
    if (isRecord(said)) this.#onDelta(said);
    if (finish === 'length') this.#broken = contextWindowExceeded();
    else if (typeof finish === 'string' && finish !== '') this.settling = true;
    this.#isFiltered ||= finish === 'content_filter';
  }

  #onDelta(delta: JsonRecord): void {
    this.#addReasoning(this.#reasoningJoiner.push(wordsIn(delta.reasoning_content) || wordsIn(delta.reasoning)));
    this.#addText(this.#textJoiner.push(wordsIn(delta.content) || wordsIn(delta.refusal)));
    if (isRecord(delta.function_call)) this.#onCall({ index: 0, function: delta.function_call });
    if (!Array.isArray(delta.tool_calls)) return;
    for (const part of delta.tool_calls.filter(isRecord)) this.#onCall(part);
  }

  /** Reasoning is emitted as it arrives; reasoning between parts of a message is emitted after it. */
  #addReasoning(delta: string): void {
    if (delta === '') return;
    const live = this.#text === '' && this.#calls.length === 0;
    if (live && this.#reasoningText === '') this.events.push({ kind: 'itemAdded', item: this.#reasoning() });
    this.#reasoningText += delta;
    this.#count('reasoning', delta.length, this.#reasoningText.length);
    if (live) this.events.push({ kind: 'reasoningDelta', contentIndex: 0, delta });
  }

  #addText(delta: string): void {
    if (delta === '') return;
    if (this.#text === '') {
      this.#endReasoning();
      this.events.push({ kind: 'itemAdded', item: this.#message('') });
    }
    this.#text += delta;
    this.#count('message', delta.length, this.#text.length);
    this.events.push({ kind: 'textDelta', delta });
  }

  #count(type: string, length: number, itemLength: number): void {
    this.#said += length;
    if (itemLength > MAX_ITEM_LENGTH) this.#broken ??= itemTooLarge(type, itemLength);
    else if (this.#said > MAX_RESPONSE_LENGTH) this.#broken ??= responseTooLarge();
  }

  /** Parts of a call share an index or an id, or simply follow one another. */
  #onCall(part: JsonRecord): void {
    const id = typeof part.id === 'string' && part.id !== '' ? part.id : null;
    const index = typeof part.index === 'number' && Number.isSafeInteger(part.index) ? part.index : null;
    const known = this.#knownCall(index, id);
    const call = known ?? { id: id ?? `call_${randomUUID()}`, name: '', arguments: '' };
    if (known === undefined) {
      this.#calls.push(call);
      this.#byId.set(call.id, call);
      if (index !== null) this.#byIndex.set(index, call);
      this.#count('function_call', ITEM_LENGTH, 0);
    }
    const named = isRecord(part.function) ? part.function : {};
    if (typeof named.name === 'string') call.name ||= named.name;
    const more = typeof named.arguments === 'object' ? argumentsIn(named.arguments) : wordsIn(named.arguments);
    if (more === null) this.#broken ??= unreadableItem('arguments of a tool that nest too deeply');
    call.arguments += more ?? '';
    this.#count('function_call', more?.length ?? 0, call.arguments.length);
  }

  #knownCall(index: number | null, id: string | null): GrowingCall | undefined {
    if (index !== null) return this.#byIndex.get(index);
    return id === null ? this.#calls.at(-1) : this.#byId.get(id);
  }

  #endReasoning(): void {
    this.#addReasoning(this.#reasoningJoiner.end());
    if (this.#reasoningText === '') return;
    this.events.push({ kind: 'itemDone', item: this.#reasoning() });
    this.#reasoningText = '';
    this.#reasoningId = newReasoningId();
  }

  #complete(): void {
    if (this.#calls.some(({ name }) => name === '')) {
      this.#broken = unreadableItem('a call of a tool without its name');
      return;
    }
    this.#addText(this.#textJoiner.end());
    if (this.#text !== '') this.#done(this.#message(this.#text));
    else if (this.#isFiltered && this.#calls.length === 0) {
      this.#broken = unexpectedAnswer('the model service held its answer back (content_filter)');
      return;
    }
    this.#endReasoning();
    for (const { id, name, arguments: args } of this.#calls) {
      this.#done(wellFormed({ type: 'function_call', name, arguments: wellFormedJson(args), call_id: id }));
    }
    this.completed = true;
    this.events.push({ kind: 'completed', responseId: null, usage: this.#usage });
  }

  #done(item: ResponseItem): void {
    this.events.push({ kind: 'itemDone', item });
  }

  #reasoning(): ResponseItem {
    const content = this.#reasoningText === '' ? [] : [{ type: 'reasoning_text' as const, text: this.#reasoningText }];
    return { type: 'reasoning', id: this.#reasoningId, summary: [], content, encrypted_content: null };
  }

  #message(text: string): ResponseItem {
    const content = text === '' ? [] : [{ type: 'output_text' as const, text }];
    return { type: 'message', id: this.#messageId, role: 'assistant', content };
  }
}

/** Arguments given as an object; null if they are nested too deeply. */
const argumentsIn = (value: object | null): string | null => (isRecord(value) ? jsonOf(value) : '');

/**
 * Server-sent events of a Responses API. In: bytes, split anywhere. Out: `UpstreamEvent`s in order, and how the
 * stream ended. The type in `data` takes precedence over the event's name. Anything that is not JSON or of an unknown
 * type is ignored. Also accepts a whole response in one JSON object.
 */
import { isRecord, type JsonRecord, readOrNull } from '../base/json/schema.ts';
import { wellFormed } from '../base/well-formed.ts';
import { type BodyEnd, type Decoder, FAILURES } from './decoder.ts';
import {
  cancelledResponse,
  chatInstead,
  failedResponse,
  incompleteResponse,
  serviceFailure,
  unreadableItem,
} from './errors.ts';
import { GrowingItems } from './growing-items.ts';
import { rawRecordIn } from './json-text.ts';
import { cutInEvent, notAStream, wholeAnswer } from './not-a-stream.ts';
import { serviceErrorOf } from './service-errors.ts';
import { SseEvents } from './sse-events.ts';
import { ResponsesUsage } from './token-usage.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

/** How services with an older API close a stream. */
const CLOSING_MARKER = '[DONE]';

/** Holds the state of one stream. Call `feed`, then take `events`. */
export class SseDecoder implements Decoder {
  readonly events: UpstreamEvent[] = [];
  completed = false;
  /** The response failed. Reported at the end of the stream, unless a completion still came. */
  failed: UpstreamFailure | null = null;
  readonly #items = new GrowingItems(this.events);
  readonly #sse = new SseEvents((data, name) => this.#onData(data, name));
  #broken: UpstreamFailure | null = null;
  /** The last event was not JSON. */
  #isGarbled = false;

  get seen(): number {
    return this.#sse.seen;
  }

  get said(): number {
    return this.#items.said;
  }

  get broken(): UpstreamFailure | null {
    return this.#broken ?? this.#items.broken ?? this.#sse.broken;
  }

  get settling(): boolean {
    return this.failed !== null;
  }

  get over(): boolean {
    return this.completed || this.broken !== null;
  }

  feed(bytes: Uint8Array): void {
    if (!this.over) this.#sse.feed(bytes);
  }

  ended(how: BodyEnd, contentType: string | null = null): UpstreamFailure | null {
    const { seen } = this;
    this.#sse.end();
    if (this.seen === 0) this.#takeWhole();
    if (this.completed) return null;
    const found = this.broken ?? this.failed;
    if (found !== null) return found;
    if (how === 'end' && this.seen === 0) return notAStream(this.#sse.body, contentType);
    return how === 'end' && this.seen > seen && this.#isGarbled ? cutInEvent() : FAILURES[how]();
  }

  /** Services that do not stream send the response itself. */
  #takeWhole(): void {
    const body = wholeAnswer(this.#sse.body);
    if (body === null) return;
    const error = serviceErrorOf(body.error);
    if (error !== null) this.failed = serviceFailure(error, 'the model service reports an error');
    else if (Array.isArray(body.output)) this.#complete(body);
    else if (Array.isArray(body.choices)) this.#broken = chatInstead();
  }

  #onData(data: string, name: string | null): void {
    if (this.over) return;
    const event = rawRecordIn(data);
    this.#isGarbled = event === null;
    if (event === null) {
      if (data.trim() === CLOSING_MARKER && this.failed === null && this.#items.hasAny) this.#complete({});
      else if (name === 'error') this.failed ??= serviceFailure(errorOf(data), 'error event received');
      return;
    }
    const type = typeof event.type === 'string' ? event.type : name;
    // Checked first, because there are many of them.
    if (type?.endsWith('.delta')) this.#items.take(type, event);
    else if (type !== null) this.#take(type, event);
    else if (serviceErrorOf(event.error) !== null) this.#take('error', event);
    else if (Array.isArray(event.choices)) this.#broken = chatInstead();
  }

  #take(type: string, event: JsonRecord): void {
    switch (type) {
      case 'error':
        this.failed = serviceFailure(errorOf(wellFormed(event.error ?? event)), 'error event received');
        return;
      case 'response.failed':
        this.failed = failedResponse(wellFormed(event.response));
        return;
      case 'response.incomplete':
        this.failed = incompleteResponse(wellFormed(event.response));
        return;
      case 'response.cancelled':
        this.failed = cancelledResponse();
        return;
      case 'response.completed':
      case 'response.done':
        this.#complete(isRecord(event.response) ? wellFormed(event.response) : {});
        return;
      default:
        this.#items.take(type, event);
    }
  }

  #complete(response: JsonRecord): void {
    if (response.status === 'failed') {
      this.failed = failedResponse(response);
      return;
    }
    if (response.status === 'incomplete') {
      this.failed = incompleteResponse(response);
      return;
    }
    if (response.status === 'cancelled') {
      this.failed = cancelledResponse();
      return;
    }
    this.#items.complete(response.output);
    if (this.#items.broken !== null) return;
    // A lost call would leave the turn waiting for nothing, or end it without output.
    if (this.#items.problem !== null) {
      this.#broken = unreadableItem(this.#items.problem);
      return;
    }
    this.completed = true;
    const responseId = typeof response.id === 'string' ? response.id : null;
    this.events.push({ kind: 'completed', responseId, usage: readOrNull(ResponsesUsage, response.usage) });
  }
}

const NO_WORDS = { code: null, type: null, param: null, message: null };
const errorOf = (value: unknown) => serviceErrorOf(value) ?? NO_WORDS;

/**
 * Server-sent events of a Responses API. In: bytes, cut anywhere. Out: `UpstreamEvent`s in order, and how it ended.
 * Only `data` counts, never the event name; what is not JSON, of an unknown type or not as it should be is passed over.
 */
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { type BodyEnd, type Decoder, FAILURES, MAX_EVENT_LENGTH } from './decoder.ts';
import { completedWithoutId, eventTooLarge, failedResponse } from './errors.ts';
import { parseResponseItem } from './items.ts';
import { isRecord, type JsonRecord, parseRecord } from './json.ts';
import type { TokenUsage, UpstreamEvent, UpstreamFailure } from './types.ts';

/** Holds the state of one stream; feed it, then take `events`. */
export class SseDecoder implements Decoder {
  readonly events: UpstreamEvent[] = [];
  seen = 0;
  completed = false;
  broken: UpstreamFailure | null = null;
  /** The response failed; counts once the stream is over, unless a completion still came. */
  failed: UpstreamFailure | null = null;
  readonly #text = new TextDecoder();
  readonly #parser: EventSourceParser;

  constructor() {
    this.#parser = createParser({
      onEvent: ({ data }) => this.#onData(data),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.broken ??= eventTooLarge();
      },
      maxBufferSize: MAX_EVENT_LENGTH,
    });
  }

  get settling(): boolean {
    return this.failed !== null;
  }

  get over(): boolean {
    return this.completed || this.broken !== null;
  }

  feed(bytes: Uint8Array): void {
    if (!this.over) this.#parser.feed(this.#text.decode(bytes, { stream: true }));
  }

  ended(how: BodyEnd): UpstreamFailure {
    return this.failed ?? FAILURES[how]();
  }

  #onData(data: string): void {
    if (this.over) return;
    this.seen += 1;
    const event = parseRecord(data);
    if (event === null || typeof event.type !== 'string') return;
    const decoded = this.#decode(event, event.type);
    if (decoded !== null) this.events.push(decoded);
  }

  #decode(event: JsonRecord, type: string): UpstreamEvent | null {
    switch (type) {
      case 'response.output_text.delta':
        return typeof event.delta === 'string' ? { kind: 'textDelta', delta: event.delta } : null;
      case 'response.output_item.added':
        return itemEvent('itemAdded', event.item);
      case 'response.output_item.done':
        return itemEvent('itemDone', event.item);
      case 'response.reasoning_summary_part.added': {
        const summaryIndex = indexOf(event.summary_index);
        return summaryIndex === null ? null : { kind: 'summaryPartAdded', summaryIndex };
      }
      case 'response.reasoning_summary_text.delta': {
        const summaryIndex = indexOf(event.summary_index);
        if (summaryIndex === null || typeof event.delta !== 'string') return null;
        return { kind: 'summaryDelta', summaryIndex, delta: event.delta };
      }
      case 'response.reasoning_text.delta': {
        const contentIndex = indexOf(event.content_index);
        if (contentIndex === null || typeof event.delta !== 'string') return null;
        return { kind: 'reasoningDelta', contentIndex, delta: event.delta };
      }
      case 'response.failed':
        this.failed = failedResponse(event.response);
        return null;
      case 'response.completed':
      case 'response.done':
        return this.#complete(type, isRecord(event.response) ? event.response : {});
      default:
        return null;
    }
  }

  #complete(type: string, response: JsonRecord): UpstreamEvent | null {
    const responseId = typeof response.id === 'string' ? response.id : null;
    if (responseId === null && type === 'response.completed') {
      this.broken = completedWithoutId();
      return null;
    }
    this.completed = true;
    return { kind: 'completed', responseId, usage: usageOf(response.usage) };
  }
}

function itemEvent(kind: 'itemAdded' | 'itemDone', value: unknown): UpstreamEvent | null {
  const item = parseResponseItem(value);
  return item === null ? null : { kind, item };
}

const indexOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** Null unless input and output are told; the parts default to 0, the total to their sum. */
function usageOf(value: unknown): TokenUsage | null {
  if (!isRecord(value)) return null;
  const inputTokens = indexOf(value.input_tokens);
  const outputTokens = indexOf(value.output_tokens);
  if (inputTokens === null || outputTokens === null) return null;
  const inputDetails = isRecord(value.input_tokens_details) ? value.input_tokens_details : {};
  const outputDetails = isRecord(value.output_tokens_details) ? value.output_tokens_details : {};
  return {
    inputTokens,
    cachedInputTokens: indexOf(inputDetails.cached_tokens) ?? 0,
    outputTokens,
    reasoningOutputTokens: indexOf(outputDetails.reasoning_tokens) ?? 0,
    totalTokens: indexOf(value.total_tokens) ?? inputTokens + outputTokens,
  };
}

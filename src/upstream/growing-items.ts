/**
 * The items of one response while they stream. In: events of a Responses API, by name. Out: `UpstreamEvent`s. Every
 * item is added, grows and is done, whatever the service leaves out: items that it never adds or never finishes are
 * assembled from their deltas, and items that only the completion lists are taken from there. Owns the unfinished
 * items, the keys of finished ones, and the total length.
 */
import { randomUUID } from 'node:crypto';
import { isRecord, type JsonRecord, Refusal } from '../base/json/schema.ts';
import { TextJoiner, wellFormed } from '../base/well-formed.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import {
  contentLengthOf,
  ITEM_LENGTH,
  MAX_ITEM_LENGTH,
  MAX_OPEN_ITEMS,
  MAX_RESPONSE_LENGTH,
  partOf,
} from './bounds.ts';
import { type Channel, Channels, contentDelta, TEXT } from './channels.ts';
import { itemTooLarge, responseTooLarge, tooManyOpenItems } from './errors.ts';
import { completed, type GrowingItem, isEmptyItem } from './finished-item.ts';
import { haveCommonKey, haveConflict, keysOf } from './item-keys.ts';
import { SentItem, typeOf } from './items.ts';
import { wordsIn } from './json-text.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

export class GrowingItems {
  readonly #events: UpstreamEvent[];
  readonly #channels = new Channels();
  #open: GrowingItem[] = [];
  readonly #done = new Set<string>();
  /** Target of the last delta: there are many of them. */
  #recent: { type: string; id: unknown; index: unknown; growing: GrowingItem } | null = null;
  #doneCount = 0;
  #problem: string | null = null;
  #said = 0;
  #broken: UpstreamFailure | null = null;

  constructor(events: UpstreamEvent[]) {
    this.#events = events;
  }

  /** Whether there is any item of a known kind. */
  get hasAny(): boolean {
    return this.#doneCount > 0 || this.#open.length > 0;
  }

  /** An item that was lost, as a text for the user. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Total length of the content so far, in UTF-16 units. */
  get said(): number {
    return this.#said;
  }

  /** Why no more events are accepted. */
  get broken(): UpstreamFailure | null {
    return this.#broken;
  }

  /** Handles an event about items; unknown names and invalid members are ignored. */
  take(name: string, event: JsonRecord): void {
    switch (name) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        this.#grow('message', TEXT, event.delta, event);
        return;
      case 'response.output_item.added':
        if (isRecord(event.item)) this.#add(wellFormed(event.item), event);
        return;
      case 'response.output_item.done':
        this.#finish(wellFormed(event.item), event);
        return;
      case 'response.output_text.done':
        this.#growByRest('message', TEXT, event.text, event);
        return;
      case 'response.refusal.done':
        this.#growByRest('message', TEXT, event.refusal, event);
        return;
      case 'response.content_part.done':
        this.#takePart(event);
        return;
      case 'response.function_call_arguments.delta':
        this.#growInput('function_call', event, event.delta, 'more');
        return;
      case 'response.function_call_arguments.done':
        this.#growInput('function_call', event, event.arguments, 'whole');
        return;
      case 'response.custom_tool_call_input.delta':
        this.#growInput('custom_tool_call', event, event.delta, 'more');
        return;
      case 'response.custom_tool_call_input.done':
        this.#growInput('custom_tool_call', event, event.input, 'whole');
        return;
      default:
        this.#takeReasoning(name, event);
    }
  }

  /** The response is complete; `output` is its list of items, with well-formed text. */
  complete(output: unknown): void {
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      if (this.#broken !== null) return;
      if (!isRecord(item) || this.#isDone(item, index)) continue;
      this.#finish(item, { output_index: index });
    }
    for (const growing of [...this.#open]) this.#finishFromDeltas(growing);
  }

  #takeReasoning(name: string, event: JsonRecord): void {
    switch (name) {
      case 'response.reasoning_summary_part.added': {
        const summaryIndex = partOf(event.summary_index);
        if (summaryIndex === null) return;
        if (this.#growingFor('reasoning', event) !== null)
          this.#events.push({ kind: 'summaryPartAdded', summaryIndex });
        return;
      }
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_summary.delta':
        this.#grow('reasoning', this.#channels.summary(event.summary_index), event.delta, event);
        return;
      case 'response.reasoning_summary_text.done':
      case 'response.reasoning_summary.done':
        this.#growByRest('reasoning', this.#channels.summary(event.summary_index), event.text, event);
        return;
      case 'response.reasoning_summary_part.done':
        this.#growByRest('reasoning', this.#channels.summary(event.summary_index), event.part, event);
        return;
      case 'response.reasoning_text.delta':
      case 'response.reasoning.delta':
        this.#grow('reasoning', this.#channels.reasoning(event.content_index), event.delta, event);
        return;
      case 'response.reasoning_text.done':
      case 'response.reasoning.done':
        this.#growByRest('reasoning', this.#channels.reasoning(event.content_index), event.text, event);
        return;
    }
  }

  #takePart(event: JsonRecord): void {
    const { part } = event;
    if (!isRecord(part)) return;
    if (part.type === 'reasoning_text')
      this.#growByRest('reasoning', this.#channels.reasoning(event.content_index), part, event);
    else this.#growByRest('message', TEXT, part.refusal ?? part, event);
  }

  /** Ignores input of a call that is neither open nor named. */
  #growInput(type: string, event: JsonRecord, given: unknown, how: 'more' | 'whole'): void {
    const text = wordsIn(given);
    const keys = keysOf({}, event);
    if (text === '' || (keys.size === 0 && this.#find(type, keys) === undefined)) return;
    const growing = this.#growingFor(type, event);
    if (growing === null) return;
    growing.input = how === 'whole' ? text : growing.input + text;
    this.#count(type, text.length, growing.input.length);
  }

  #add(given: JsonRecord, event: JsonRecord): GrowingItem {
    const type = typeOf(given) ?? 'message';
    const added = { ...given, type };
    const keys = keysOf(added, event);
    const growing: GrowingItem = { type, added, keys, channels: new Map(), parts: new Set(), part: null, input: '' };
    this.#open.push(growing);
    if (this.#open.length > MAX_OPEN_ITEMS) this.#broken ??= tooManyOpenItems();
    this.#recent = null;
    const item = SentItem(added);
    if (!(item instanceof Refusal)) this.#events.push({ kind: 'itemAdded', item });
    return growing;
  }

  /**
   * Emits the part of a text that its deltas did not contain: some services send it whole, and again in larger
   * wholes.
   */
  #growByRest(type: string, channel: Channel | null, given: unknown, event: JsonRecord): void {
    const whole = wordsIn(given);
    if (whole === '' || channel === null) return;
    const growing = this.#growingFor(type, event);
    if (growing === null) return;
    const isKnown = channel === TEXT ? growing.parts.has(partIndexOf(event)) : growing.channels.has(channel);
    if (!isKnown) this.#grow(type, channel, whole, event);
  }

  #grow(type: string, channel: Channel | null, given: unknown, event: JsonRecord): void {
    const delta = typeof given === 'string' ? given : wordsIn(given);
    if (channel === null || (delta === '' && given !== '')) return;
    const growing = this.#growingFor(type, event);
    if (growing === null) return;
    let known = growing.channels.get(channel);
    if (known === undefined) {
      known = { joiner: new TextJoiner(), text: '' };
      growing.channels.set(channel, known);
    }
    const whole = known.joiner.push(delta);
    known.text += whole;
    if (channel === TEXT && delta !== '' && growing.part !== partIndexOf(event)) {
      growing.part = partIndexOf(event);
      growing.parts.add(growing.part);
    }
    this.#count(type, whole.length, known.text.length);
    if (whole !== '' || delta === '') this.#events.push(contentDelta(channel, whole));
  }

  #count(type: string, length: number, itemLength: number): void {
    this.#said += length;
    if (itemLength > MAX_ITEM_LENGTH) this.#broken ??= itemTooLarge(type, itemLength);
    else if (this.#said > MAX_RESPONSE_LENGTH) this.#broken ??= responseTooLarge();
  }

  /** The item that an event is about; adds it if the service did not. null if it is done. */
  #growingFor(type: string, event: JsonRecord): GrowingItem | null {
    const { item_id: id, output_index: index } = event;
    const recent = this.#recent;
    if (recent !== null && recent.type === type && recent.id === id && recent.index === index) return recent.growing;
    const keys = keysOf({}, event);
    const growing = this.#find(type, keys) ?? this.#addMissing(type, keys, event);
    this.#recent = growing === null ? null : { type, id, index, growing };
    return growing;
  }

  #addMissing(type: string, keys: ReadonlySet<string>, event: JsonRecord): GrowingItem | null {
    if ([...keys].some((key) => this.#done.has(key))) return null;
    const name = typeof event.name === 'string' ? { name: event.name } : {};
    const id = typeof event.item_id === 'string' ? event.item_id : `${ID_PREFIX[type] ?? 'item'}_${randomUUID()}`;
    return this.#add(wellFormed({ type, id, ...name }), event);
  }

  #finish(value: unknown, event: JsonRecord): void {
    const item = isRecord(value) ? value : {};
    const keys = keysOf(item, event);
    const type = typeOf(item);
    const growing = this.#find(type, keys);
    if (growing !== undefined) this.#close(growing);
    for (const key of [...keys, ...(growing?.keys ?? [])]) this.#done.add(key);
    const read = SentItem(growing === undefined ? item : completed(item, growing));
    if (!(read instanceof Refusal)) this.#push(read, growing === undefined ? 'new' : 'grown');
    else if (growing !== undefined) this.#pushFromDeltas(growing);
    else this.#problem ??= read.reason;
  }

  /** The open item with one of these keys, else the latest one of that type with no conflicting key. */
  #find(type: string | null, keys: ReadonlySet<string>): GrowingItem | undefined {
    return (
      this.#open.find((growing) => (type === null || growing.type === type) && haveCommonKey(growing.keys, keys)) ??
      this.#open.findLast((growing) => growing.type === type && !haveConflict(growing.type, growing.keys, keys))
    );
  }

  #finishFromDeltas(growing: GrowingItem): void {
    this.#close(growing);
    this.#pushFromDeltas(growing);
  }

  /** An item that was added and never had content is dropped. */
  #pushFromDeltas(growing: GrowingItem): void {
    const read = SentItem(completed(growing.added, growing));
    if (read instanceof Refusal) this.#problem ??= read.reason;
    else if (!isEmptyItem(read)) this.#push(read, 'grown');
  }

  /** Removes an item from the open ones, and flushes lone surrogates that waited for their other half. */
  #close(growing: GrowingItem): void {
    this.#open = this.#open.filter((open) => open !== growing);
    this.#recent = null;
    for (const [channel, entry] of growing.channels) {
      const delta = entry.joiner.end();
      entry.text += delta;
      if (delta !== '') this.#events.push(contentDelta(channel, delta));
    }
  }

  /** The length of a streamed item was counted already. */
  #push(item: ResponseItem, how: 'new' | 'grown'): void {
    if (item.type !== 'other') {
      this.#doneCount += 1;
      const length = contentLengthOf(item);
      this.#count(item.type, ITEM_LENGTH + (how === 'new' ? length : 0), length);
      if (this.#broken !== null) return;
    }
    this.#events.push({ kind: 'itemDone', item });
  }

  #isDone(item: JsonRecord, index: number): boolean {
    const keys = keysOf(item, {});
    // Only items without an id are identified by their index.
    return keys.size > 0 ? [...keys].some((key) => this.#done.has(key)) : this.#done.has(`at:${index}`);
  }
}

const ID_PREFIX: Readonly<Record<string, string>> = { message: 'msg', reasoning: 'rs', function_call: 'fc' };

/** The part of a message that an event is about; by default the first one. */
const partIndexOf = ({ content_index: index }: JsonRecord): unknown => index ?? 0;

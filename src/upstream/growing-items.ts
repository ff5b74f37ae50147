/**
 * The items of one response while they stream. In: events of a Responses API, by name. Out: `UpstreamEvent`s, such that
 * every item is added, grows and is done, whatever the service left out: items that it never adds or never finishes are
 * put together from their deltas, and those that only the completion lists are taken from there. Owns what has not been
 * finished, which items were, and how much was said.
 */
import { randomUUID } from 'node:crypto';
import { isRecord, type JsonRecord, Refusal } from '../base/json/schema.ts';
import { TextJoiner, wellFormed } from '../base/well-formed.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { ITEM_LENGTH, lengthOf, MAX_ITEM_LENGTH, MAX_RESPONSE_LENGTH, MOST_OPEN_ITEMS, partOf } from './bounds.ts';
import { type Channel, Channels, spoken, TEXT } from './channels.ts';
import { itemTooLarge, responseTooLarge, tooManyOpenItems } from './errors.ts';
import { completed, type Growing, isHollow } from './finished-item.ts';
import { contradict, keysOf, sharesOne } from './item-names.ts';
import { SentItem, typeOf } from './items.ts';
import { wordsIn } from './json-text.ts';
import type { UpstreamEvent, UpstreamFailure } from './types.ts';

export class GrowingItems {
  readonly #events: UpstreamEvent[];
  readonly #channels = new Channels();
  #open: Growing[] = [];
  readonly #done = new Set<string>();
  /** Whom the last delta was for: there are many of them. */
  #recent: { type: string; id: unknown; place: unknown; growing: Growing } | null = null;
  #doneCount = 0;
  #problem: string | null = null;
  #said = 0;
  #broken: UpstreamFailure | null = null;

  constructor(events: UpstreamEvent[]) {
    this.#events = events;
  }

  /** Whether there is anything of a kind that we know. */
  get hasAny(): boolean {
    return this.#doneCount > 0 || this.#open.length > 0;
  }

  /** An item that was lost, in words for the user. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Grows with everything that is said, in UTF-16 units. */
  get said(): number {
    return this.#said;
  }

  /** Why nothing more is taken. */
  get broken(): UpstreamFailure | null {
    return this.#broken;
  }

  /** Takes an event about items; unknown names and members that are not as they should be are passed over. */
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
        this.#rest('message', TEXT, event.text, event);
        return;
      case 'response.refusal.done':
        this.#rest('message', TEXT, event.refusal, event);
        return;
      case 'response.content_part.done':
        this.#part(event);
        return;
      case 'response.function_call_arguments.delta':
        this.#input('function_call', event, event.delta, 'more');
        return;
      case 'response.function_call_arguments.done':
        this.#input('function_call', event, event.arguments, 'whole');
        return;
      case 'response.custom_tool_call_input.delta':
        this.#input('custom_tool_call', event, event.delta, 'more');
        return;
      case 'response.custom_tool_call_input.done':
        this.#input('custom_tool_call', event, event.input, 'whole');
        return;
      default:
        this.#think(name, event);
    }
  }

  /** The response is complete; `output` is what it lists, with whole text. */
  complete(output: unknown): void {
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      if (this.#broken !== null) return;
      if (!isRecord(item) || this.#isDone(item, index)) continue;
      this.#finish(item, { output_index: index });
    }
    for (const growing of [...this.#open]) this.#finishFromDeltas(growing);
  }

  #think(name: string, event: JsonRecord): void {
    switch (name) {
      case 'response.reasoning_summary_part.added': {
        const summaryIndex = partOf(event.summary_index);
        if (summaryIndex === null) return;
        if (this.#grower('reasoning', event) !== null) this.#events.push({ kind: 'summaryPartAdded', summaryIndex });
        return;
      }
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_summary.delta':
        this.#grow('reasoning', this.#channels.summary(event.summary_index), event.delta, event);
        return;
      case 'response.reasoning_summary_text.done':
      case 'response.reasoning_summary.done':
        this.#rest('reasoning', this.#channels.summary(event.summary_index), event.text, event);
        return;
      case 'response.reasoning_summary_part.done':
        this.#rest('reasoning', this.#channels.summary(event.summary_index), event.part, event);
        return;
      case 'response.reasoning_text.delta':
      case 'response.reasoning.delta':
        this.#grow('reasoning', this.#channels.thought(event.content_index), event.delta, event);
        return;
      case 'response.reasoning_text.done':
      case 'response.reasoning.done':
        this.#rest('reasoning', this.#channels.thought(event.content_index), event.text, event);
        return;
    }
  }

  #part(event: JsonRecord): void {
    const { part } = event;
    if (!isRecord(part)) return;
    if (part.type === 'reasoning_text')
      this.#rest('reasoning', this.#channels.thought(event.content_index), part, event);
    else this.#rest('message', TEXT, part.refusal ?? part, event);
  }

  /** Input of a call that is neither open nor named is a straggler. */
  #input(type: string, event: JsonRecord, given: unknown, how: 'more' | 'whole'): void {
    const text = wordsIn(given);
    const keys = keysOf({}, event);
    if (text === '' || (keys.size === 0 && this.#find(type, keys) === undefined)) return;
    const growing = this.#grower(type, event);
    if (growing === null) return;
    growing.input = how === 'whole' ? text : growing.input + text;
    this.#count(type, text.length, growing.input.length);
  }

  #add(given: JsonRecord, event: JsonRecord): Growing {
    const type = typeOf(given) ?? 'message';
    const added = { ...given, type };
    const keys = keysOf(added, event);
    const growing: Growing = { type, added, keys, channels: new Map(), parts: new Set(), part: null, input: '' };
    this.#open.push(growing);
    if (this.#open.length > MOST_OPEN_ITEMS) this.#broken ??= tooManyOpenItems();
    this.#recent = null;
    const item = SentItem(added);
    if (!(item instanceof Refusal)) this.#events.push({ kind: 'itemAdded', item });
    return growing;
  }

  /** What of a text its deltas have not said: some services send it whole, and then again in larger wholes. */
  #rest(type: string, channel: Channel | null, given: unknown, event: JsonRecord): void {
    const whole = wordsIn(given);
    if (whole === '' || channel === null) return;
    const growing = this.#grower(type, event);
    if (growing === null) return;
    const isSaid = channel === TEXT ? growing.parts.has(placeOf(event)) : growing.channels.has(channel);
    if (!isSaid) this.#grow(type, channel, whole, event);
  }

  #grow(type: string, channel: Channel | null, given: unknown, event: JsonRecord): void {
    const delta = typeof given === 'string' ? given : wordsIn(given);
    if (channel === null || (delta === '' && given !== '')) return;
    const growing = this.#grower(type, event);
    if (growing === null) return;
    let known = growing.channels.get(channel);
    if (known === undefined) {
      known = { joiner: new TextJoiner(), text: '' };
      growing.channels.set(channel, known);
    }
    const whole = known.joiner.push(delta);
    known.text += whole;
    if (channel === TEXT && delta !== '' && growing.part !== placeOf(event)) {
      growing.part = placeOf(event);
      growing.parts.add(growing.part);
    }
    this.#count(type, whole.length, known.text.length);
    if (whole !== '' || delta === '') this.#events.push(spoken(channel, whole));
  }

  #count(type: string, length: number, itemLength: number): void {
    this.#said += length;
    if (itemLength > MAX_ITEM_LENGTH) this.#broken ??= itemTooLarge(type, itemLength);
    else if (this.#said > MAX_RESPONSE_LENGTH) this.#broken ??= responseTooLarge();
  }

  /** The item that an event is about; one that was never added is added now. null when it is done. */
  #grower(type: string, event: JsonRecord): Growing | null {
    const { item_id: id, output_index: place } = event;
    const recent = this.#recent;
    if (recent !== null && recent.type === type && recent.id === id && recent.place === place) return recent.growing;
    const keys = keysOf({}, event);
    const growing = this.#find(type, keys) ?? this.#begin(type, keys, event);
    this.#recent = growing === null ? null : { type, id, place, growing };
    return growing;
  }

  #begin(type: string, keys: ReadonlySet<string>, event: JsonRecord): Growing | null {
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

  /** The one of that name, else the one that was added last and has no other. */
  #find(type: string | null, keys: ReadonlySet<string>): Growing | undefined {
    return (
      this.#open.find((growing) => (type === null || growing.type === type) && sharesOne(growing.keys, keys)) ??
      this.#open.findLast((growing) => growing.type === type && !contradict(growing.type, growing.keys, keys))
    );
  }

  #finishFromDeltas(growing: Growing): void {
    this.#close(growing);
    this.#pushFromDeltas(growing);
  }

  /** Nothing is made of an item that was added and never said anything. */
  #pushFromDeltas(growing: Growing): void {
    const read = SentItem(completed(growing.added, growing));
    if (read instanceof Refusal) this.#problem ??= read.reason;
    else if (!isHollow(read)) this.#push(read, 'grown');
  }

  /** Takes it off the list; halves of pairs that wait for their others have waited in vain. */
  #close(growing: Growing): void {
    this.#open = this.#open.filter((open) => open !== growing);
    this.#recent = null;
    for (const [channel, entry] of growing.channels) {
      const delta = entry.joiner.end();
      entry.text += delta;
      if (delta !== '') this.#events.push(spoken(channel, delta));
    }
  }

  /** What has grown was counted meanwhile. */
  #push(item: ResponseItem, how: 'new' | 'grown'): void {
    if (item.type !== 'other') {
      this.#doneCount += 1;
      const length = lengthOf(item);
      this.#count(item.type, ITEM_LENGTH + (how === 'new' ? length : 0), length);
      if (this.#broken !== null) return;
    }
    this.#events.push({ kind: 'itemDone', item });
  }

  #isDone(item: JsonRecord, index: number): boolean {
    const keys = keysOf(item, {});
    // Only items without a name are told apart by their place.
    return keys.size > 0 ? [...keys].some((key) => this.#done.has(key)) : this.#done.has(`at:${index}`);
  }
}

const ID_PREFIX: Readonly<Record<string, string>> = { message: 'msg', reasoning: 'rs', function_call: 'fc' };

/** Which part of a message an event is about; the first one when it does not say. */
const placeOf = ({ content_index: place }: JsonRecord): unknown => place ?? 0;

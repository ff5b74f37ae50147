/**
 * The items of one response while they stream. In: events of a Responses API, by name. Out: `UpstreamEvent`s, such that
 * every item is added, grows and is done, whatever the service left out: items that it never adds or never finishes are
 * put together from their deltas, and those that only the completion lists are taken from there. Owns what has not been
 * finished, and which items were.
 */
import { randomUUID } from 'node:crypto';
import { TextJoiner, wellFormed } from '../base/well-formed.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { type Channel, nameOf, spoken, TEXT } from './channels.ts';
import { contradict, keysOf, sharesOne } from './item-names.ts';
import { readItem, typeOf } from './items.ts';
import { isRecord, type JsonRecord } from './json.ts';
import type { UpstreamEvent } from './types.ts';

interface Growing {
  readonly type: string;
  /** The item as it was added, with whole text. */
  readonly added: JsonRecord;
  readonly keys: ReadonlySet<string>;
  readonly channels: Map<string, { readonly channel: Channel; readonly joiner: TextJoiner; text: string }>;
  /** Arguments of a function, or the input of a custom tool; halves of pairs as they came. */
  input: string;
}

export class GrowingItems {
  readonly #events: UpstreamEvent[];
  #open: Growing[] = [];
  readonly #done = new Set<string>();
  /** Whom the last delta was for: there are many of them. */
  #recent: { type: string; id: unknown; place: unknown; growing: Growing } | null = null;
  #doneCount = 0;
  #problem: string | null = null;

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

  /** Takes an event about items; unknown names and members that are not as they should be are passed over. */
  take(name: string, event: JsonRecord): void {
    switch (name) {
      case 'response.output_item.added':
        if (isRecord(event.item)) this.#add(wellFormed(event.item), event);
        return;
      case 'response.output_item.done':
        this.#finish(wellFormed(event.item), event);
        return;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        if (typeof event.delta === 'string') this.#grow('message', TEXT, event.delta, event);
        return;
      case 'response.output_text.done':
        this.#rest('message', TEXT, event.text, event);
        return;
      case 'response.refusal.done':
        this.#rest('message', TEXT, event.refusal, event);
        return;
      case 'response.reasoning_summary_part.added': {
        const summaryIndex = indexOf(event.summary_index);
        if (summaryIndex === null) return;
        this.#grower('reasoning', event);
        this.#events.push({ kind: 'summaryPartAdded', summaryIndex });
        return;
      }
      case 'response.reasoning_summary_text.delta': {
        const summaryIndex = indexOf(event.summary_index);
        if (summaryIndex === null || typeof event.delta !== 'string') return;
        this.#grow('reasoning', { kind: 'summaryDelta', summaryIndex }, event.delta, event);
        return;
      }
      case 'response.reasoning_text.delta': {
        const contentIndex = indexOf(event.content_index);
        if (contentIndex === null || typeof event.delta !== 'string') return;
        this.#grow('reasoning', { kind: 'reasoningDelta', contentIndex }, event.delta, event);
        return;
      }
      default:
        this.#takeInput(name, event);
    }
  }

  /** The response is complete; `output` is what it lists, with whole text. */
  complete(output: unknown): void {
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      if (!isRecord(item) || this.#isDone(item, index)) continue;
      this.#finish(item, { output_index: index });
    }
    for (const growing of [...this.#open]) this.#finishFromDeltas(growing);
  }

  #takeInput(name: string, event: JsonRecord): void {
    switch (name) {
      case 'response.function_call_arguments.delta':
        this.#input('function_call', event, (before) => before + stringOf(event.delta));
        return;
      case 'response.function_call_arguments.done':
        this.#input('function_call', event, (before) => stringOf(event.arguments) || before);
        return;
      case 'response.custom_tool_call_input.delta':
        this.#input('custom_tool_call', event, (before) => before + stringOf(event.delta));
        return;
      case 'response.custom_tool_call_input.done':
        this.#input('custom_tool_call', event, (before) => stringOf(event.input) || before);
        return;
      default:
        return;
    }
  }

  /** Input of a call that is neither open nor named is a straggler. */
  #input(type: string, event: JsonRecord, change: (before: string) => string): void {
    const keys = keysOf({}, event);
    if (keys.size === 0 && this.#find(type, keys) === undefined) return;
    const growing = this.#grower(type, event);
    if (growing !== null) growing.input = change(growing.input);
  }

  #add(given: JsonRecord, event: JsonRecord): Growing {
    const type = typeOf(given) ?? 'message';
    const added = { ...given, type };
    const growing: Growing = { type, added, keys: keysOf(added, event), channels: new Map(), input: '' };
    this.#open.push(growing);
    this.#recent = null;
    const read = readItem(added);
    if (read.ok) this.#events.push({ kind: 'itemAdded', item: read.item });
    return growing;
  }

  /** What of a text its deltas have not said: some services send it whole. */
  #rest(type: string, channel: Channel, whole: unknown, event: JsonRecord): void {
    if (typeof whole !== 'string' || whole === '') return;
    const said = this.#grower(type, event)?.channels.get(nameOf(channel))?.text;
    if (said === undefined || said === '') this.#grow(type, channel, whole, event);
  }

  #grow(type: string, channel: Channel, delta: string, event: JsonRecord): void {
    const channels = this.#grower(type, event)?.channels;
    if (channels === undefined) return;
    const name = nameOf(channel);
    let known = channels.get(name);
    if (known === undefined) {
      known = { channel, joiner: new TextJoiner(), text: '' };
      channels.set(name, known);
    }
    const whole = known.joiner.push(delta);
    known.text += whole;
    if (whole !== '' || delta === '') this.#events.push(spoken(channel, whole));
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
    const read = readItem(growing === undefined ? item : completed(item, growing));
    if (read.ok) this.#push(read.item);
    else if (growing !== undefined) this.#pushFromDeltas(growing);
    else this.#problem ??= read.problem;
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
    const read = readItem(completed(growing.added, growing));
    if (!read.ok) this.#problem ??= read.problem;
    else if (!isHollow(read.item)) this.#push(read.item);
  }

  /** Takes it off the list; halves of pairs that wait for their others have waited in vain. */
  #close(growing: Growing): void {
    this.#open = this.#open.filter((open) => open !== growing);
    this.#recent = null;
    for (const entry of growing.channels.values()) {
      const delta = entry.joiner.end();
      entry.text += delta;
      if (delta !== '') this.#events.push(spoken(entry.channel, delta));
    }
  }

  #push(item: ResponseItem): void {
    if (item.type !== 'other') this.#doneCount += 1;
    this.#events.push({ kind: 'itemDone', item });
  }

  #isDone(item: JsonRecord, index: number): boolean {
    const keys = keysOf(item, {});
    // Only items without a name are told apart by their place.
    return keys.size > 0 ? [...keys].some((key) => this.#done.has(key)) : this.#done.has(`at:${index}`);
  }
}

const ID_PREFIX: Readonly<Record<string, string>> = { message: 'msg', reasoning: 'rs', function_call: 'fc' };

/** A finished item with what only its beginning and its deltas said of it. */
function completed(item: JsonRecord, { type, added, channels, input }: Growing): JsonRecord {
  const named = { ...beginning(added), ...withoutHoles(item), type: typeOf(item) ?? type };
  const parts = (kind: Channel['kind']): { readonly text: string }[] =>
    [...channels.values()].flatMap(({ channel, text }) => (channel.kind === kind && text !== '' ? [{ text }] : []));
  switch (named.type) {
    case 'message':
      return isEmpty(item.content) ? { ...named, content: parts('textDelta') } : named;
    case 'reasoning':
      return {
        ...named,
        ...(isEmpty(item.summary) ? { summary: parts('summaryDelta') } : {}),
        ...(isEmpty(item.content) && parts('reasoningDelta').length > 0 ? { content: parts('reasoningDelta') } : {}),
      };
    case 'function_call':
      return isEmpty(item.arguments) && input !== '' ? { ...named, arguments: input.toWellFormed() } : named;
    case 'custom_tool_call':
      return isEmpty(item.input) && input !== '' ? { ...named, input: input.toWellFormed() } : named;
    default:
      return named;
  }
}

/** What an item keeps of how it was added. */
const beginning = (added: JsonRecord): JsonRecord =>
  Object.fromEntries(
    ['id', 'call_id', 'name', 'role'].filter((name) => added[name]).map((name) => [name, added[name]]),
  );

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const withoutHoles = (item: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(item).filter(([, member]) => member !== undefined && member !== null));

/** A message or a thought without a word. */
const isHollow = (item: ResponseItem): boolean =>
  (item.type === 'message' && item.content.length === 0) ||
  (item.type === 'reasoning' && item.summary.length + (item.content ?? []).length === 0 && !item.encrypted_content);

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An index or a count; null for anything else. */
export const indexOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

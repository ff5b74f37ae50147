/**
 * What a line is, by its first and last bytes. Pure.
 *
 * Lines of this server and of codex app-server 0.94.0 have their members in one order. A line in any other form is
 * `unknown` and has to be decoded; so is every line of the few kinds that are rare.
 *
 * In 100,000 lines, turns are found in 50 ms of processor time, against 320 ms when every line is decoded; the model's context in 170 ms
 * against 320 ms. Without any one of the kinds, one of the two takes 40 to 150 ms longer.
 */
import { isUtf8 } from 'node:buffer';

/** Events that show as an item, with a text that is not empty. */
type TextEvent = 'user_message' | 'agent_message' | 'agent_reasoning' | 'agent_reasoning_raw_content';

export type LineShape =
  | { readonly kind: 'unknown' }
  /** Neither shown in turns nor needed for anything but the model's context. */
  | { readonly kind: 'history' | 'turnContext' }
  /** A text in a file with numbered lines: items of their own tell it again. */
  | { readonly kind: 'copy' }
  /** `isEmpty`: it says nothing of what was used. */
  | { readonly kind: 'usage'; readonly isEmpty: boolean }
  | { readonly kind: 'text'; readonly event: TextEvent }
  /** An item of ours that is stored in no other form; `itemType` is not one of a message. */
  | { readonly kind: 'ownItem'; readonly turnId: string; readonly itemType: string; readonly itemId: string };

export const UNKNOWN: LineShape = { kind: 'unknown' };
const HISTORY: LineShape = { kind: 'history' };
const COPY: LineShape = { kind: 'copy' };
const TURN_CONTEXT: LineShape = { kind: 'turnContext' };
const USAGE: LineShape = { kind: 'usage', isEmpty: false };
const EMPTY_USAGE: LineShape = { kind: 'usage', isEmpty: true };

const HEAD = Buffer.from('{"timestamp":"');
const TIME_LENGTH = '2026-11-22T07:11:00.237Z'.length;
const AFTER_TIME = Buffer.from('","type":"');
const ORDINAL = Buffer.from('","ordinal":');
const AFTER_ORDINAL = Buffer.from(',"type":"');
const AFTER_TIME_AT = HEAD.length + TIME_LENGTH;
const TYPE_AT = AFTER_TIME_AT + AFTER_TIME.length;
const RESPONSE_ITEM = Buffer.from('response_item","payload":{');
const CONTEXT = Buffer.from('turn_context","payload":{');
const EVENT = Buffer.from('event_msg","payload":{"type":"');
const TOKEN_COUNT = Buffer.from('token_count","info":');
const NULL = Buffer.from('null');
const OWN_ITEM = Buffer.from('shardex","payload":{"type":"item_completed","turn_id":"');
const LONGEST_IDS = 400;
/** Of the largest number that a line of codex can have. */
const MOST_DIGITS = 20;
const ZERO = 0x30;
const BRACE = 0x7d;
const QUOTE = 0x22;

/** Event type and the beginning of its text. */
const TEXTS: readonly { readonly start: Buffer; readonly shape: LineShape }[] = (
  [
    ['user_message', 'message'],
    ['agent_message', 'message'],
    ['agent_reasoning', 'text'],
    ['agent_reasoning_raw_content', 'text'],
  ] as const
).map(([event, member]) => ({ start: Buffer.from(`${event}","${member}":"`), shape: { kind: 'text', event } }));

const OWN = /^([^"\\]+)","item":\{"type":"([A-Za-z]+)","id":"([^"\\]+)"/;
/** Items that may stand in an event line too; which one has to be compared by its text. */
const STORED_TWICE: ReadonlySet<string> = new Set(['userMessage', 'agentMessage', 'reasoning', 'plan']);

export function shapeOf(chunk: Buffer, start: number, sizeBytes: number): LineShape {
  const end = start + sizeBytes;
  if (sizeBytes < TYPE_AT || chunk[end - 1] !== BRACE || chunk[end - 2] !== BRACE) return UNKNOWN;
  if (!has(chunk, start, HEAD)) return UNKNOWN;
  const isNumbered = !has(chunk, start + AFTER_TIME_AT, AFTER_TIME);
  const typeAt = isNumbered ? typeAfterOrdinal(chunk, start) : start + TYPE_AT;
  if (typeAt === null) return UNKNOWN;
  if (has(chunk, typeAt, RESPONSE_ITEM)) return HISTORY;
  if (has(chunk, typeAt, EVENT)) return eventShape(chunk, { start, end, at: typeAt + EVENT.length, isNumbered });
  if (has(chunk, typeAt, CONTEXT)) return TURN_CONTEXT;
  return has(chunk, typeAt, OWN_ITEM)
    ? ownShape(chunk.subarray(start, end), typeAt - start + OWN_ITEM.length)
    : UNKNOWN;
}

/** Where the type begins behind a number; null when there is none. */
function typeAfterOrdinal(chunk: Buffer, start: number): number | null {
  const from = start + AFTER_TIME_AT;
  if (!has(chunk, from, ORDINAL)) return null;
  let at = from + ORDINAL.length;
  while (isDigit(chunk[at])) at += 1;
  return has(chunk, at, AFTER_ORDINAL) ? at + AFTER_ORDINAL.length : null;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

/** A line's number, null when it has none; `elsewhere` for a line whose members are not in the usual order. */
export function ordinalIn(chunk: Buffer, start: number, sizeBytes: number): number | null | 'elsewhere' {
  const from = start + AFTER_TIME_AT;
  if (sizeBytes < TYPE_AT || !has(chunk, start, HEAD)) return 'elsewhere';
  if (has(chunk, from, AFTER_TIME)) return null;
  if (!has(chunk, from, ORDINAL)) return 'elsewhere';
  const text = chunk.toString(
    'latin1',
    from + ORDINAL.length,
    Math.min(from + ORDINAL.length + MOST_DIGITS, start + sizeBytes),
  );
  const digits = /^\d+/.exec(text)?.[0];
  return digits === undefined ? 'elsewhere' : Number(digits);
}

/** What stands behind the line's end does not match: no text here goes beyond the two braces. */
function has(chunk: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) if (chunk[at + index] !== text[index]) return false;
  return true;
}

interface EventPlace {
  readonly start: number;
  readonly end: number;
  /** Of the event's type. */
  readonly at: number;
  readonly isNumbered: boolean;
}

function eventShape(chunk: Buffer, { start, end, at, isNumbered }: EventPlace): LineShape {
  if (has(chunk, at, TOKEN_COUNT)) return has(chunk, at + TOKEN_COUNT.length, NULL) ? EMPTY_USAGE : USAGE;
  for (const text of TEXTS) {
    if (!has(chunk, at, text.start)) continue;
    // Empty texts follow rules of their own.
    const isEmpty = chunk[at + text.start.length] === QUOTE;
    if (isEmpty || !isWhole(chunk.subarray(start, end))) return UNKNOWN;
    return isNumbered ? COPY : text.shape;
  }
  return UNKNOWN;
}

function ownShape(line: Buffer, from: number): LineShape {
  const [, turnId, itemType, itemId] = OWN.exec(line.toString('latin1', from, from + LONGEST_IDS)) ?? [];
  if (turnId === undefined || itemType === undefined || itemId === undefined) return UNKNOWN;
  // Ids outside of ASCII would have to be decoded.
  if (STORED_TWICE.has(itemType) || !isWhole(line) || !isAscii(turnId + itemId)) return UNKNOWN;
  return { kind: 'ownItem', turnId, itemType, itemId };
}

const isAscii = (text: string): boolean => !/[^ -~]/.test(text);

/** Whether nothing tells that two lines were run into one, as happens where a torn one was not ended. */
const isWhole = (line: Buffer): boolean => isUtf8(line) && line.indexOf(HEAD, HEAD.length) === -1;

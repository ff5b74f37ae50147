/**
 * A parsed line to a typed entry. A line whose payload lacks what its type needs is no entry at all; members that nobody knows
 * are ignored.
 */
import * as s from '../base/json/schema.ts';
import { decodeCurrentLine } from './current-lines.ts';
import { ResponseItem } from './decode-item.ts';
import {
  type AnyEntry,
  Compacted,
  type RolloutEntry,
  SessionMeta,
  ShardexLine,
  StoredEvent,
  TurnContext,
} from './entries.ts';

/** What is in each type of line; `isNumbered`: whether this line has a number. */
const PAYLOADS: ReadonlyMap<unknown, (payload: s.JsonRecord, isNumbered: boolean) => AnyEntry | s.Refusal> = new Map([
  ['session_meta', entryOf('session_meta', SessionMeta)],
  ['response_item', entryOf('response_item', ResponseItem)],
  ['event_msg', eventEntry],
  ['turn_context', entryOf('turn_context', TurnContext)],
  ['compacted', entryOf('compacted', Compacted)],
  ['shardex', entryOf('shardex', ShardexLine)],
]);

/** null for what is no entry. */
export function decodePayload(value: unknown): RolloutEntry | null {
  if (!s.isRecord(value) || !s.isRecord(value.payload)) return null;
  const ordinal = value.ordinal === undefined ? null : s.readOrNull(s.count, value.ordinal);
  const entry = PAYLOADS.get(value.type)?.(value.payload, ordinal !== null) ?? null;
  if (entry === null || entry instanceof s.Refusal) return null;
  return ordinal === null ? entry : { ...entry, ordinal };
}

function entryOf<T extends string, P>(type: T, schema: s.Schema<P>) {
  return s.changed(schema, (payload) => ({ type, payload }));
}

const storedEvent = entryOf('event_msg', StoredEvent);

function eventEntry(payload: s.JsonRecord, isNumbered: boolean): AnyEntry | s.Refusal {
  const line = decodeCurrentLine(payload, isNumbered);
  return line === null ? storedEvent(payload) : { type: 'current', payload: line };
}

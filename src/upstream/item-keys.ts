/**
 * Matches events of a stream to items. In: an item and the event that brought it. Out: the keys that both give it.
 * Pure.
 */
import type { JsonRecord } from '../base/json/schema.ts';

/** Keys of an item: its id, its call id, its index in the response. */
export function keysOf(item: JsonRecord, event: JsonRecord): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const id of [item.id, event.item_id])
    if (typeof id === 'string' && id !== '') keys.add(`id:${id}`.toWellFormed());
  if (typeof item.call_id === 'string' && item.call_id !== '') keys.add(`call:${item.call_id}`.toWellFormed());
  if (typeof event.output_index === 'number') keys.add(`at:${event.output_index}`);
  return keys;
}

export const haveCommonKey = (keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  [...others].some((key) => keys.has(key));

/**
 * Different indexes or call ids mean different items. Different ids do not for messages and reasoning: some services
 * change an item's id when it is done.
 */
export const haveConflict = (type: string, keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  (type === 'message' || type === 'reasoning' ? ['at:', 'call:'] : ['at:', 'call:', 'id:']).some(
    (kind) => hasKind(keys, kind) && hasKind(others, kind),
  );

const hasKind = (keys: ReadonlySet<string>, kind: string): boolean => [...keys].some((key) => key.startsWith(kind));

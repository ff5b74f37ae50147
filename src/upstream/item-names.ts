/**
 * Which events of a stream are about the same item. In: an item and the event that brought it. Out: the names that both
 * give it. Pure.
 */
import type { JsonRecord } from '../base/json/schema.ts';

/** Names that an item has: its id, its call's, its place in the response. */
export function keysOf(item: JsonRecord, event: JsonRecord): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const id of [item.id, event.item_id])
    if (typeof id === 'string' && id !== '') keys.add(`id:${id}`.toWellFormed());
  if (typeof item.call_id === 'string' && item.call_id !== '') keys.add(`call:${item.call_id}`.toWellFormed());
  if (typeof event.output_index === 'number') keys.add(`at:${event.output_index}`);
  return keys;
}

export const sharesOne = (keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  [...others].some((key) => keys.has(key));

/** Two places or two calls are two items. An id alone is not: some services give an item another one when it is done. */
export const contradict = (type: string, keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  (type === 'message' || type === 'reasoning' ? ['at:', 'call:'] : ['at:', 'call:', 'id:']).some(
    (kind) => hasKind(keys, kind) && hasKind(others, kind),
  );

const hasKind = (keys: ReadonlySet<string>, kind: string): boolean => [...keys].some((key) => key.startsWith(kind));

/** Tables with a row for each kind of event: an event without a row does not compile. Pure. */
import type { EngineEvent } from './engine-events.ts';

type EventKind = EngineEvent['kind'];
export type EventOf<K extends EventKind> = EngineEvent & { readonly kind: K };

// A method signature, so that a row may take only the events of its kind; it gets no others.
type Row<E extends EngineEvent, A extends readonly unknown[], R> = { read(event: E, ...rest: A): R }['read'];

export type EventTable<A extends readonly unknown[], R> = { readonly [K in EventKind]: Row<EventOf<K>, A, R> };

/** The row of an event's kind. */
export const rowOf = <A extends readonly unknown[], R>(
  table: EventTable<A, R>,
  { kind }: EngineEvent,
): Row<EngineEvent, A, R> => table[kind];

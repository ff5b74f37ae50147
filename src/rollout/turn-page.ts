/**
 * Pages of a thread's turns. Pure. A cursor names a turn and its place: the turn is looked for by its id, and when it is
 * gone (a rollback) the page goes on from where it was.
 */
export interface TurnPageQuery {
  /** null: from the first turn in this direction. */
  readonly cursor: string | null;
  readonly limit: number;
  readonly direction: 'asc' | 'desc';
}

interface Identified {
  readonly id: string;
}

export interface PageOfTurns<T> {
  readonly turns: readonly T[];
  /** null when nothing follows. */
  readonly nextCursor: string | null;
  /** For the other direction: its page begins with this page's first turn. null for an empty page. */
  readonly backwardsCursor: string | null;
}

export interface TurnCursor {
  /** `after` goes on behind the turn, `from` with it. */
  readonly side: 'after' | 'from';
  readonly index: number;
  readonly turnId: string;
}

const CURSOR = /^(after|from)\|(\d{1,15})\|(.*)$/s;

const cursorText = ({ side, index, turnId }: TurnCursor): string => `${side}|${index}|${turnId}`;

/** null when the text is none. */
export function parseTurnCursor(text: string): TurnCursor | null {
  const [, side, index, turnId] = CURSOR.exec(text) ?? [];
  if (side === undefined || index === undefined || turnId === undefined) return null;
  return { side: side === 'from' ? 'from' : 'after', index: Number(index), turnId };
}

/** `turns` oldest first. A cursor that is none counts as null: whoever asks has checked it. */
export function turnPageOf<T extends Identified>(turns: readonly T[], query: TurnPageQuery): PageOfTurns<T> {
  const step = query.direction === 'asc' ? 1 : -1;
  const start = startOf(turns, query);
  const indexes = Array.from({ length: query.limit }, (_, n) => start + n * step).filter(
    (at) => turns[at] !== undefined,
  );
  const place = (side: TurnCursor['side'], index: number | undefined): string | null => {
    const turn = index === undefined ? undefined : turns[index];
    return index === undefined || turn === undefined ? null : cursorText({ side, index, turnId: turn.id });
  };
  const last = indexes.at(-1);
  const isMore = last !== undefined && turns[last + step] !== undefined;
  return {
    turns: indexes.flatMap((at) => turns[at] ?? []),
    nextCursor: isMore ? place('after', last) : null,
    backwardsCursor: place('from', indexes[0]),
  };
}

function startOf(turns: readonly Identified[], { cursor, direction }: TurnPageQuery): number {
  const parsed = cursor === null ? null : parseTurnCursor(cursor);
  if (parsed === null) return direction === 'asc' ? 0 : turns.length - 1;
  const found =
    turns[parsed.index]?.id === parsed.turnId ? parsed.index : turns.findIndex(({ id }) => id === parsed.turnId);
  const step = direction === 'asc' ? 1 : -1;
  if (found !== -1) return parsed.side === 'from' ? found : found + step;
  // The turn is gone: those behind it went with it.
  return direction === 'asc' ? parsed.index : Math.min(parsed.index, turns.length) - 1;
}

/** What of a stored turn is remembered before it is shown: which lines it is made of, and what each of them is. Pure. */
import type { ThreadItem } from '../protocol/items.ts';
import type { Turn } from '../protocol/turns.ts';
import type { StoredEvent } from './entries.ts';
import type { LineSpan } from './line-scan.ts';
import { itemOfEvent, joinReasoning } from './turn-items.ts';

/** As far as it decides how a line is numbered, joined with the one before, or left out of a summary. */
export type MarkKind = 'userMessage' | 'agentMessage' | 'reasoning' | 'other';

/** A line that shows in a turn: an event, or an item with an id. */
export interface Mark extends LineSpan {
  readonly kind: MarkKind;
  readonly isOwn: boolean;
  /** The line itself for as long as it may have to be compared; later it is only known where it is. */
  event: StoredEvent | null;
  /** An event whose item a line of our own holds, with more detail. */
  isCopy: boolean;
  /** Of an event's item; 0 when it is joined to the item before it, and for items with an id. */
  number: number;
}

export interface MarkedTurn {
  readonly id: string;
  /** Whether its writer told its id, and so its end. */
  readonly isOwn: boolean;
  readonly marks: readonly Mark[];
  readonly status: Turn['status'];
  readonly error: Turn['error'];
  readonly isEnded: boolean;
}

/** A mark's line: one of them is there. */
export interface MarkLine {
  readonly event: StoredEvent | null;
  readonly item: ThreadItem | null;
}

export type TurnView = 'notLoaded' | 'summary' | 'full';

export interface DrawOptions {
  readonly runningTurnId: string | null;
  readonly view: TurnView;
  /** The mark's line, decoded for this drawing alone; null when there is no such line any more. */
  readonly lineOf: (mark: Mark) => MarkLine | null;
}

export const itemMark = (type: string, { offset, sizeBytes }: LineSpan): Mark => ({
  kind: kindOfItem(type),
  isOwn: true,
  offset,
  sizeBytes,
  event: null,
  isCopy: false,
  number: 0,
});

export const eventMark = (type: string, { offset, sizeBytes }: LineSpan, event: StoredEvent | null): Mark => ({
  kind: kindOfEvent(type),
  isOwn: false,
  offset,
  sizeBytes,
  event,
  isCopy: false,
  number: 0,
});

function kindOfItem(type: string): MarkKind {
  return type === 'userMessage' || type === 'agentMessage' || type === 'reasoning' ? type : 'other';
}

function kindOfEvent(type: string): MarkKind {
  switch (type) {
    case 'user_message':
      return 'userMessage';
    case 'agent_message':
      return 'agentMessage';
    case 'agent_reasoning':
    case 'agent_reasoning_raw_content':
      return 'reasoning';
    default:
      return 'other';
  }
}

/**
 * The turn as clients see it. One whose end should be there and is not is `interrupted`, unless it is the one that is running: then it is
 * `inProgress` and has the items that are complete. Throws `MarkError` when a mark's line is not what it was taken for.
 */
export function drawTurn(turn: MarkedTurn, { runningTurnId, view, lineOf }: DrawOptions): Turn {
  const running = turn.isOwn && !turn.isEnded && turn.id === runningTurnId;
  const items: ThreadItem[] = [];
  for (const mark of marksIn(turn.marks, view)) addItem(items, mark, lineOf(mark));
  return { id: turn.id, items, status: running ? 'inProgress' : turn.status, error: turn.error };
}

/** A line was counted as an item and is none: the file has to be read without trusting its lines' looks. */
export class MarkError extends Error {
  constructor() {
    super('a stored line is not what it looks like');
    this.name = 'MarkError';
  }
}

function addItem(items: ThreadItem[], mark: Mark, line: MarkLine | null): void {
  if (line === null) throw new MarkError();
  if (line.item !== null) {
    items.push(line.item);
    return;
  }
  const last = items.at(-1);
  if (line.event === null) throw new MarkError();
  if (mark.number === 0 && last !== undefined && joinReasoning(last, line.event)) return;
  const item = itemOfEvent(line.event, `item-${mark.number}`);
  if (item === null) throw new MarkError();
  items.push(item);
}

/** `summary`: what the user said, and what the model said last. */
function marksIn(marks: readonly Mark[], view: TurnView): readonly Mark[] {
  if (view === 'full') return marks;
  if (view === 'notLoaded') return [];
  const lastAnswer = marks.findLast(({ kind }) => kind === 'agentMessage');
  return marks.filter((mark) => mark.kind === 'userMessage' || mark === lastAnswer);
}

/** The turns of a file, built line by line in the file's order. It owns them and the numbers of their items. */
import type { Turn } from '../protocol/turns.ts';
import type { ShardexLine } from './entries.ts';
import type { Mark, MarkedTurn } from './turn-marks.ts';

interface OpenTurn extends MarkedTurn {
  marks: Mark[];
  status: Turn['status'];
  error: Turn['error'];
  isEnded: boolean;
}

export class TurnTable {
  /** What was rolled back. Nobody will see it; what else was rolled back hangs on its being there at all. */
  readonly dropped: Mark[] = [];
  readonly #turns: OpenTurn[] = [];
  readonly #own = new Map<string, OpenTurn>();
  /** The turn that lines without a turn's id belong to. */
  #current: OpenTurn | null = null;
  #numberedItems = 0;

  get turns(): readonly MarkedTurn[] {
    return this.#turns;
  }

  start(turnId: string): void {
    this.#ownTurn(turnId);
  }

  item(turnId: string, mark: Mark): void {
    this.#ownTurn(turnId).marks.push(mark);
  }

  end(line: ShardexLine & { readonly type: 'turn_completed' }): void {
    const turn = this.#ownTurn(line.turn_id);
    turn.status = line.status;
    turn.error = line.error;
    turn.isEnded = true;
    if (this.#current === turn) this.#current = null;
  }

  event(mark: Mark): void {
    const isNew = mark.kind === 'userMessage' || this.#current === null;
    const turn = isNew || this.#current === null ? this.#open(`turn-${this.#turns.length + 1}`, false) : this.#current;
    const isJoined = mark.kind === 'reasoning' && turn.marks.at(-1)?.kind === 'reasoning';
    if (!isJoined) this.#numberedItems += 1;
    mark.number = isJoined ? 0 : this.#numberedItems;
    turn.marks.push(mark);
  }

  aborted(): void {
    if (this.#current?.isOwn === false) this.#current.status = 'interrupted';
  }

  rollBack(numTurns: number): void {
    this.#current = null;
    for (const { id, marks } of this.#turns.splice(Math.max(this.#turns.length - numTurns, 0))) {
      this.#own.delete(id);
      for (const mark of marks) this.dropped.push(mark);
    }
    this.#numberedItems = this.#turns.reduce((sum, turn) => sum + (turn.isOwn ? 0 : numbered(turn)), 0);
  }

  #ownTurn(turnId: string): OpenTurn {
    return this.#own.get(turnId) ?? this.#open(turnId, true);
  }

  #open(id: string, isOwn: boolean): OpenTurn {
    // Other writers leave no trace of an end, so that theirs count as completed.
    const status = isOwn ? 'interrupted' : 'completed';
    const before = this.#turns.at(-1);
    // A list that grew has room for many more, and there are many turns.
    if (before !== undefined) before.marks = before.marks.slice();
    const turn: OpenTurn = { id, isOwn, marks: [], status, error: null, isEnded: false };
    this.#turns.push(turn);
    if (isOwn) this.#own.set(id, turn);
    this.#current = turn;
    return turn;
  }
}

const numbered = ({ marks }: MarkedTurn): number => marks.reduce((sum, { number }) => sum + (number === 0 ? 0 : 1), 0);

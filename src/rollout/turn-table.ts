/** The turns of a file, built line by line in the file's order. It owns them and the numbers of their items. */
import type { Turn } from '../protocol/turns.ts';
import type { CurrentLine, ShardexLine } from './entries.ts';
import type { Mark, MarkedTurn } from './turn-marks.ts';

/** `ours`: told by lines of our own. `named`: another writer told its id and its end. `counted`: nothing but its messages is known. */
type TurnKind = 'ours' | 'named' | 'counted';

interface OpenTurn extends MarkedTurn {
  readonly kind: TurnKind;
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

  /** Whether events now belong to a turn whose writer says when it ends. */
  get isInNamed(): boolean {
    return this.#current?.kind === 'named';
  }

  start(turnId: string, kind: 'ours' | 'named'): void {
    this.#turnOf(turnId, kind);
  }

  /** Without a turn's id it belongs to the turn that is open; outside of one to none. */
  item(turnId: string | null, mark: Mark, kind: 'ours' | 'named'): void {
    const turn = turnId === null ? this.#current : this.#turnOf(turnId, kind);
    turn?.marks.push(mark);
  }

  end(line: (ShardexLine | CurrentLine) & { readonly type: 'turn_completed' }, kind: 'ours' | 'named'): void {
    const turn = this.#turnOf(line.turn_id, kind);
    turn.status = line.status;
    turn.error = line.error;
    turn.isEnded = true;
    if (this.#current === turn) this.#current = null;
  }

  event(mark: Mark): void {
    const joins = mark.kind !== 'userMessage' || this.isInNamed;
    const turn =
      joins && this.#current !== null ? this.#current : this.#open(`turn-${this.#turns.length + 1}`, 'counted');
    const isJoined = mark.kind === 'reasoning' && turn.marks.at(-1)?.kind === 'reasoning';
    if (!isJoined) this.#numberedItems += 1;
    mark.number = isJoined ? 0 : this.#numberedItems;
    turn.marks.push(mark);
  }

  aborted(): void {
    if (this.#current?.kind === 'counted') this.#current.status = 'interrupted';
  }

  rollBack(numTurns: number): void {
    this.#current = null;
    for (const { id, marks } of this.#turns.splice(Math.max(this.#turns.length - numTurns, 0))) {
      this.#own.delete(id);
      for (const mark of marks) this.dropped.push(mark);
    }
    this.#numberedItems = this.#turns.reduce((sum, turn) => sum + (turn.kind === 'ours' ? 0 : numbered(turn)), 0);
  }

  #turnOf(turnId: string, kind: 'ours' | 'named'): OpenTurn {
    return this.#own.get(turnId) ?? this.#open(turnId, kind);
  }

  #open(id: string, kind: TurnKind): OpenTurn {
    const isOwn = kind !== 'counted';
    // Where there is no trace of any end, turns count as completed.
    const status = isOwn ? 'interrupted' : 'completed';
    const before = this.#turns.at(-1);
    // A list that grew has room for many more, and there are many turns.
    if (before !== undefined) before.marks = before.marks.slice();
    const turn: OpenTurn = { id, kind, isOwn, marks: [], status, error: null, isEnded: false };
    this.#turns.push(turn);
    if (isOwn) this.#own.set(id, turn);
    this.#current = turn;
    return turn;
  }
}

const numbered = ({ marks }: MarkedTurn): number => marks.reduce((sum, { number }) => sum + (number === 0 ? 0 : 1), 0);

/**
 * What a resumed or forked thread starts with, from the lines of its file.
 *
 * In: the entries in order. Out: the model's context and what else is carried over. Rules observed on codex app-server
 * 0.94.0; a rollback counts turns, where a turn of ours may hold several user messages.
 */
import type { TokenUsageInfo } from '../contract/engine-events.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { Compacted, CurrentLine, RolloutEntry, SessionMeta, ShardexLine, StoredEvent } from './entries.ts';
import { turnsRolledBack, usageFromStored } from './stored-event.ts';
import { isUserTurn } from './user-turn.ts';

export interface CompactionRules {
  /**
   * The context after a compaction that stored only a summary: fresh set-up messages, kept user messages and `message`,
   * made from the context before it. `meta` is the head before it.
   */
  compacted(context: readonly ResponseItem[], message: string, meta: SessionMeta | null): readonly ResponseItem[];
}

export interface StoredContext {
  /** The first head of the thread's own file: base instructions, dynamic tools, working directory. null when it has none. */
  readonly meta: SessionMeta | null;
  readonly items: readonly ResponseItem[];
  /** What the thread had used; null when nothing was reported. */
  readonly usage: TokenUsageInfo | null;
  /** The model of the last request. */
  readonly lastModel: string | null;
  /** Item ids that were given out. */
  readonly itemIds: ReadonlySet<string>;
  /** Whether lines of our own may be written. */
  readonly hasUserMessage: boolean;
  /** How many user messages the last rollback took out of the context; 0 without one. */
  readonly messagesRolledBack: number;
}

export function rebuildContext(entries: Iterable<RolloutEntry>, rules: CompactionRules): StoredContext {
  const builder = new ContextBuilder(rules);
  for (const entry of entries) builder.add(entry);
  return builder;
}

/** A place to roll back to. `turnId` is null for turns of other writers, one for each user message. */
interface TurnStart {
  turnId: string | null;
  index: number;
  userMessages: number;
}

export class ContextBuilder implements StoredContext {
  meta: SessionMeta | null = null;
  items: ResponseItem[] = [];
  usage: TokenUsageInfo | null = null;
  lastModel: string | null = null;
  hasUserMessage = false;
  messagesRolledBack = 0;
  readonly itemIds = new Set<string>();
  readonly #rules: CompactionRules;
  #starts: TurnStart[] = [];
  readonly #ownTurns = new Set<string>();
  #openTurnId: string | null = null;

  constructor(rules: CompactionRules) {
    this.#rules = rules;
  }

  add(entry: RolloutEntry): void {
    switch (entry.type) {
      case 'session_meta':
        this.meta ??= entry.payload;
        break;
      case 'response_item':
        this.#item(entry.payload);
        break;
      case 'compacted':
        this.#compacted(entry.payload);
        break;
      case 'turn_context':
        this.lastModel = entry.payload.model;
        break;
      case 'event_msg':
        this.#event(entry.payload);
        break;
      case 'shardex':
        this.#own(entry.payload);
        break;
      case 'current':
        this.#current(entry.payload);
        break;
    }
  }

  #item(item: ResponseItem): void {
    if (item.type === 'other' || (item.type === 'message' && item.role === 'system')) return;
    if (isUserTurn(item)) this.#userMessage();
    this.items.push(item);
  }

  #userMessage(): void {
    const last = this.#starts.at(-1);
    const isOpenTurns = this.#openTurnId !== null && last?.turnId === this.#openTurnId;
    if (!isOpenTurns) {
      this.#starts.push({ turnId: null, index: this.items.length, userMessages: 1 });
      return;
    }
    if (last.userMessages === 0) last.index = this.items.length;
    last.userMessages += 1;
  }

  #event(event: StoredEvent): void {
    if (event.type === 'user_message') this.hasUserMessage = true;
    else if (event.type === 'token_count' && event.info !== null) this.usage = usageFromStored(event.info);
    else if (event.type === 'thread_rolled_back') this.#rollBack(turnsRolledBack(event));
  }

  /** An item of ours, of which nothing else matters here. */
  ownItem(turnId: string, itemId: string): void {
    this.itemIds.add(itemId);
    this.#ownTurn(turnId);
  }

  #own(line: ShardexLine): void {
    if (line.type === 'item_completed') this.ownItem(line.turn_id, line.item.id);
    else if (line.type === 'turn_started') this.#ownTurn(line.turn_id);
    else if (this.#openTurnId === line.turn_id) this.#openTurnId = null;
  }

  /** An item may come long after its turn. */
  #current(line: CurrentLine): void {
    if (line.type === 'turn_started') this.#ownTurn(line.turn_id, false);
    else if (line.type === 'turn_completed') {
      if (this.#openTurnId === line.turn_id) this.#openTurnId = null;
    } else {
      this.itemIds.add(line.item.id);
      if (line.item.type === 'userMessage') this.hasUserMessage = true;
    }
  }

  /** `mayFollow`: the user message that opens a file's first turn may stand before the turn's own lines. */
  #ownTurn(turnId: string, mayFollow = true): void {
    if (this.#ownTurns.has(turnId)) return;
    this.#ownTurns.add(turnId);
    this.#openTurnId = turnId;
    const last = this.#starts.at(-1);
    const isLead = mayFollow && last !== undefined && last.turnId === null && last.index === this.items.length - 1;
    if (isLead) last.turnId = turnId;
    else this.#starts.push({ turnId, index: this.items.length, userMessages: 0 });
  }

  #compacted({ message, replacement_history: history }: Compacted): void {
    this.items = [...(history ?? this.#rules.compacted(this.items, message, this.meta))];
    const isSummary = (item: ResponseItem): boolean =>
      item.type === 'message' && item.content.some((part) => part.type === 'input_text' && part.text === message);
    const open = this.#openTurnId === null ? undefined : this.#starts.at(-1);
    this.#starts = this.items.flatMap((item, index) =>
      isUserTurn(item) && !isSummary(item) ? [{ turnId: null, index, userMessages: 1 }] : [],
    );
    if (open === undefined) return;
    // The running turn keeps its own messages; one that has none begins behind what was kept.
    const own = open.userMessages === 0 ? [] : this.#starts.splice(-open.userMessages);
    this.#starts.push({ ...open, index: own[0]?.index ?? this.items.length, userMessages: own.length });
  }

  /** What stands before the first user message always stays. */
  #rollBack(numTurns: number): void {
    if (numTurns <= 0) return;
    this.#openTurnId = null;
    const dropped = this.#starts.splice(Math.max(this.#starts.length - numTurns, 0));
    const [first] = dropped;
    this.messagesRolledBack = dropped.reduce((sum, { userMessages }) => sum + userMessages, 0);
    if (first !== undefined) this.items = this.items.slice(0, first.index);
  }
}

/**
 * What a thread whose lines are numbered is told. In: the entries that are stored in other threads. Out: the same lines, and beside
 * those of turns and items the ones that codex of today reads them from. Owns what an end says of its turn's beginning.
 *
 * Whoever knows only one of the two forms reads each turn once: 0.94 our events, codex of today its own, we the `shardex` lines.
 * Observed on codex app-server 0.171.0.
 */
import { currentOfItem } from './current-form.ts';
import { storedError } from './current-lines.ts';
import type { RolloutEntry, ShardexLine } from './entries.ts';
import { lineOf, type PlainLine } from './format.ts';

const MS_PER_SEC = 1000;

interface Begun {
  readonly atMs: number;
  lastAgentMessage: string | null;
}

export class NumberedLines {
  readonly #threadId: string;
  readonly #begun = new Map<string, Begun>();

  constructor(threadId: string) {
    this.#threadId = threadId;
  }

  /** `timeMs`: Unix time in milliseconds. */
  of(entry: RolloutEntry, timeMs: number): PlainLine[] {
    const line = lineOf(entry);
    if (line === null) return [];
    // The end of the turn tells it, with the turn's id.
    if (entry.type === 'event_msg' && entry.payload.type === 'turn_aborted') return [];
    const told = entry.type === 'shardex' ? this.#current(entry.payload, timeMs) : null;
    return told === null ? [line] : [line, { type: 'event_msg', payload: told }];
  }

  #current(line: ShardexLine, timeMs: number): object | null {
    switch (line.type) {
      case 'turn_started':
        this.#begun.set(line.turn_id, { atMs: timeMs, lastAgentMessage: null });
        return {
          type: 'task_started',
          turn_id: line.turn_id,
          root_turn_id: line.turn_id,
          started_at: secondsOf(timeMs),
          model_context_window: null,
          collaboration_mode_kind: 'default',
        };
      case 'item_completed':
        return this.#item(line, timeMs);
      case 'turn_completed':
        return this.#end(line, timeMs);
    }
  }

  #item({ turn_id, item }: ShardexLine & { readonly type: 'item_completed' }, timeMs: number): object | null {
    const stored = currentOfItem(item);
    if (stored === null) return null;
    const begun = this.#begun.get(turn_id);
    if (begun !== undefined && item.type === 'agentMessage') begun.lastAgentMessage = item.text;
    return {
      type: 'item_completed',
      thread_id: this.#threadId,
      turn_id,
      item: stored,
      started_at_ms: timeMs,
      completed_at_ms: timeMs,
    };
  }

  #end({ turn_id, status, error }: ShardexLine & { readonly type: 'turn_completed' }, timeMs: number): object {
    const { atMs, lastAgentMessage } = this.#begun.get(turn_id) ?? { atMs: timeMs, lastAgentMessage: null };
    this.#begun.delete(turn_id);
    const ids = { root_turn_id: turn_id, turn_id };
    const times = {
      started_at: secondsOf(atMs),
      completed_at: secondsOf(timeMs),
      duration_ms: Math.round(timeMs - atMs),
    };
    if (status === 'interrupted') return { type: 'turn_aborted', ...ids, reason: 'interrupted', ...times };
    const failure = error === null ? {} : { error: storedError(error) };
    return { type: 'task_complete', ...ids, last_agent_message: lastAgentMessage, ...failure, ...times };
  }
}

const secondsOf = (timeMs: number): number => Math.floor(timeMs / MS_PER_SEC);

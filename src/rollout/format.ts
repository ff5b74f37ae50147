/**
 * The lines of a stored thread.
 *
 * In: one line of text, or an entry to write. Out: a typed entry, or one line of text. Lines are
 * `{"timestamp","type","payload"}`; names and key order were observed on codex app-server 0.94.0. `shardex` is a type of
 * our own that other readers skip: it keeps what those lines leave out. No state.
 */
import { jsonIn } from '../base/json/parse.ts';
import { decodePayload } from './decode.ts';
import type { RolloutEntry, SessionMeta, TurnContext } from './entries.ts';
import { storedItem } from './stored-item.ts';

/** One line with its `\n`; `timeMs` is Unix time in milliseconds. Empty for items that are never stored. */
export function encode(entry: RolloutEntry, timeMs: number): string {
  const line = lineOf(entry);
  return line === null ? '' : encodeLine(line, timeMs);
}

/** A line before it has a time and a number. */
export interface PlainLine {
  readonly type: string;
  readonly payload: unknown;
}

/** null for items that are never stored. */
export function lineOf(entry: RolloutEntry): PlainLine | null {
  const payload = payloadToWrite(entry);
  return payload === null ? null : { type: entry.type === 'current' ? 'event_msg' : entry.type, payload };
}

/** With its `\n`. `ordinal` only in files whose lines are numbered. */
export function encodeLine({ type, payload }: PlainLine, timeMs: number, ordinal?: number): string {
  return `${JSON.stringify({ timestamp: storedTime(timeMs), ordinal, type, payload })}\n`;
}

/** One line, with or without its end, to an entry; null for anything that is none. Never throws. */
export const decodeEntry = (line: string): RolloutEntry | null => decodePayload(jsonIn(line));

/** UTC with milliseconds, always three decimals. */
const storedTime = (timeMs: number): string => new Date(timeMs).toISOString();

function payloadToWrite(entry: RolloutEntry): unknown {
  switch (entry.type) {
    case 'session_meta':
      return orderedMeta(entry.payload);
    case 'response_item':
      return storedItem(entry.payload);
    case 'turn_context':
      return orderedContext(entry.payload);
    case 'compacted': {
      const { message, replacement_history: history } = entry.payload;
      if (history === undefined) return { message };
      return { message, replacement_history: history.map(storedItem).filter((item) => item !== null) };
    }
    case 'current':
      return entry.payload.raw;
    case 'event_msg':
    case 'shardex':
      return entry.payload;
  }
}

// JSON.stringify leaves members out that are undefined, which is how absent ones go unwritten.
function orderedMeta(meta: SessionMeta): unknown {
  return {
    id: meta.id,
    forked_from_id: meta.forked_from_id,
    timestamp: meta.timestamp,
    cwd: meta.cwd,
    originator: meta.originator,
    cli_version: meta.cli_version,
    source: meta.source,
    model_provider: meta.model_provider,
    base_instructions: meta.base_instructions,
    dynamic_tools: meta.dynamic_tools,
    git: meta.git,
  };
}

function orderedContext(context: TurnContext): unknown {
  return {
    cwd: context.cwd,
    approval_policy: context.approval_policy,
    sandbox_policy: context.sandbox_policy,
    model: context.model,
    personality: context.personality,
    collaboration_mode: context.collaboration_mode,
    effort: context.effort,
    summary: context.summary,
    user_instructions: context.user_instructions,
    developer_instructions: context.developer_instructions,
    final_output_json_schema: context.final_output_json_schema,
    truncation_policy: context.truncation_policy,
  };
}

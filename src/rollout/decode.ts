/**
 * The checks between a parsed line and a typed entry. A line whose payload lacks what its type needs is no entry at all;
 * members that nobody knows are ignored.
 */
import { isUuid } from '../base/ids.ts';
import type { ReviewRequest } from '../protocol/legacy/events.ts';
import { decodeCurrentLine } from './current-lines.ts';
import { decodeItem } from './decode-item.ts';
import type {
  HistoryBase,
  RolloutEntry,
  SessionMeta,
  ShardexLine,
  StoredEvent,
  StoredSource,
  TurnContext,
} from './entries.ts';
import { isNumber, isRecord, isString, type JsonRecord, listOf, optionalString } from './json.ts';

const ABORT_REASONS = new Set(['interrupted', 'replaced', 'review_ended']);
const TURN_STATUSES = new Set(['completed', 'interrupted', 'failed', 'inProgress']);
const KNOWN_SOURCES = new Set(['cli', 'vscode', 'exec', 'mcp']);

/** A parsed line to an entry, or null. */
export function decodePayload(line: unknown): RolloutEntry | null {
  if (!isRecord(line) || !isRecord(line.payload)) return null;
  const ordinal = isCount(line.ordinal) ? line.ordinal : null;
  const entry = decodeTyped(line.type, line.payload, ordinal !== null);
  return entry === null || ordinal === null ? entry : { ...entry, ordinal };
}

function decodeTyped(type: unknown, payload: JsonRecord, isNumbered: boolean): RolloutEntry | null {
  switch (type) {
    case 'session_meta':
      return wrap('session_meta', decodeMeta(payload));
    case 'response_item':
      return wrap('response_item', decodeItem(payload));
    case 'event_msg':
      return decodeCurrent(payload, isNumbered) ?? wrap('event_msg', decodeEvent(payload));
    case 'turn_context':
      return wrap('turn_context', decodeContext(payload));
    case 'compacted':
      return decodeCompacted(payload);
    case 'shardex':
      return wrap('shardex', decodeShardex(payload));
    default:
      return null;
  }
}

function decodeCurrent(payload: JsonRecord, isNumbered: boolean): RolloutEntry | null {
  const line = decodeCurrentLine(payload, isNumbered);
  return line === null ? null : { type: 'current', payload: line };
}

function wrap<T extends RolloutEntry['type']>(
  type: T,
  payload: (RolloutEntry & { type: T })['payload'] | null,
): RolloutEntry | null {
  return payload === null ? null : ({ type, payload } as RolloutEntry);
}

function decodeMeta(value: JsonRecord): SessionMeta | null {
  const { id, timestamp, cwd, originator, cli_version, base_instructions: base, git, dynamic_tools: tools } = value;
  if (!isString(id) || !isString(timestamp) || !isString(cwd) || !isString(originator) || !isString(cli_version)) {
    return null;
  }
  const source = decodeSource(value.source === undefined ? 'vscode' : value.source);
  if (source === null) return null;
  return {
    id,
    ...optionalString(value, 'forked_from_id'),
    timestamp,
    cwd,
    originator,
    cli_version,
    source,
    model_provider: isString(value.model_provider) ? value.model_provider : null,
    base_instructions: isRecord(base) && isString(base.text) ? { text: base.text } : null,
    ...(Array.isArray(tools) ? { dynamic_tools: tools.flatMap(decodeTool) } : {}),
    ...(isRecord(git) ? { git: decodeGit(git) } : {}),
    ...historyOf(value),
  };
}

/** A mode that is no text is one that nobody knows; a base that is none cannot be followed. */
function historyOf({ history_mode: mode, history_base: base }: JsonRecord): object {
  const isAbsent = mode === undefined || mode === null;
  const hasBase = base !== undefined && base !== null;
  const known = decodeBase(base);
  return {
    ...(isAbsent && (!hasBase || known !== null)
      ? {}
      : { history_mode: hasBase && known === null ? NO_MODE : nameOf(mode) }),
    ...(known === null ? {} : { history_base: known }),
  };
}

const NO_MODE = 'unknown base';
const nameOf = (mode: unknown): string => (isString(mode) ? mode : JSON.stringify(mode ?? 'legacy'));

function decodeBase(value: unknown): HistoryBase | null {
  if (!isRecord(value)) return null;
  const { thread_id, end_ordinal_exclusive, end_byte_offset } = value;
  if (!isString(thread_id) || !isUuid(thread_id) || !isCount(end_ordinal_exclusive) || !isCount(end_byte_offset))
    return null;
  return { thread_id: thread_id.toLowerCase(), end_ordinal_exclusive, end_byte_offset };
}

const decodeGit = (git: JsonRecord): object => ({
  ...optionalString(git, 'commit_hash'),
  ...optionalString(git, 'branch'),
  ...optionalString(git, 'repository_url'),
});

function decodeTool(value: unknown): { name: string; description: string; inputSchema: unknown }[] {
  if (!isRecord(value) || !isString(value.name) || !isString(value.description)) return [];
  return [{ name: value.name, description: value.description, inputSchema: value.inputSchema ?? {} }];
}

function decodeSource(value: unknown): StoredSource | null {
  if (isString(value)) return KNOWN_SOURCES.has(value) ? (value as StoredSource) : 'unknown';
  if (!isRecord(value)) return null;
  const { subagent } = value;
  if (subagent === 'review' || subagent === 'compact') return { subagent };
  if (!isRecord(subagent)) return null;
  if (isString(subagent.other)) return { subagent: { other: subagent.other } };
  const spawn = subagent.thread_spawn;
  if (!isRecord(spawn) || !isString(spawn.parent_thread_id) || !isNumber(spawn.depth)) return null;
  return { subagent: { thread_spawn: { parent_thread_id: spawn.parent_thread_id, depth: spawn.depth } } };
}

function decodeContext(value: JsonRecord): TurnContext | null {
  const { cwd, approval_policy, sandbox_policy: sandbox, model, summary } = value;
  if (!isString(cwd) || !isString(approval_policy) || !isString(model) || !isString(summary)) return null;
  if (!isRecord(sandbox) || !isString(sandbox.type)) return null;
  return value as unknown as TurnContext;
}

function decodeCompacted(value: JsonRecord): RolloutEntry | null {
  const { message, replacement_history: history } = value;
  if (!isString(message)) return null;
  if (history === undefined || history === null) return { type: 'compacted', payload: { message } };
  if (!Array.isArray(history)) return null;
  const items = history.map(decodeItem);
  if (items.includes(null)) return null;
  return {
    type: 'compacted',
    payload: { message, replacement_history: items.filter((item) => item !== null) },
  };
}

function decodeShardex(value: JsonRecord): ShardexLine | null {
  const { type, turn_id, item, status, error } = value;
  if (!isString(turn_id)) return null;
  if (type === 'turn_started') return { type, turn_id };
  if (type === 'item_completed') {
    return isRecord(item) && isString(item.type) && isString(item.id) ? (value as unknown as ShardexLine) : null;
  }
  if (type !== 'turn_completed' || !isString(status) || !TURN_STATUSES.has(status)) return null;
  return error === null || (isRecord(error) && isString(error.message)) ? (value as unknown as ShardexLine) : null;
}

function decodeEvent(value: JsonRecord): StoredEvent | null {
  switch (value.type) {
    case 'user_message':
      return decodeUserMessage(value);
    case 'agent_message':
      return isString(value.message) ? { type: value.type, message: value.message } : null;
    case 'agent_reasoning':
    case 'agent_reasoning_raw_content':
      return isString(value.text) ? { type: value.type, text: value.text } : null;
    case 'token_count':
      return isRecordOrNull(value.info) && isRecordOrNull(value.rate_limits)
        ? ({ type: value.type, info: value.info ?? null, rate_limits: value.rate_limits ?? null } as StoredEvent)
        : null;
    case 'context_compacted':
      return { type: value.type };
    case 'entered_review_mode':
      return isRecord(value.target) ? (value as unknown as ReviewRequest & { type: 'entered_review_mode' }) : null;
    case 'exited_review_mode':
      return isRecordOrNull(value.review_output) ? (value as unknown as StoredEvent) : null;
    case 'thread_rolled_back':
      return decodeRollback(value);
    case 'undo_completed':
      return typeof value.success === 'boolean' ? (value as unknown as StoredEvent) : null;
    case 'turn_aborted':
      return isString(value.reason) && ABORT_REASONS.has(value.reason) ? (value as unknown as StoredEvent) : null;
    case 'item_completed':
      return decodePlan(value);
    default:
      return null;
  }
}

function decodeRollback({ num_turns, shardex_num_turns }: JsonRecord): StoredEvent | null {
  if (!isCount(num_turns)) return null;
  return {
    type: 'thread_rolled_back',
    num_turns,
    ...(isCount(shardex_num_turns) ? { shardex_num_turns } : {}),
  };
}

function decodeUserMessage(value: JsonRecord): StoredEvent | null {
  const { message, images, local_images: localImages, text_elements: elements } = value;
  if (!isString(message)) return null;
  const imageList = images === undefined || images === null ? [] : listOf(images, isString);
  const localList = localImages === undefined ? [] : listOf(localImages, isString);
  const elementList = elements === undefined ? [] : listOf(elements, isTextElement);
  if (imageList === null || localList === null || elementList === null) return null;
  return {
    type: 'user_message',
    message,
    // Absent images stay absent, as older files have them and clients are shown the stored events.
    ...(images === undefined || images === null ? {} : { images: imageList }),
    local_images: localList,
    text_elements: elementList,
  } as StoredEvent;
}

function decodePlan(value: JsonRecord): StoredEvent | null {
  const { item } = value;
  const isPlan = isRecord(item) && item.type === 'Plan' && isString(item.id) && isString(item.text);
  return isPlan && isString(value.thread_id) && isString(value.turn_id) ? (value as unknown as StoredEvent) : null;
}

interface StoredTextElement {
  readonly byte_range: { readonly start: number; readonly end: number };
  readonly placeholder: string | null;
}

const isTextElement = (value: unknown): value is StoredTextElement =>
  isRecord(value) && isRecord(value.byte_range) && isNumber(value.byte_range.start) && isNumber(value.byte_range.end);

const isCount = (value: unknown): value is number => isNumber(value) && Number.isSafeInteger(value) && value >= 0;
const isRecordOrNull = (value: unknown): boolean => value === undefined || value === null || isRecord(value);

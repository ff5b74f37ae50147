/**
 * Makes the recordings of both servers comparable.
 *
 * In: a recording. Out: blocks, each with a lane and a value; order counts within a lane. What differs from run to run
 * (paths, ids, clocks, ports) becomes a placeholder that keeps identity, and prose becomes `<prose>` with the words of
 * it that start with `MARK-`, which conversations use for texts of their own. No state beside one `Normaliser` per run.
 */
import type { Entry, Loose, Recording } from './session.ts';

export interface Block {
  readonly lane: string;
  readonly title: string;
  readonly value: Loose;
}

const BY_HANDLER = new Set(['thread/started', 'turn/started']);
const ANSWERED_BY_THREAD = new Set(['turn/interrupt']);
const USAGE = new Set(['codex/event/token_count', 'thread/tokenUsage/updated']);
const START_UP = /^codex\/event\/(mcp_startup_|skills_update_available)/;

/** Blocks of what the server said. */
export function wireBlocks(entries: readonly Entry[], normal: Normaliser): Block[] {
  const asked = new Map<number, Loose>();
  const blocks: Block[] = [];
  for (const { from, message } of joinOutput(entries)) {
    if (from === 'client') {
      if (message.method !== undefined && message.id !== undefined) asked.set(message.id, message);
      continue;
    }
    const { method, ...rest } = message;
    const request = method === undefined ? asked.get(message.id) : undefined;
    const thread = message.params?.threadId ?? message.params?.conversationId ?? '';
    const answered = request !== undefined && ANSWERED_BY_THREAD.has(request.method);
    const lane =
      request === undefined ? laneOf(method, thread) : answered ? `thread ${request.params.threadId}` : 'server';
    blocks.push({ lane, title: method ?? `reply to ${request?.method}`, value: rest });
  }
  const lanes = [...new Set(blocks.map(({ lane }) => lane))];
  return lanes.flatMap((lane) =>
    blocks
      .filter((block) => block.lane === lane)
      .map(({ title, value }) => ({ lane: normal.text(lane), title, value: normal.value(value) })),
  );
}

function laneOf(method: string, thread: string): string {
  if (method === 'account/rateLimits/updated') return method;
  if (thread === '' || BY_HANDLER.has(method)) return 'server';
  if (USAGE.has(method)) return `usage of ${thread}`;
  return `${START_UP.test(method) ? 'start-up of' : 'thread'} ${thread}`;
}

interface Piece {
  readonly key: string;
  /** Where the text stands. */
  readonly holder: Loose;
  readonly member: 'delta' | 'chunk';
  readonly text: string;
}

/** How output and plans fall into pieces is a matter of time: neighbours are joined. */
function joinOutput(entries: readonly Entry[]): Entry[] {
  const joined: Entry[] = [];
  const first = new Map<string, Piece>();
  for (const entry of entries) {
    const piece = pieceOf(entry.message);
    const before = piece === null ? undefined : first.get(piece.key);
    if (piece === null && isInOrder(entry.message)) first.clear();
    if (piece === null) joined.push(entry);
    else if (before === undefined) {
      piece.holder[piece.member] = piece.text;
      first.set(piece.key, piece);
      joined.push(entry);
    } else before.holder[before.member] += piece.text;
  }
  return joined;
}

/** Counts of tokens come when they come. */
const isInOrder = ({ method }: Loose): boolean =>
  method !== undefined && !USAGE.has(method) && method !== 'account/rateLimits/updated';

function pieceOf({ method, params }: Loose): Piece | null {
  const { msg } = params ?? {};
  if (/^item\/(commandExecution\/outputDelta|fileChange\/outputDelta|plan\/delta)$/.test(method ?? '')) {
    return { key: `${method} ${params.itemId}`, holder: params, member: 'delta', text: ascii(params.delta) };
  }
  if (method === 'codex/event/plan_delta') return { key: method, holder: msg, member: 'delta', text: ascii(msg.delta) };
  if (method !== 'codex/event/exec_command_output_delta') return null;
  const text = ascii(Buffer.from(msg.chunk, 'base64').toString('latin1'));
  return { key: `${method} ${msg.call_id} ${msg.stream}`, holder: msg, member: 'chunk', text };
}

/** Pieces are cut at bytes, and only what is ASCII survives that everywhere. */
const ascii = (text: string): string => text.replace(/[^\x00-\x7f]/g, '');

const TRANSPORT = /^(accept-encoding|accept-language|connection|content-length|host|sec-fetch-mode|transfer-encoding)$/;

/** Blocks of what the server asked upstream. */
export function upstreamBlocks({ upstream }: Recording, normal: Normaliser): Block[] {
  return upstream
    .filter(({ method }) => method !== 'GET') // the model list is fetched when each sees fit
    .map(({ method, path, query, headers, body }) => ({
      lane: 'upstream',
      title: `${method} ${path}${query}`,
      value: normal.value({
        headers: Object.fromEntries(
          Object.entries(headers)
            .filter(([name]) => !TRANSPORT.test(name))
            .sort(),
        ),
        keys: Object.keys(body),
        body,
      }),
    }));
}

const STORED_TYPES = new Set(['session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted']);
const STORED_EVENTS =
  /^(user_message|agent_message|agent_reasoning|agent_reasoning_raw_content|token_count|context_compacted|turn_aborted)$/;

/** Blocks of the stored threads, without lines of types that the reference does not write. */
export function rolloutBlocks({ rollouts }: Recording, steered: ReadonlySet<string>, normal: Normaliser): Block[] {
  return rollouts.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Loose => JSON.parse(line))
      .filter(({ type, payload }) => isStored(type, payload) && !isSteered(payload, steered))
      .map(({ type, payload }) => ({
        // Counts of tokens race with what tools add.
        lane: normal.text(path) + (payload.type === 'token_count' ? ' usage' : ''),
        title: `${type} ${payload.type ?? ''}`,
        value: normal.value({ type, payload: type === 'event_msg' ? withoutPlanIds(payload) : payload }),
      })),
  );
}

const isStored = (type: string, payload: Loose): boolean =>
  STORED_TYPES.has(type) &&
  (type !== 'event_msg' ||
    STORED_EVENTS.test(payload.type) ||
    (payload.type === 'item_completed' && payload.item?.type === 'Plan'));

const isSteered = ({ type, message }: Loose, steered: ReadonlySet<string>): boolean =>
  type === 'user_message' && steered.has(message);

const withoutPlanIds = (payload: Loose): Loose =>
  payload.type === 'item_completed'
    ? { ...payload, turn_id: '<turn>', item: { ...payload.item, id: '<plan>' } }
    : payload;

/** Other files that both may write. */
export const fileBlocks = ({ files }: Recording, normal: Normaliser): Block[] =>
  files.map(({ path, text }) => ({ lane: 'files', title: path, value: normal.text(text) }));

const PROSE_KEYS = new Set([
  'instructions',
  'base_instructions',
  'baseInstructions',
  'user_instructions',
  'developer_instructions',
  'developerInstructions',
]);
const DURATIONS = new Set(['duration', 'durationMs', 'duration_ms', 'duration_seconds']);
const WRAPPERS = /^(# AGENTS\.md instructions|<user_instructions>|<skill>|<turn_aborted>|Warning: )/;
/** Words behind these are each implementation's own. */
/** Ours says why a patch could not be written, and that nothing is half done. */
const WHY_UNCHANGED = /: [^:\n\\]*\(os error \d+\)(\\n|\n)No file was changed\./g;
const EXPLAINED = /^(failed to parse function arguments|apply_patch verification failed): .*/s;
const CLOCK_SLACK_S = 900;
/** Above this many words an error is a sentence, and those are worded anew. */
const MOST_FACT_WORDS = 7;

const marksOf = (text: string): string => ['<prose>', ...new Set(text.match(/MARK-[\w-]+/g))].join(' ');

/** Placeholders of one run. */
export class Normaliser {
  readonly #folder: string;
  readonly #port: string;
  readonly #seen = new Map<string, string>();
  readonly #nowSec = Date.now() / 1000;

  constructor({ folder, origin }: Recording) {
    this.#folder = folder;
    this.#port = origin.split(':').at(-1) ?? '';
  }

  value(value: Loose, key = ''): Loose {
    if (value === null || value === undefined) return value;
    if (DURATIONS.has(key)) return '<duration>';
    if (key === 'cli_version' || key === 'cliVersion' || key === 'version') return '<version>';
    if (key === 'processId' || key === 'process_id') return '<process>';
    if (typeof value === 'number') return this.#isNow(value) || this.#isNow(value / 1000) ? '<now>' : value;
    if (typeof value === 'string') return PROSE_KEYS.has(key) ? marksOf(value) : this.text(value);
    if (typeof value !== 'object') return value;
    if (Array.isArray(value)) {
      const shown = value.filter((item) => !isBareWrapper(item));
      return shown.map((item) => (key === 'tools' ? describedTool(item) : this.value(item)));
    }
    return this.#record(value, key);
  }

  text(text: string): string {
    return text
      .replace(EXPLAINED, '$1: <explained>')
      .replace(WHY_UNCHANGED, '')
      .replaceAll(this.#folder, '<box>')
      .replace(/^([^/\s]+)\/(\S+) \(([^;]+); ([^)]+)\) (\S+)/, '$1/<version> (<os>; <arch>) <terminal>')
      .replace(/\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?Z?/g, '<time>')
      .replace(/\d{4}\/\d\d\/\d\d\/(?=rollout-<time>)/g, '<day>/')
      .replace(/^(\d+|[0-9a-f-]{36})-plan$/, '<plan>')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => this.#named('uuid', id))
      .replace(/^item-\d+$/, (id) => this.#named('item', id))
      .replaceAll(`:${this.#port}`, ':<port>')
      .replace(/(Wall time: |timed out after |aborted by user after |"duration_seconds":\s*)[\d.]+/g, '$1<duration>')
      .replace(/(Chunk ID: )[0-9a-f]{6}/g, '$1<chunk>')
      .replace(/(session ID )\d+/g, '$1<process>')
      .replace(/Permission denied|Read-only file system/g, '<denied>');
  }

  #record(record: Loose, key: string): Loose {
    if (PROSE_KEYS.has(key) && typeof record.text === 'string') return { ...record, text: marksOf(record.text) };
    const entries = Object.entries(record as Record<string, Loose>).map(([name, item]): [string, Loose] => {
      if (isErrorText(record, name, item)) return [name, this.#errorText(item)];
      if (name === 'content' && isInstructions(record))
        return [name, item.map((part: Loose) => this.#instructions(part))];
      return [this.text(name), this.value(item, name)];
    });
    return Object.fromEntries(entries);
  }

  #instructions(part: Loose): Loose {
    if (typeof part?.text !== 'string' || part.text.startsWith('<environment_context>')) return this.value(part);
    const tags = /^<[a-z_ ]+>/.exec(part.text)?.[0] ?? '';
    return { ...part, text: tags + marksOf(part.text) };
  }

  #errorText(text: string): string {
    return text.split(/\s+/).length > MOST_FACT_WORDS ? '<sentence>' : this.text(text);
  }

  #isNow(seconds: number): boolean {
    return Math.abs(seconds - this.#nowSec) < CLOCK_SLACK_S;
  }

  #named(kind: string, id: string): string {
    const name = this.#seen.get(id) ?? `<${kind} ${this.#seen.size + 1}>`;
    this.#seen.set(id, name);
    return name;
  }
}

/** Instructions from files that hold nothing of the conversation's own list bundled skills only. */
function isBareWrapper(item: Loose): boolean {
  const parts: Loose[] = (item?.payload ?? item)?.content;
  if (!Array.isArray(parts) || parts.length === 0) return false;
  return parts.every(({ text }) => /^(# AGENTS\.md|<user_instructions>)/.test(text ?? '') && !/MARK-/.test(text));
}

function isInstructions(item: Loose): boolean {
  if (item?.type !== 'message' || !Array.isArray(item.content)) return false;
  if (item.role === 'developer' || item.role === 'system') return true;
  return item.role === 'user' && item.content.some((part: Loose) => WRAPPERS.test(part?.text ?? ''));
}

function isErrorText(record: Loose, name: string, item: Loose): boolean {
  if (typeof item !== 'string') return false;
  if (name === 'additionalDetails' || name === 'additional_details') return true;
  if (name !== 'message') return false;
  const isError = typeof record.code === 'number' || 'codexErrorInfo' in record || 'codex_error_info' in record;
  return isError || ['error', 'stream_error', 'warning'].includes(record.type);
}

/** Names and shapes of a tool count, the texts that explain it do not. */
function describedTool(tool: Loose): Loose {
  if (Array.isArray(tool)) return tool.map(describedTool);
  if (tool === null || typeof tool !== 'object') return tool;
  return Object.fromEntries(
    Object.entries(tool as Record<string, Loose>).map(([name, item]) =>
      (name === 'description' || name === 'definition') && typeof item === 'string'
        ? [name, marksOf(item)]
        : [name, describedTool(item)],
    ),
  );
}

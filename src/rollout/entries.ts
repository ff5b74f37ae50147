/** What the lines of a stored thread hold, and how each is read. Names were observed on codex app-server 0.94.0 and 0.171.0. */
import { isUuid } from '../base/ids.ts';
import * as s from '../base/json/schema.ts';
import type { ThreadItem } from '../protocol/items.ts';
import type { TextElement } from '../protocol/legacy/core.ts';
import type {
  ExitedReviewModeEvent,
  ReviewRequest,
  TokenCountEvent,
  UndoCompletedEvent,
  UserMessageEvent,
} from '../protocol/legacy/events.ts';
import type { CollaborationMode } from '../protocol/policies.ts';
import type { ResponseItem as Item } from '../protocol/response-items.ts';
import type { SubAgentSource } from '../protocol/threads.ts';
import type { TurnError } from '../protocol/turns.ts';
import { ResponseItem } from './decode-item.ts';

const KNOWN_SOURCES = ['cli', 'vscode', 'exec', 'mcp', 'unknown'] as const;

const SubAgent: s.Schema<SubAgentSource> = s.either(
  s.words('review', 'compact'),
  s.either(
    s.object({ other: s.string }),
    s.object({ thread_spawn: s.object({ parent_thread_id: s.string, depth: s.number }) }),
  ),
);

/** Who opened a thread, as stored. Strings that this build does not know read as `unknown`. */
const StoredSource = s.either(
  s.changed(s.string, (word) => KNOWN_SOURCES.find((known) => known === word) ?? 'unknown'),
  s.object({ subagent: SubAgent }),
);
export type StoredSource = s.Infer<typeof StoredSource>;

const StoredGit = s.object({
  commit_hash: s.orAbsent(s.string),
  branch: s.orAbsent(s.string),
  repository_url: s.orAbsent(s.string),
});
export type StoredGit = Readonly<s.Infer<typeof StoredGit>>;

const StoredDynamicTool = s.object({
  name: s.string,
  description: s.string,
  inputSchema: s.otherwise(s.given, {}),
});
type StoredDynamicTool = Readonly<s.Infer<typeof StoredDynamicTool>>;

/** Where the lines before a file's own are: those of another file up to a place. Lines are counted by their ordinals. */
const HistoryBase = s.object({
  /** The id in which the other file's name ends. */
  thread_id: s.changed(s.textThat(isUuid, 'a UUID'), (id) => id.toLowerCase()),
  end_ordinal_exclusive: s.count,
  end_byte_offset: s.count,
});
export type HistoryBase = Readonly<s.Infer<typeof HistoryBase>>;

const StoredHead = s.object({
  id: s.string,
  forked_from_id: s.orAbsent(s.string),
  timestamp: s.string,
  cwd: s.string,
  originator: s.string,
  cli_version: s.string,
  source: s.withDefault(StoredSource, 'vscode'),
  model_provider: s.orNull(s.string),
  base_instructions: s.orNull(s.object({ text: s.string })),
  dynamic_tools: s.orAbsent(s.listOfAccepted(StoredDynamicTool)),
  git: s.orAbsent(StoredGit),
  history_mode: s.anything,
  history_base: s.anything,
});

/** The head of a thread. The first one in a file says whose file it is; forks carry their ancestors' behind it. */
export interface SessionMeta
  extends Readonly<Omit<s.Infer<typeof StoredHead>, 'dynamic_tools' | 'history_mode' | 'history_base'>> {
  readonly dynamic_tools?: readonly StoredDynamicTool[];
  /** The rules of the file's lines, see `kind.ts`. Only of the file that is read: copies follow their own. */
  readonly history_mode?: string;
  readonly history_base?: HistoryBase;
}

export const SessionMeta: s.Schema<SessionMeta> = s.changed(StoredHead, ({ history_mode, history_base, ...head }) => ({
  ...head,
  ...historyOf(history_mode ?? null, history_base ?? null),
}));

const NO_MODE = 'unknown base';

/** A mode that is no text is one that nobody knows; a base that is none cannot be followed. */
function historyOf(mode: unknown, base: unknown): Pick<SessionMeta, 'history_mode' | 'history_base'> {
  const known = s.readOrNull(HistoryBase, base);
  if (base !== null && known === null) return { history_mode: NO_MODE };
  return {
    ...(mode === null ? {} : { history_mode: nameOf(mode) }),
    ...(known === null ? {} : { history_base: known }),
  };
}

const nameOf = (mode: unknown): string => (typeof mode === 'string' ? mode : JSON.stringify(mode));

/** Under which settings a request was made; read back for its model only. */
export interface TurnContext {
  readonly cwd: string;
  readonly approval_policy: string;
  readonly sandbox_policy: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly model: string;
  readonly personality?: string;
  readonly collaboration_mode?: CollaborationMode;
  readonly effort?: string;
  readonly summary: string;
  readonly user_instructions?: string;
  readonly developer_instructions?: string;
  readonly final_output_json_schema?: unknown;
  readonly truncation_policy?: { readonly mode: 'bytes' | 'tokens'; readonly limit: number };
}

export const TurnContext = s.believed<TurnContext>()(
  s.open({
    cwd: s.string,
    approval_policy: s.string,
    sandbox_policy: s.open({ type: s.string }),
    model: s.string,
    summary: s.string,
  }),
);

/** The context was replaced: by `replacement_history`, or by what follows from the summary in `message`. */
export interface Compacted {
  readonly message: string;
  readonly replacement_history?: readonly Item[];
}

export const Compacted: s.Schema<Compacted> = s.object({
  message: s.string,
  replacement_history: s.omitted(s.list(ResponseItem)),
});

const StoredTextElement = s.believed<TextElement>()(s.open({ byte_range: s.open({ start: s.number, end: s.number }) }));

/** Absent images stay absent, as older files have them and clients are shown the stored events. */
const StoredImages: s.Schema<string[] | null | undefined> = s.omitted(s.list(s.string));

/** The few events that are stored. */
export const StoredEvent = s.variants('type', {
  user_message: s.believed<{ type: 'user_message' } & UserMessageEvent>()(
    s.object({
      type: s.word('user_message'),
      message: s.string,
      images: StoredImages,
      local_images: s.withDefault(s.list(s.string), []),
      text_elements: s.withDefault(s.list(StoredTextElement), []),
    }),
  ),
  agent_message: s.object({ type: s.word('agent_message'), message: s.string }),
  agent_reasoning: s.object({ type: s.word('agent_reasoning'), text: s.string }),
  agent_reasoning_raw_content: s.object({ type: s.word('agent_reasoning_raw_content'), text: s.string }),
  token_count: s.object({
    type: s.word('token_count'),
    info: s.withDefault(s.nullable(s.believed<NonNullable<TokenCountEvent['info']>>()(s.record)), null),
    rate_limits: s.withDefault(s.nullable(s.believed<NonNullable<TokenCountEvent['rate_limits']>>()(s.record)), null),
  }),
  context_compacted: s.object({ type: s.word('context_compacted') }),
  entered_review_mode: s.believed<{ type: 'entered_review_mode' } & ReviewRequest>()(
    s.open({ type: s.word('entered_review_mode'), target: s.record }),
  ),
  exited_review_mode: s.believed<{ type: 'exited_review_mode' } & ExitedReviewModeEvent>()(
    s.open({ type: s.word('exited_review_mode'), review_output: s.nullish(s.record) }),
  ),
  thread_rolled_back: s.object({
    type: s.word('thread_rolled_back'),
    num_turns: s.count,
    shardex_num_turns: s.orAbsent(s.count),
  }),
  undo_completed: s.believed<{ type: 'undo_completed' } & UndoCompletedEvent>()(
    s.open({ type: s.word('undo_completed'), success: s.boolean }),
  ),
  turn_aborted: s.open({
    type: s.word('turn_aborted'),
    reason: s.words('interrupted', 'replaced', 'review_ended'),
  }),
  /** Of plans alone. */
  item_completed: s.open({
    type: s.word('item_completed'),
    thread_id: s.string,
    turn_id: s.string,
    item: s.open({ type: s.word('Plan'), id: s.string, text: s.string }),
  }),
});
export type StoredEvent = s.Infer<typeof StoredEvent>;

/**
 * What happened to turns and items, exactly as it was streamed. Before a file's first user message there are only those of
 * turns without one: other programs look for it in the first 210 lines.
 */
export const ShardexLine = s.variants('type', {
  turn_started: s.object({ type: s.word('turn_started'), turn_id: s.string }),
  item_completed: s.open({
    type: s.word('item_completed'),
    turn_id: s.string,
    item: s.believed<ThreadItem>()(s.open({ type: s.string, id: s.string })),
  }),
  turn_completed: s.open({
    type: s.word('turn_completed'),
    turn_id: s.string,
    status: s.words('completed', 'interrupted', 'failed', 'inProgress'),
    error: s.nullable(s.believed<TurnError>()(s.open({ message: s.string }))),
  }),
});
export type ShardexLine = Readonly<s.Infer<typeof ShardexLine>>;

/**
 * The same, told by codex from about 0.140 on in events of its own; observed on 0.171.0. `turnId` is null where the line does
 * not say which turn it is about, and `raw` is the event as it stands there.
 */
export type CurrentLine = { readonly raw: s.JsonRecord } & (
  | { readonly type: 'turn_started'; readonly turn_id: string }
  | { readonly type: 'item_completed'; readonly turn_id: string | null; readonly item: ThreadItem }
  | {
      readonly type: 'turn_completed';
      readonly turn_id: string;
      readonly status: 'completed' | 'interrupted' | 'failed';
      readonly error: TurnError | null;
    }
);

/** `ordinal`: the line's number, where lines have one. It is never written from here. */
export type RolloutEntry = { readonly ordinal?: number } & AnyEntry;

export type AnyEntry =
  | { readonly type: 'session_meta'; readonly payload: SessionMeta }
  | { readonly type: 'response_item'; readonly payload: Item }
  | { readonly type: 'event_msg'; readonly payload: StoredEvent }
  | { readonly type: 'current'; readonly payload: CurrentLine }
  | { readonly type: 'turn_context'; readonly payload: TurnContext }
  | { readonly type: 'compacted'; readonly payload: Compacted }
  | { readonly type: 'shardex'; readonly payload: ShardexLine };

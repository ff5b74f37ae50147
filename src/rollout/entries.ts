/** What the lines of a stored thread hold. Names were observed on codex app-server 0.94.0 and 0.171.0. */
import type { ThreadItem } from '../protocol/items.ts';
import type {
  AgentMessageEvent,
  AgentReasoningEvent,
  AgentReasoningRawContentEvent,
  ExitedReviewModeEvent,
  ItemCompletedEvent,
  ReviewRequest,
  ThreadRolledBackEvent,
  TokenCountEvent,
  TurnAbortedEvent,
  UndoCompletedEvent,
  UserMessageEvent,
} from '../protocol/legacy/events.ts';
import type { CollaborationMode } from '../protocol/policies.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { SubAgentSource } from '../protocol/threads.ts';
import type { TurnError } from '../protocol/turns.ts';

/** Who opened a thread, as stored. Strings that this build does not know read as `unknown`. */
export type StoredSource = 'cli' | 'vscode' | 'exec' | 'mcp' | 'unknown' | { readonly subagent: SubAgentSource };

export interface StoredGit {
  readonly commit_hash?: string;
  readonly branch?: string;
  readonly repository_url?: string;
}

interface StoredDynamicTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

/** Where the lines before a file's own are: those of another file up to a place. Lines are counted by their ordinals. */
export interface HistoryBase {
  /** The id in which the other file's name ends. */
  readonly thread_id: string;
  readonly end_ordinal_exclusive: number;
  readonly end_byte_offset: number;
}

/** The head of a thread. The first one in a file says whose file it is; forks carry their ancestors' behind it. */
export interface SessionMeta {
  readonly id: string;
  readonly forked_from_id?: string;
  readonly timestamp: string;
  readonly cwd: string;
  readonly originator: string;
  readonly cli_version: string;
  readonly source: StoredSource;
  readonly model_provider: string | null;
  readonly base_instructions: { readonly text: string } | null;
  readonly dynamic_tools?: readonly StoredDynamicTool[];
  readonly git?: StoredGit;
  /** The rules of the file's lines, see `kind.ts`. Only of the file that is read: copies follow their own. */
  readonly history_mode?: string;
  readonly history_base?: HistoryBase;
}

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

/** The context was replaced: by `replacement_history`, or by what follows from the summary in `message`. */
export interface Compacted {
  readonly message: string;
  readonly replacement_history?: readonly ResponseItem[];
}

/** The few events that are stored. */
export type StoredEvent =
  | ({ readonly type: 'user_message' } & UserMessageEvent)
  | ({ readonly type: 'agent_message' } & AgentMessageEvent)
  | ({ readonly type: 'agent_reasoning' } & AgentReasoningEvent)
  | ({ readonly type: 'agent_reasoning_raw_content' } & AgentReasoningRawContentEvent)
  | ({ readonly type: 'token_count' } & TokenCountEvent)
  | { readonly type: 'context_compacted' }
  | ({ readonly type: 'entered_review_mode' } & ReviewRequest)
  | ({ readonly type: 'exited_review_mode' } & ExitedReviewModeEvent)
  | ({ readonly type: 'thread_rolled_back'; readonly shardex_num_turns?: number } & ThreadRolledBackEvent)
  | ({ readonly type: 'undo_completed' } & UndoCompletedEvent)
  | ({ readonly type: 'turn_aborted' } & TurnAbortedEvent)
  | ({ readonly type: 'item_completed' } & ItemCompletedEvent);

/**
 * What happened to turns and items, exactly as it was streamed. Before a file's first user message there are only those of
 * turns without one: other programs look for it in the first 210 lines.
 */
export type ShardexLine =
  | { readonly type: 'turn_started'; readonly turn_id: string }
  | { readonly type: 'item_completed'; readonly turn_id: string; readonly item: ThreadItem }
  | {
      readonly type: 'turn_completed';
      readonly turn_id: string;
      readonly status: 'completed' | 'interrupted' | 'failed' | 'inProgress';
      readonly error: TurnError | null;
    };

/**
 * The same, told by codex from about 0.140 on in events of its own; observed on 0.171.0. `turnId` is null where the line does
 * not say which turn it is about, and `raw` is the event as it stands there.
 */
export type CurrentLine = { readonly raw: Readonly<Record<string, unknown>> } & (
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

type AnyEntry =
  | { readonly type: 'session_meta'; readonly payload: SessionMeta }
  | { readonly type: 'response_item'; readonly payload: ResponseItem }
  | { readonly type: 'event_msg'; readonly payload: StoredEvent }
  | { readonly type: 'current'; readonly payload: CurrentLine }
  | { readonly type: 'turn_context'; readonly payload: TurnContext }
  | { readonly type: 'compacted'; readonly payload: Compacted }
  | { readonly type: 'shardex'; readonly payload: ShardexLine };

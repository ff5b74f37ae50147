/** What the lines of a stored thread hold. Names were observed on codex app-server 0.94.0. */
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

export interface StoredDynamicTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
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
  | ({ readonly type: 'thread_rolled_back' } & ThreadRolledBackEvent)
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

export type RolloutEntry =
  | { readonly type: 'session_meta'; readonly payload: SessionMeta }
  | { readonly type: 'response_item'; readonly payload: ResponseItem }
  | { readonly type: 'event_msg'; readonly payload: StoredEvent }
  | { readonly type: 'turn_context'; readonly payload: TurnContext }
  | { readonly type: 'compacted'; readonly payload: Compacted }
  | { readonly type: 'shardex'; readonly payload: ShardexLine };

/**
 * All that a turn engine can report, one union. Plain data: it crosses from a shard to the main thread, where
 * `src/events/` turns it into notifications and `src/threads/` into requests to the client.
 */

import type { CommandAction, FileUpdateChange, UserInput } from '../protocol/items.ts';
import type { FileChange } from '../protocol/legacy/approvals.ts';
import type { ReviewOutputEvent } from '../protocol/legacy/event-types.ts';
import type { ContentBlock } from '../protocol/mcp-content.ts';
import type { ModeKind } from '../protocol/policies.ts';
import type { ResponseItem, WebSearchAction } from '../protocol/response-items.ts';
import type { ReviewTarget } from '../protocol/reviews.ts';
import type { TurnError } from '../protocol/turns.ts';
import type { RateLimitSnapshot } from '../protocol/usage.ts';
import type { Deprecation } from './effective-config.ts';

/** Items whose start and end are reported as such; commands, patches and tool calls have events of their own. */
export type EngineItem =
  | { readonly type: 'userMessage'; readonly id: string; readonly content: readonly UserInput[] }
  | {
      readonly type: 'agentMessage';
      readonly id: string;
      readonly text: string;
      /** What the text was joined from, unless that is the text itself. */
      readonly parts?: readonly string[];
    }
  | { readonly type: 'plan'; readonly id: string; readonly text: string }
  | {
      readonly type: 'reasoning';
      readonly id: string;
      readonly summary: readonly string[];
      readonly content: readonly string[];
    }
  | { readonly type: 'webSearch'; readonly id: string; readonly query: string; readonly action: WebSearchAction }
  | { readonly type: 'contextCompaction'; readonly id: string };

export interface TokenUsageInfo {
  readonly total: TokenUsage;
  readonly last: TokenUsage;
  readonly contextWindow: number | null;
}

interface PlanStep {
  readonly step: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/** A command as it is announced, before anything was decided about it. */
export interface CommandDescription {
  readonly callId: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly actions: readonly CommandAction[];
  readonly source: 'agent' | 'user_shell' | 'unified_exec_startup';
  readonly processId: string | null;
}

export interface PatchDescription {
  readonly callId: string;
  readonly changes: readonly FileUpdateChange[];
  readonly legacyChanges: Readonly<Record<string, FileChange>>;
  readonly autoApproved: boolean;
}

export interface UserQuestion {
  readonly id: string;
  readonly header: string;
  readonly question: string;
  readonly isOther: boolean;
  readonly isSecret: boolean;
  readonly options: readonly { readonly label: string; readonly description: string }[] | null;
}

/** What happened; `turnId` is the turn's id, `''` for the thread as a whole, `auto-compact-0` for its set-up. */
export type EngineEvent = { readonly turnId: string } & (
  | { readonly kind: 'turnStarted'; readonly contextWindow: number | null; readonly mode: ModeKind }
  | { readonly kind: 'turnAborted'; readonly reason: 'interrupted' | 'replaced' | 'review_ended' }
  | {
      readonly kind: 'turnEnded';
      readonly status: 'completed' | 'failed' | 'interrupted';
      readonly error: TurnError | null;
      readonly lastAgentMessage: string | null;
    }
  | { readonly kind: 'itemStarted'; readonly item: EngineItem }
  | {
      readonly kind: 'itemCompleted';
      readonly item: EngineItem;
      /** The stream broke off: the item holds what had arrived, ends its life on the wire, and is no stored event. */
      readonly partial?: boolean;
    }
  | { readonly kind: 'messageDelta'; readonly itemId: string; readonly delta: string }
  | { readonly kind: 'planDelta'; readonly itemId: string; readonly delta: string }
  | { readonly kind: 'summaryPartAdded'; readonly itemId: string; readonly summaryIndex: number }
  | {
      readonly kind: 'summaryDelta';
      readonly itemId: string;
      readonly summaryIndex: number;
      readonly delta: string;
    }
  | {
      readonly kind: 'reasoningDelta';
      readonly itemId: string;
      readonly contentIndex: number;
      readonly delta: string;
    }
  | {
      readonly kind: 'tokenCount';
      readonly usage: TokenUsageInfo | null;
      readonly rateLimits: RateLimitSnapshot | null;
    }
  | ({ readonly kind: 'commandStarted' } & CommandDescription)
  | {
      readonly kind: 'commandOutput';
      readonly callId: string;
      readonly stream: 'stdout' | 'stderr';
      readonly chunk: Uint8Array;
      /** Output of a patch goes out under its own notification. */
      readonly ofPatch: boolean;
    }
  | ({
      readonly kind: 'commandEnded';
      /** `unanswered`: the client sent an error instead of a decision. */
      readonly status: 'completed' | 'failed' | 'declined' | 'unanswered';
      readonly stdout: string;
      readonly stderr: string;
      readonly aggregatedOutput: string;
      readonly exitCode: number;
      readonly durationMs: number;
      readonly formattedOutput: string;
    } & CommandDescription)
  | ({ readonly kind: 'patchStarted' } & PatchDescription)
  | ({
      readonly kind: 'patchEnded';
      readonly status: 'completed' | 'failed' | 'declined';
      readonly stdout: string;
      readonly stderr: string;
    } & PatchDescription)
  | { readonly kind: 'turnDiff'; readonly diff: string }
  | { readonly kind: 'planUpdated'; readonly explanation: string | null; readonly plan: readonly PlanStep[] }
  | { readonly kind: 'imageViewed'; readonly callId: string; readonly path: string }
  | {
      readonly kind: 'mcpCallStarted';
      readonly callId: string;
      readonly server: string;
      readonly tool: string;
      readonly args: unknown;
    }
  | {
      readonly kind: 'mcpCallEnded';
      readonly callId: string;
      readonly server: string;
      readonly tool: string;
      readonly args: unknown;
      readonly outcome:
        | {
            readonly ok: true;
            readonly content: readonly ContentBlock[];
            readonly structuredContent: unknown;
            /** The tool itself says that it failed; its content says why. */
            readonly isError?: boolean;
          }
        | { readonly ok: false; readonly message: string };
      readonly durationMs: number;
    }
  | { readonly kind: 'rawItem'; readonly item: ResponseItem }
  | { readonly kind: 'compacted' }
  | {
      readonly kind: 'reviewEntered';
      readonly itemId: string;
      readonly target: ReviewTarget;
      readonly hint: string;
    }
  | {
      readonly kind: 'reviewExited';
      readonly itemId: string;
      /** null when the reviewer was stopped or said nothing. */
      readonly output: ReviewOutputEvent | null;
      /** `output` as text for people. */
      readonly review: string;
    }
  /** `messages`: how many user messages left the model's context. */
  | { readonly kind: 'rolledBack'; readonly numTurns: number; readonly messages: number }
  | { readonly kind: 'nameUpdated'; readonly name: string | null }
  | { readonly kind: 'shutdownComplete' }
  | {
      readonly kind: 'terminalInteraction';
      readonly callId: string;
      readonly processId: string;
      readonly stdin: string;
    }
  | {
      readonly kind: 'dynamicToolCall';
      readonly requestKey: string;
      readonly callId: string;
      readonly tool: string;
      readonly args: unknown;
    }
  | { readonly kind: 'background'; readonly message: string }
  | { readonly kind: 'error'; readonly error: TurnError; readonly willRetry: boolean }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'deprecation'; readonly notice: Deprecation }
  | { readonly kind: 'mcpStartupComplete' }
  | {
      readonly kind: 'commandApproval';
      readonly requestKey: string;
      readonly callId: string;
      readonly reason: string | null;
      readonly command: readonly string[];
      readonly cwd: string;
      readonly actions: readonly CommandAction[];
      readonly proposedAmendment: readonly string[] | null;
    }
  | {
      readonly kind: 'patchApproval';
      readonly requestKey: string;
      readonly callId: string;
      readonly reason: string | null;
      readonly legacyChanges: Readonly<Record<string, FileChange>>;
    }
  | {
      readonly kind: 'userInputRequest';
      readonly requestKey: string;
      readonly callId: string;
      readonly questions: readonly UserQuestion[];
    }
);

/**
 * How a client answered a `…Approval` event. `failed`: it sent an error object instead of a decision. `deny` and `abort` are
 * `decline` and `cancel` as the older protocol has them: the item counts as failed.
 */
export type ApprovalAnswer =
  | { readonly kind: 'accept' | 'acceptForSession' | 'cancel' | 'abort' | 'failed' }
  /** `problem`: the client sent what is no decision, and what is wrong with it. */
  | { readonly kind: 'decline' | 'deny'; readonly problem?: string }
  | { readonly kind: 'acceptWithAmendment'; readonly prefix: readonly string[] };

export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

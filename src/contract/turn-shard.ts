/**
 * Everything that crosses between the main thread and a turn shard: plain data in both directions.
 *
 * Commands go over comlink (`TurnShard`). What a shard reports goes over one port as numbered batches of `ShardEvent`.
 * The two are not ordered against each other, so the outcome of a command that matters to order is itself an event:
 * `reply`.
 */

import type { ErrorCode } from '../base/error-codes.ts';
import type { UserInput } from '../protocol/items.ts';
import type {
  AskForApproval,
  CollaborationMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
} from '../protocol/policies.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { AuthState, WhyWanted } from './auth-state.ts';
import type { EffectiveConfig, ProviderConfig } from './effective-config.ts';
import type { ApprovalAnswer, EngineEvent } from './engine-events.ts';
import type { ModelProfile } from './model-profile.ts';
import type { TurnSettings } from './turn-settings.ts';

/** What a shard needs once, before its first thread. No credentials: those come by `setAuth`. */
export interface ShardSettings {
  readonly identity: UpstreamIdentity;
  readonly env: Readonly<Record<string, string>>;
  readonly codexHome: string;
  readonly processCwd: string;
  /** The program that applies a patch in a process of its own, below the sandbox. */
  readonly patchProgram: string;
}

/** A skill as a turn needs it: to announce it and to hand its text over when it is named. */
export interface SkillReference {
  readonly name: string;
  readonly description: string;
  readonly path: string;
}

/** Where a thread comes from. */
export type ThreadOrigin =
  | { readonly kind: 'new' }
  | { readonly kind: 'rollout'; readonly path: string }
  /** A thread of its own that begins with a copy of the file's lines. */
  | { readonly kind: 'fork'; readonly path: string }
  | { readonly kind: 'history'; readonly items: readonly ResponseItem[] };

export interface OpenThread {
  /** Ignored for a rollout, whose first line names the thread. */
  readonly threadId: string;
  readonly origin: ThreadOrigin;
  readonly config: EffectiveConfig;
  readonly profile: ModelProfile;
  readonly skills: readonly SkillReference[];
  /** What the next turn runs under. From here on the shard owns the settings, and says when they change. */
  readonly settings: TurnSettings;
  /**
   * What the client was told when the thread's shard died: ends of items and turns, input that may not be in the file.
   * null when the client has not seen the thread loaded before.
   */
  readonly lost: readonly EngineEvent[] | null;
  readonly ephemeral: boolean;
  /** Whether the answer shows the thread's turns. */
  readonly includeTurns: boolean;
  /** Whether the answer shows the stored events. */
  readonly includeMessages: boolean;
  /** Whether anyone wants to see every item of the history as it is recorded. */
  readonly rawItems: boolean;
}

/** One JSON text as UTF-8, in pieces that are short enough to be written between other things. They change hands, uncopied. */
export type EncodedPieces = readonly Uint8Array[];

export interface OpenedThread {
  readonly threadId: string;
  /** Absolute path of the rollout; null for an ephemeral thread. */
  readonly path: string | null;
  /** The wire's `Thread` as UTF-8 JSON: `turns` can be large, so it is encoded where it is. */
  readonly thread: EncodedPieces;
  /** The same without its turns. */
  readonly bareThread: EncodedPieces;
  /** The stored events as a UTF-8 JSON list; null when they were not asked for. */
  readonly messages: EncodedPieces | null;
}

/** Settings that a turn brings along; they stay for the turns after it. */
export interface TurnOverrides {
  readonly cwd?: string;
  readonly approvalPolicy?: AskForApproval;
  readonly sandboxPolicy?: SandboxPolicy;
  readonly model?: string;
  /** The profile of `model`, or of the model that `collaborationMode` names. */
  readonly profile?: ModelProfile;
  readonly effort?: ReasoningEffort;
  readonly summary?: ReasoningSummary;
  readonly personality?: Personality;
  readonly collaborationMode?: CollaborationMode;
}

/** Commands of one thread, in order; each is answered by a `reply` event with its `callId`. */
export type ThreadCommand = { readonly callId: number; readonly threadId: string } & (
  | {
      readonly kind: 'startTurn';
      readonly input: readonly UserInput[];
      /** The id of the item that will show the input. */
      readonly itemId: string;
      readonly overrides: TurnOverrides;
      readonly outputSchema?: unknown;
    }
  | {
      readonly kind: 'steer';
      readonly input: readonly UserInput[];
      readonly itemId: string;
      readonly expectedTurnId: string;
    }
  | { readonly kind: 'interrupt'; readonly turnId: string | null }
  /** Settings for the turns to come. */
  | { readonly kind: 'change'; readonly overrides: TurnOverrides }
  | { readonly kind: 'compact' }
  | { readonly kind: 'rollback'; readonly numTurns: number }
  /** Interrupts what runs, ends the file and forgets the thread; the reply is the last that is heard of it. */
  | { readonly kind: 'close' }
);

/** A failure as data: comlink loses everything of an error but its text. */
export interface Failure {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
}

export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | Failure;

export type CommandReply =
  | { readonly kind: 'turn'; readonly turnId: string; readonly joined: boolean }
  | { readonly kind: 'ok' }
  /** The wire's `Thread` as UTF-8 JSON. */
  | { readonly kind: 'thread'; readonly thread: EncodedPieces }
  | Failure;

/** How the client answered a request that a turn waits for. */
export type ClientAnswer =
  | { readonly kind: 'approval'; readonly answer: ApprovalAnswer }
  | { readonly kind: 'userInput'; readonly answers: Readonly<Record<string, readonly string[]>> };

export type ShardEvent =
  | { readonly kind: 'engine'; readonly threadId: string; readonly event: EngineEvent }
  /** What the next turn runs under, after it has changed and before the reply to the command that changed it. */
  | { readonly kind: 'settings'; readonly threadId: string; readonly settings: TurnSettings }
  | { readonly kind: 'reply'; readonly threadId: string; readonly callId: number; readonly reply: CommandReply }
  /** A process group began or ended: the main thread ends the groups of a shard that dies. */
  | { readonly kind: 'process'; readonly groupId: number; readonly alive: boolean }
  /** The credentials of this generation cannot be used as they are; answered by `setAuth` with a later one. */
  | { readonly kind: 'authWanted'; readonly generation: number; readonly why: WhyWanted }
  /** An answer of this provider named the tag that its list of models has now. */
  | { readonly kind: 'modelsEtag'; readonly providerId: string; readonly etag: string }
  | {
      readonly kind: 'log';
      readonly level: string;
      readonly area: string;
      readonly message: string;
      readonly fields: object;
    };

/** One message on the event port; `first` is the number of the first event. */
export interface ShardEventBatch {
  readonly first: number;
  readonly events: readonly ShardEvent[];
}

/** What a shard's worker is started with. Credentials are never here. */
export interface ShardWorkerData<Port> {
  readonly events: Port;
}

/** A stored thread as the wire shows it, without loading it. */
export interface StoredThreadRequest {
  /** The loaded thread that writes this file, if any: its running turn is then shown as running. */
  readonly threadId: string | null;
  readonly path: string;
  readonly includeTurns: boolean;
  readonly fallbackProvider: string;
}

export interface TurnPageRequest {
  /** The loaded thread that writes this file, if any: its running turn is then shown as running. */
  readonly threadId: string | null;
  readonly path: string;
  /** null: from the beginning, in the page's direction. */
  readonly cursor: string | null;
  /** At least 1. */
  readonly limit: number;
  readonly direction: 'asc' | 'desc';
  readonly view: 'notLoaded' | 'summary' | 'full';
}

export interface TurnPage {
  /** The wire's list of turns as UTF-8 JSON. */
  readonly turns: EncodedPieces;
  readonly nextCursor: string | null;
  /** Continues in the other direction, beginning with the page's first turn again. */
  readonly backwardsCursor: string | null;
}

/** The commands of a shard, called through comlink. */
export interface TurnShard {
  configure(settings: ShardSettings): void;
  setAuth(state: AuthState): void;
  open(request: OpenThread): Promise<Outcome<OpenedThread>>;
  submit(command: ThreadCommand): void;
  answer(threadId: string, requestKey: string, answer: ClientAnswer): void;
  /** The wire's `Thread` of a rollout, as UTF-8 JSON. */
  readStored(request: StoredThreadRequest): Promise<Outcome<EncodedPieces>>;
  /** The stored events of a rollout as a UTF-8 JSON list. */
  readMessages(path: string): Promise<Outcome<EncodedPieces>>;
  listTurns(request: TurnPageRequest): Promise<Outcome<TurnPage>>;
  /** Which models the provider has. What loads for a request keeps a thread busy: this is the one that has it loaded. */
  fetchModels(provider: ProviderConfig): Promise<Outcome<ModelList>>;
  /** From now on every item of the history is shown as it is recorded. */
  showRawItems(threadId: string): void;
  /** Interrupts what runs, flushes and forgets the thread. */
  close(threadId: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** The identity of the client; constant for a connection. */
export interface UpstreamIdentity {
  readonly originator: string;
  readonly userAgent: string;
  readonly version: string;
}

export interface ModelList {
  /** The member `models` of the reply, undecoded. */
  readonly models: unknown;
  readonly etag: string | null;
}

/** The contract of a tool: how it is offered, how it is called, what it gives back. */
import type { EffectiveConfig } from '../../contract/effective-config.ts';
import type { TurnSettings } from '../../contract/turn-settings.ts';
import type { FunctionCallOutputContentItem, LocalShellAction, ResponseItem } from '../../protocol/response-items.ts';
import type { Grants } from '../grants.ts';
import type { Questions } from '../questions.ts';
import type { Recorder } from '../recorder.ts';
import type { EngineServices } from '../services.ts';
import type { TurnState } from '../turn-state.ts';

/** What the model asked for. `callId` pairs call and output upstream. */
export type ToolCall =
  | { readonly kind: 'function'; readonly name: string; readonly callId: string; readonly args: string }
  | { readonly kind: 'custom'; readonly name: string; readonly callId: string; readonly input: string }
  | { readonly kind: 'localShell'; readonly callId: string; readonly action: LocalShellAction };

/** What calls may use of the thread that they run in. */
export interface ToolDeps {
  readonly threadId: string;
  readonly config: EffectiveConfig;
  readonly services: Pick<
    EngineServices,
    | 'clock'
    | 'codexHome'
    | 'env'
    | 'groups'
    | 'images'
    | 'log'
    | 'patchProgram'
    | 'processes'
    | 'roots'
    | 'sandbox'
    | 'shell'
  >;
  readonly recorder: Pick<Recorder, 'storeAndEmit' | 'addToHistory' | 'uniqueItemId'>;
  readonly grants: Grants;
  readonly questions: Pick<Questions, 'approval' | 'user'>;
}

/** What a call runs in. `signal` ends it: the turn was interrupted, or the stream that asked for it broke. */
export interface ToolContext extends ToolDeps {
  readonly turn: TurnState;
  readonly callId: string;
  /** The call's id as an item: the call id, made unique within the thread. */
  readonly itemId: string;
  readonly signal: AbortSignal;
}

export interface ToolOutput {
  readonly output: string | FunctionCallOutputContentItem[];
  /** Messages that come before the output in the history: remarks about the call. */
  readonly remarks?: readonly ResponseItem[];
  /** Messages that follow the outputs of the whole response: images to look at. */
  readonly followUps?: readonly ResponseItem[];
}

/** A call either resolves with what the model reads, or throws `ToolFailure` with the same purpose. */
export interface Tool {
  readonly names: readonly string[];
  /** Kinds of calls that it answers; those of functions when absent. */
  readonly kinds?: readonly ToolCall['kind'][];
  /** Parallel calls of one response may overlap. */
  readonly parallel: boolean;
  /** What the model reads when the call was cut off by an interruption. */
  readonly abortedOutput: (elapsedSec: string) => string;
  run(call: ToolCall, context: ToolContext): Promise<ToolOutput>;
}

/** Tools that are offered together. `registry.ts` lists the sets. */
export interface ToolSet {
  /** Their descriptions for the model. Tools that a turn does not offer cannot be called in it. */
  offer(settings: TurnSettings, config: EffectiveConfig): readonly object[];
  readonly tools: readonly Tool[];
}

export const abortedByUser = (elapsedSec: string): string => `aborted by user after ${elapsedSec}s`;

/** One model, independent of the list that it comes from. */

import type { ShellType, TruncationPolicy } from '../contract/model-profile.ts';
import type { ReasoningEffort, Verbosity } from '../protocol/policies.ts';

/** Base instructions with a gap for the tone. `personalities` is null when a text is missing. */
export interface InstructionsTemplate {
  readonly text: string;
  readonly personalities: { readonly friendly: string; readonly pragmatic: string } | null;
  readonly supportsPersonality: boolean;
}

/** The properties of a model that a turn needs. */
export interface ModelTraits {
  readonly baseInstructions: string;
  readonly template: InstructionsTemplate | null;
  readonly defaultEffort: ReasoningEffort | null;
  readonly supportsReasoning: boolean;
  readonly supportsVerbosity: boolean;
  readonly defaultVerbosity: Verbosity | null;
  readonly shellType: ShellType;
  readonly applyPatchTool: 'freeform' | 'function' | null;
  readonly truncation: TruncationPolicy;
  readonly supportsParallelToolCalls: boolean;
  /** Tokens; null when unknown. */
  readonly contextWindow: number | null;
  /** Tokens; null: a share of the window. */
  readonly autoCompactTokenLimit: number | null;
  readonly effectiveWindowPercent: number;
  readonly experimentalTools: readonly string[];
}

/** A model in a list. */
export interface ModelEntry extends ModelTraits {
  readonly slug: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly efforts: readonly { readonly effort: ReasoningEffort; readonly description: string }[];
  readonly visibility: 'list' | 'hide' | 'none';
  readonly supportedInApi: boolean;
  readonly priority: number;
}

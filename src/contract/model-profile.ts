/** What a turn must know of its model: the catalogue's entry with the configuration's overrides applied. Plain data. */
import type { Personality, ReasoningEffort, Verbosity } from '../protocol/policies.ts';

/** How tool output is cut before the model sees it: `limit` bytes, or tokens of four bytes each. */
export interface TruncationPolicy {
  readonly mode: 'bytes' | 'tokens';
  readonly limit: number;
}

export type ShellType = 'default' | 'local' | 'unified_exec' | 'disabled' | 'shell_command';

export interface ModelProfile {
  readonly slug: string;
  /** Whole window in tokens; null when unknown. */
  readonly contextWindow: number | null;
  /** What clients are told: a percentage of the whole window, rounded down. */
  readonly reportedContextWindow: number | null;
  /** Tokens from which the history is compacted; null: never. */
  readonly autoCompactTokenLimit: number | null;
  readonly supportsReasoning: boolean;
  readonly defaultReasoningEffort: ReasoningEffort | null;
  readonly supportsVerbosity: boolean;
  readonly defaultVerbosity: Verbosity | null;
  readonly supportsParallelToolCalls: boolean;
  readonly shellType: ShellType;
  readonly applyPatchTool: 'freeform' | 'function' | null;
  readonly experimentalTools: readonly string[];
  readonly truncation: TruncationPolicy;
  /** The instructions of a thread that starts with this model. */
  readonly baseInstructions: string;
  /** The same for each personality, where there is a difference. */
  readonly personalInstructions: Readonly<Partial<Record<Personality, string>>>;
  /** Texts for a change of personality; empty for models without one. */
  readonly personalityMessages: Readonly<Partial<Record<Personality, string>>>;
}

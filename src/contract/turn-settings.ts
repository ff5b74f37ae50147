/** The settings of a thread that turns can change, and how a change is applied. Pure. */

import type {
  AskForApproval,
  CollaborationMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
  WebSearchMode,
} from '../protocol/policies.ts';
import type { EffectiveConfig } from './effective-config.ts';
import type { ModelProfile } from './model-profile.ts';
import type { TurnOverrides } from './turn-shard.ts';

/** What one turn runs under. `collaborationMode` also names the model and its effort: one record, replaced or patched. */
export interface TurnSettings {
  readonly cwd: string;
  readonly approvalPolicy: AskForApproval;
  readonly sandboxPolicy: SandboxPolicy;
  readonly collaborationMode: CollaborationMode;
  readonly summary: ReasoningSummary;
  readonly personality: Personality;
  readonly profile: ModelProfile;
}

/** The settings a thread starts with. */
export function initialSettings(config: EffectiveConfig, profile: ModelProfile): TurnSettings {
  return {
    cwd: config.cwd,
    approvalPolicy: config.approvalPolicy,
    sandboxPolicy: config.sandboxPolicy,
    collaborationMode: {
      mode: 'custom',
      settings: { model: profile.slug, reasoning_effort: config.reasoningEffort, developer_instructions: null },
    },
    summary: config.reasoningSummary,
    personality: config.personality,
    profile,
  };
}

/** Model and effort patch the collaboration record; a whole record beats both in the same change. */
export function applyChange(settings: TurnSettings, change: TurnOverrides): TurnSettings {
  const current = settings.collaborationMode;
  const patched: CollaborationMode = {
    mode: current.mode,
    settings: {
      ...current.settings,
      ...(change.model === undefined ? {} : { model: change.model }),
      ...(change.effort === undefined ? {} : { reasoning_effort: change.effort }),
    },
  };
  return {
    cwd: change.cwd ?? settings.cwd,
    approvalPolicy: change.approvalPolicy ?? settings.approvalPolicy,
    sandboxPolicy: change.sandboxPolicy ?? settings.sandboxPolicy,
    collaborationMode: change.collaborationMode ?? patched,
    summary: change.summary ?? settings.summary,
    personality: change.personality ?? settings.personality,
    profile: change.profile ?? settings.profile,
  };
}

/** Effort of the next request: the override, else the model's own, else none is sent. */
export function effortOf(settings: TurnSettings): ReasoningEffort | null {
  return settings.collaborationMode.settings.reasoning_effort ?? settings.profile.defaultReasoningEffort;
}

/** The instructions that the model brings, for the personality it has now. A thread keeps those that it began with. */
export const modelInstructions = ({ profile, personality }: TurnSettings): string =>
  profile.personalInstructions[personality] ?? profile.baseInstructions;

/** Whether commands run inside our own sandbox. */
export function isConfined(policy: SandboxPolicy): boolean {
  return policy.type === 'readOnly' || policy.type === 'workspaceWrite';
}

/** A configured mode wins; otherwise live search goes with full access and cached search with the rest. */
export function webSearchMode(configured: WebSearchMode | null, policy: SandboxPolicy): WebSearchMode {
  return configured ?? (policy.type === 'dangerFullAccess' ? 'live' : 'cached');
}

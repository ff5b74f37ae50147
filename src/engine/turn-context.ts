/** The rollout line that says under which settings a request was made. */
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import type { TurnState } from './turn-state.ts';

/** What users and files tell the model in one thread, beside its base instructions. */
export interface Instructions {
  readonly config: Pick<EffectiveConfig, 'developerInstructions'>;
  /** What AGENTS.md files and skills say; null when there is nothing. */
  readonly userInstructions: string | null;
}

export function turnContextEntry({ config, userInstructions }: Instructions, turn: TurnState): RolloutEntry {
  const { settings } = turn;
  const effort = settings.collaborationMode.settings.reasoning_effort ?? null;
  return {
    type: 'turn_context',
    payload: {
      cwd: settings.cwd,
      approval_policy: settings.approvalPolicy,
      sandbox_policy: storedSandboxPolicy(settings.sandboxPolicy),
      model: settings.collaborationMode.settings.model,
      personality: settings.personality,
      collaboration_mode: settings.collaborationMode,
      ...(effort === null ? {} : { effort }),
      summary: settings.summary,
      ...(userInstructions === null ? {} : { user_instructions: userInstructions }),
      ...(config.developerInstructions === null ? {} : { developer_instructions: config.developerInstructions }),
      ...(turn.outputSchema === undefined || turn.outputSchema === null
        ? {}
        : { final_output_json_schema: turn.outputSchema }),
      truncation_policy: { mode: settings.profile.truncation.mode, limit: settings.profile.truncation.limit },
    },
  };
}

/** The policy in the spelling of stored files and of the older protocol. */
function storedSandboxPolicy(policy: SandboxPolicy): Record<string, unknown> & { type: string } {
  switch (policy.type) {
    case 'dangerFullAccess':
      return { type: 'danger-full-access' };
    case 'readOnly':
      return { type: 'read-only' };
    case 'externalSandbox':
      return { type: 'external-sandbox', network_access: policy.networkAccess ?? 'restricted' };
    case 'workspaceWrite':
      return {
        type: 'workspace-write',
        ...((policy.writableRoots ?? []).length === 0 ? {} : { writable_roots: policy.writableRoots }),
        network_access: policy.networkAccess ?? false,
        exclude_tmpdir_env_var: policy.excludeTmpdirEnvVar ?? false,
        exclude_slash_tmp: policy.excludeSlashTmp ?? false,
      };
  }
}

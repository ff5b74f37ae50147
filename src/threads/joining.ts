/**
 * What a request to resume a loaded thread changes in it. In: the request, and the configuration that it leads to. Out: the
 * settings that it names, as a turn would bring them; what only a fresh start could change stays. Pure.
 */
import type { TypedOverrides } from '../config/derive.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import type { TurnOverrides } from '../contract/turn-shard.ts';

/** What a request says about how a thread should run. */
export interface RequestedSettings {
  readonly cwd?: string | undefined;
  readonly typed: TypedOverrides;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether it says anything. */
export const asksForChange = ({ cwd, typed, config }: RequestedSettings): boolean =>
  cwd !== undefined ||
  Object.keys(config ?? {}).length > 0 ||
  Object.values(typed).some((value) => value !== undefined);

export function changesAsked(
  { cwd, typed, config: keys }: RequestedSettings,
  config: EffectiveConfig,
  profile: ModelProfile,
): TurnOverrides {
  const tables = new Set(Object.keys(keys ?? {}).map((key) => key.split('.')[0]));
  const isProfiled = typed.profile !== undefined || tables.has('profile');
  const named = (...names: readonly string[]): boolean => isProfiled || names.some((name) => tables.has(name));
  const { approvalPolicy, sandboxPolicy, reasoningEffort: effort, reasoningSummary: summary, personality } = config;
  return {
    ...(cwd === undefined ? {} : { cwd: config.cwd }),
    ...(typed.model !== undefined || named('model') ? { model: profile.slug, profile } : {}),
    ...(typed.approvalPolicy !== undefined || named('approval_policy') ? { approvalPolicy } : {}),
    ...(typed.sandboxMode !== undefined || named('sandbox_mode', 'sandbox_workspace_write') ? { sandboxPolicy } : {}),
    ...(named('model_reasoning_effort') && effort !== null ? { effort } : {}),
    ...(named('model_reasoning_summary') ? { summary } : {}),
    ...(typed.personality !== undefined || named('personality') ? { personality } : {}),
  };
}

/**
 * The feature switches of codex app-server 0.94.0: stage and default, in the order in which it lists them, and older
 * aliases of some of them.
 */
type FeatureStage = 'stable' | 'experimental' | 'deprecated' | 'underDevelopment';

export interface FeatureFacts {
  readonly stage: FeatureStage;
  /** Enabled without any configuration. */
  readonly enabled: boolean;
}

const stable = (enabled: boolean): FeatureFacts => ({ stage: 'stable', enabled });
const underDevelopment = (enabled: boolean): FeatureFacts => ({ stage: 'underDevelopment', enabled });
const experimental: FeatureFacts = { stage: 'experimental', enabled: false };
const deprecated: FeatureFacts = { stage: 'deprecated', enabled: false };
const onWindows = process.platform === 'win32';

const table = {
  undo: stable(false),
  shell_tool: stable(true),
  web_search_request: deprecated,
  web_search_cached: deprecated,
  unified_exec: experimental,
  shell_snapshot: experimental,
  runtime_metrics: underDevelopment(false),
  sqlite: underDevelopment(false),
  child_agents_md: underDevelopment(false),
  apply_patch_freeform: underDevelopment(false),
  exec_policy: underDevelopment(true),
  request_rule: stable(true),
  experimental_windows_sandbox: underDevelopment(false),
  elevated_windows_sandbox: underDevelopment(false),
  remote_compaction: underDevelopment(true),
  remote_models: underDevelopment(true),
  powershell_utf8: onWindows ? { stage: 'experimental', enabled: true } : underDevelopment(false),
  enable_request_compression: stable(true),
  collab: underDevelopment(false),
  apps: experimental,
  skill_mcp_dependency_install: stable(true),
  skill_env_var_dependency_prompt: underDevelopment(false),
  steer: experimental,
  collaboration_modes: stable(true),
  personality: stable(true),
  responses_websockets: underDevelopment(false),
} as const satisfies Readonly<Record<string, FeatureFacts>>;

export type FeatureName = keyof typeof table;
export const FEATURES: Readonly<Record<FeatureName, FeatureFacts>> = table;

/** Whether this is a feature's current name. */
export const isFeatureName = (name: string): name is FeatureName => Object.hasOwn(table, name);

export const FEATURE_NAMES: readonly FeatureName[] = Object.keys(table).filter(isFeatureName);

/** Older spelling -> feature. */
export const LEGACY_FEATURES = {
  connectors: 'apps',
  enable_experimental_windows_sandbox: 'experimental_windows_sandbox',
  experimental_use_unified_exec_tool: 'unified_exec',
  experimental_use_freeform_apply_patch: 'apply_patch_freeform',
  include_apply_patch_tool: 'apply_patch_freeform',
  web_search: 'web_search_request',
} as const satisfies Readonly<Record<string, FeatureName>>;

export const isLegacyFeatureName = (name: string): name is keyof typeof LEGACY_FEATURES =>
  Object.hasOwn(LEGACY_FEATURES, name);

/** Whether `--enable` and `--disable` accept this name. */
export const isKnownFeature = (name: string): boolean => isFeatureName(name) || isLegacyFeatureName(name);

/** Configuration: layered reading, checked writing, and warnings about it. */
import { notification, request } from './define.ts';
import {
  AbsolutePathBuf,
  AskForApproval,
  ForcedLoginMethod,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  Verbosity,
  WebSearchMode,
} from './policies.ts';
import * as t from './schema/types.ts';

export const MergeStrategy = t.words('MergeStrategy', ['replace', 'upsert']);
export type MergeStrategy = t.Infer<typeof MergeStrategy>;

export const ConfigEdit = t.struct('ConfigEdit', { keyPath: t.string, value: t.json, mergeStrategy: MergeStrategy });
export type ConfigEdit = t.Infer<typeof ConfigEdit>;

export const ConfigReadParams = t.struct('ConfigReadParams', {
  includeLayers: t.withDefault(t.boolean, false),
  cwd: t.opt(t.string),
});
export type ConfigReadParams = t.Infer<typeof ConfigReadParams>;

export const ConfigValueWriteParams = t.struct('ConfigValueWriteParams', {
  keyPath: t.string,
  value: t.json,
  mergeStrategy: MergeStrategy,
  filePath: t.opt(t.string),
  expectedVersion: t.opt(t.string),
});
export type ConfigValueWriteParams = t.Infer<typeof ConfigValueWriteParams>;

export const ConfigBatchWriteParams = t.struct('ConfigBatchWriteParams', {
  edits: t.list(ConfigEdit),
  filePath: t.opt(t.string),
  expectedVersion: t.opt(t.string),
});
export type ConfigBatchWriteParams = t.Infer<typeof ConfigBatchWriteParams>;

export const AnalyticsConfig = t.openStruct('AnalyticsConfig', { enabled: t.orNull(t.boolean) });
export type AnalyticsConfig = t.Infer<typeof AnalyticsConfig>;

export const SandboxWorkspaceWrite = t.struct('SandboxWorkspaceWrite', {
  writable_roots: t.withDefault(t.list(t.string), []),
  network_access: t.withDefault(t.boolean, false),
  exclude_tmpdir_env_var: t.withDefault(t.boolean, false),
  exclude_slash_tmp: t.withDefault(t.boolean, false),
});
export type SandboxWorkspaceWrite = t.Infer<typeof SandboxWorkspaceWrite>;

export const ToolsV2 = t.struct('ToolsV2', { web_search: t.orNull(t.boolean), view_image: t.orNull(t.boolean) });
export type ToolsV2 = t.Infer<typeof ToolsV2>;

export const ProfileV2 = t.openStruct('ProfileV2', {
  model: t.orNull(t.string),
  model_provider: t.orNull(t.string),
  approval_policy: t.orNull(AskForApproval),
  model_reasoning_effort: t.orNull(ReasoningEffort),
  model_reasoning_summary: t.orNull(ReasoningSummary),
  model_verbosity: t.orNull(Verbosity),
  web_search: t.orNull(WebSearchMode),
  chatgpt_base_url: t.orNull(t.string),
});
export type ProfileV2 = t.Infer<typeof ProfileV2>;

export const Config = t.openStruct('Config', {
  model: t.orNull(t.string),
  review_model: t.orNull(t.string),
  model_context_window: t.orNull(t.int64),
  model_auto_compact_token_limit: t.orNull(t.int64),
  model_provider: t.orNull(t.string),
  approval_policy: t.orNull(AskForApproval),
  sandbox_mode: t.orNull(SandboxMode),
  sandbox_workspace_write: t.orNull(SandboxWorkspaceWrite),
  forced_chatgpt_workspace_id: t.orNull(t.string),
  forced_login_method: t.orNull(ForcedLoginMethod),
  web_search: t.orNull(WebSearchMode),
  tools: t.orNull(ToolsV2),
  profile: t.orNull(t.string),
  profiles: t.withDefault(t.mapOf(ProfileV2), {}),
  instructions: t.orNull(t.string),
  developer_instructions: t.orNull(t.string),
  compact_prompt: t.orNull(t.string),
  model_reasoning_effort: t.orNull(ReasoningEffort),
  model_reasoning_summary: t.orNull(ReasoningSummary),
  model_verbosity: t.orNull(Verbosity),
  analytics: t.orNull(AnalyticsConfig),
});
export type Config = t.Infer<typeof Config>;

export const ConfigLayerSource = t.tagged('ConfigLayerSource', 'type', {
  mdm: { domain: t.string, key: t.string },
  system: { file: AbsolutePathBuf },
  user: { file: AbsolutePathBuf },
  project: { dotCodexFolder: AbsolutePathBuf },
  sessionFlags: {},
  legacyManagedConfigTomlFromFile: { file: AbsolutePathBuf },
  legacyManagedConfigTomlFromMdm: {},
});
export type ConfigLayerSource = t.Infer<typeof ConfigLayerSource>;

export const ConfigLayerMetadata = t.struct('ConfigLayerMetadata', { name: ConfigLayerSource, version: t.string });
export type ConfigLayerMetadata = t.Infer<typeof ConfigLayerMetadata>;

export const ConfigLayer = t.struct('ConfigLayer', {
  name: ConfigLayerSource,
  version: t.string,
  config: t.json,
  disabledReason: t.orNull(t.string),
});
export type ConfigLayer = t.Infer<typeof ConfigLayer>;

export const ConfigReadResponse = t.struct('ConfigReadResponse', {
  config: Config,
  origins: t.mapOf(ConfigLayerMetadata),
  layers: t.orNull(t.list(ConfigLayer)),
});
export type ConfigReadResponse = t.Infer<typeof ConfigReadResponse>;

export const OverriddenMetadata = t.struct('OverriddenMetadata', {
  message: t.string,
  overridingLayer: ConfigLayerMetadata,
  effectiveValue: t.json,
});
export type OverriddenMetadata = t.Infer<typeof OverriddenMetadata>;

export const WriteStatus = t.words('WriteStatus', ['ok', 'okOverridden']);
export type WriteStatus = t.Infer<typeof WriteStatus>;

export const ConfigWriteResponse = t.struct('ConfigWriteResponse', {
  status: WriteStatus,
  version: t.string,
  filePath: AbsolutePathBuf,
  overriddenMetadata: t.orNull(OverriddenMetadata),
});
export type ConfigWriteResponse = t.Infer<typeof ConfigWriteResponse>;

export const ResidencyRequirement = t.words('ResidencyRequirement', ['us']);
export type ResidencyRequirement = t.Infer<typeof ResidencyRequirement>;

export const ConfigRequirements = t.struct('ConfigRequirements', {
  allowedApprovalPolicies: t.orNull(t.list(AskForApproval)),
  allowedSandboxModes: t.orNull(t.list(SandboxMode)),
  enforceResidency: t.orNull(ResidencyRequirement),
});
export type ConfigRequirements = t.Infer<typeof ConfigRequirements>;

export const ConfigRequirementsReadResponse = t.struct('ConfigRequirementsReadResponse', {
  requirements: t.orNull(ConfigRequirements),
});
export type ConfigRequirementsReadResponse = t.Infer<typeof ConfigRequirementsReadResponse>;

export const TextPosition = t.struct('TextPosition', { line: t.uint, column: t.uint });
export type TextPosition = t.Infer<typeof TextPosition>;

export const TextRange = t.struct('TextRange', { start: TextPosition, end: TextPosition });
export type TextRange = t.Infer<typeof TextRange>;

export const ConfigWarningNotification = t.struct('ConfigWarningNotification', {
  summary: t.string,
  details: t.orNull(t.string),
  path: t.opt(t.string),
  range: t.opt(TextRange),
});
export type ConfigWarningNotification = t.Infer<typeof ConfigWarningNotification>;

export const DeprecationNoticeNotification = t.struct('DeprecationNoticeNotification', {
  summary: t.string,
  details: t.orNull(t.string),
});
export type DeprecationNoticeNotification = t.Infer<typeof DeprecationNoticeNotification>;

export const WindowsWorldWritableWarningNotification = t.struct('WindowsWorldWritableWarningNotification', {
  samplePaths: t.list(t.string),
  extraCount: t.uint,
  failedScan: t.boolean,
});
export type WindowsWorldWritableWarningNotification = t.Infer<typeof WindowsWorldWritableWarningNotification>;

export const configRead = request('config/read', ConfigReadParams, ConfigReadResponse);
export const configValueWrite = request('config/value/write', ConfigValueWriteParams, ConfigWriteResponse);
export const configBatchWrite = request('config/batchWrite', ConfigBatchWriteParams, ConfigWriteResponse);
export const configRequirementsRead = request('configRequirements/read', null, ConfigRequirementsReadResponse);
export const deprecationNotice = notification('deprecationNotice', DeprecationNoticeNotification);
export const configWarning = notification('configWarning', ConfigWarningNotification);
export const windowsWorldWritableWarning = notification(
  'windows/worldWritableWarning',
  WindowsWorldWritableWarningNotification,
);

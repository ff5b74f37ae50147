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

/** Whether a table is replaced or keeps the keys that the new value lacks. */
export const MergeStrategy = t.words('MergeStrategy', ['replace', 'upsert']);
export type MergeStrategy = t.Infer<typeof MergeStrategy>;

/** One change of the configuration file. */
export const ConfigEdit = t.struct('ConfigEdit', {
  /** Keys joined by dots. */
  keyPath: t.string,
  value: t.json,
  mergeStrategy: MergeStrategy,
});
export type ConfigEdit = t.Infer<typeof ConfigEdit>;

/** Params of `config/read`. */
export const ConfigReadParams = t.struct('ConfigReadParams', {
  /** Adds each layer by itself to the answer. */
  includeLayers: t.withDefault(t.boolean, false),
  /** The folder whose project layers apply. */
  cwd: t.opt(t.string),
});
export type ConfigReadParams = t.Infer<typeof ConfigReadParams>;

/** One change of the configuration file. */
export const ConfigValueWriteParams = t.struct('ConfigValueWriteParams', {
  /** Keys joined by dots. */
  keyPath: t.string,
  value: t.json,
  mergeStrategy: MergeStrategy,
  /** The user's configuration file when absent. */
  filePath: t.opt(t.string),
  /** The write fails when the file has another version. */
  expectedVersion: t.opt(t.string),
});
export type ConfigValueWriteParams = t.Infer<typeof ConfigValueWriteParams>;

/** Several changes of the configuration file, written together. */
export const ConfigBatchWriteParams = t.struct('ConfigBatchWriteParams', {
  edits: t.list(ConfigEdit),
  /** The user's configuration file when absent. */
  filePath: t.opt(t.string),
  /** The write fails when the file has another version. */
  expectedVersion: t.opt(t.string),
});
export type ConfigBatchWriteParams = t.Infer<typeof ConfigBatchWriteParams>;

/** The `analytics` table. */
export const AnalyticsConfig = t.openStruct('AnalyticsConfig', { enabled: t.orNull(t.boolean) });
export type AnalyticsConfig = t.Infer<typeof AnalyticsConfig>;

/** The `sandbox_workspace_write` table. */
export const SandboxWorkspaceWrite = t.struct('SandboxWorkspaceWrite', {
  /** Folders that commands may write to, in addition to the working folder. */
  writable_roots: t.withDefault(t.list(t.string), []),
  network_access: t.withDefault(t.boolean, false),
  /** Keeps the folder that TMPDIR names read-only. */
  exclude_tmpdir_env_var: t.withDefault(t.boolean, false),
  /** Keeps `/tmp` read-only. */
  exclude_slash_tmp: t.withDefault(t.boolean, false),
});
export type SandboxWorkspaceWrite = t.Infer<typeof SandboxWorkspaceWrite>;

/** The `tools` table. */
export const ToolsV2 = t.struct('ToolsV2', { web_search: t.orNull(t.boolean), view_image: t.orNull(t.boolean) });
export type ToolsV2 = t.Infer<typeof ToolsV2>;

/** One profile: settings that apply when it is chosen by name. */
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

/** The configuration that results from all layers. */
export const Config = t.openStruct('Config', {
  model: t.orNull(t.string),
  review_model: t.orNull(t.string),
  /** Tokens that fit into the context of the model. */
  model_context_window: t.orNull(t.int64),
  /** The context is compacted when it holds more tokens. */
  model_auto_compact_token_limit: t.orNull(t.int64),
  model_provider: t.orNull(t.string),
  approval_policy: t.orNull(AskForApproval),
  sandbox_mode: t.orNull(SandboxMode),
  sandbox_workspace_write: t.orNull(SandboxWorkspaceWrite),
  forced_chatgpt_workspace_id: t.orNull(t.string),
  forced_login_method: t.orNull(ForcedLoginMethod),
  web_search: t.orNull(WebSearchMode),
  tools: t.orNull(ToolsV2),
  /** The name of the profile that applies. */
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

/** Where a layer comes from. */
export const ConfigLayerSource = t.tagged('ConfigLayerSource', 'type', {
  mdm: { domain: t.string, key: t.string },
  system: { file: AbsolutePathBuf },
  user: { file: AbsolutePathBuf },
  project: { dotCodexFolder: AbsolutePathBuf },
  /** Options of the command line and of requests. */
  sessionFlags: {},
  legacyManagedConfigTomlFromFile: { file: AbsolutePathBuf },
  legacyManagedConfigTomlFromMdm: {},
});
export type ConfigLayerSource = t.Infer<typeof ConfigLayerSource>;

/** Names a layer and its version. */
export const ConfigLayerMetadata = t.struct('ConfigLayerMetadata', {
  name: ConfigLayerSource,
  /** A hash of the layer's content. */
  version: t.string,
});
export type ConfigLayerMetadata = t.Infer<typeof ConfigLayerMetadata>;

/** One layer of the configuration. */
export const ConfigLayer = t.struct('ConfigLayer', {
  name: ConfigLayerSource,
  /** A hash of the layer's content. */
  version: t.string,
  config: t.json,
  /** Why the layer does not apply; null when it does. */
  disabledReason: t.orNull(t.string),
});
export type ConfigLayer = t.Infer<typeof ConfigLayer>;

/** Answers `config/read`. */
export const ConfigReadResponse = t.struct('ConfigReadResponse', {
  config: Config,
  /** The layer that each key comes from, by key path. */
  origins: t.mapOf(ConfigLayerMetadata),
  /** The layers, highest precedence first; null unless requested. */
  layers: t.orNull(t.list(ConfigLayer)),
});
export type ConfigReadResponse = t.Infer<typeof ConfigReadResponse>;

/** The stronger layer that hides a written value. */
export const OverriddenMetadata = t.struct('OverriddenMetadata', {
  message: t.string,
  overridingLayer: ConfigLayerMetadata,
  /** The value that applies in spite of the write. */
  effectiveValue: t.json,
});
export type OverriddenMetadata = t.Infer<typeof OverriddenMetadata>;

/** Whether the written value applies or a stronger layer hides it. */
export const WriteStatus = t.words('WriteStatus', ['ok', 'okOverridden']);
export type WriteStatus = t.Infer<typeof WriteStatus>;

/** Answers `config/value/write` and `config/batchWrite`. */
export const ConfigWriteResponse = t.struct('ConfigWriteResponse', {
  status: WriteStatus,
  /** The new version of the file. */
  version: t.string,
  filePath: AbsolutePathBuf,
  /** Null when the written value applies. */
  overriddenMetadata: t.orNull(OverriddenMetadata),
});
export type ConfigWriteResponse = t.Infer<typeof ConfigWriteResponse>;

/** A region that data must stay in. */
export const ResidencyRequirement = t.words('ResidencyRequirement', ['us']);
export type ResidencyRequirement = t.Infer<typeof ResidencyRequirement>;

/** What the administrator allows. */
export const ConfigRequirements = t.struct('ConfigRequirements', {
  /** Null when all are allowed. */
  allowedApprovalPolicies: t.orNull(t.list(AskForApproval)),
  /** Null when all are allowed. */
  allowedSandboxModes: t.orNull(t.list(SandboxMode)),
  enforceResidency: t.orNull(ResidencyRequirement),
});
export type ConfigRequirements = t.Infer<typeof ConfigRequirements>;

/** Answers `configRequirements/read`. */
export const ConfigRequirementsReadResponse = t.struct('ConfigRequirementsReadResponse', {
  /** Null when there are none. */
  requirements: t.orNull(ConfigRequirements),
});
export type ConfigRequirementsReadResponse = t.Infer<typeof ConfigRequirementsReadResponse>;

/** A place in a text file; line and column start at 1. */
export const TextPosition = t.struct('TextPosition', { line: t.uint, column: t.uint });
export type TextPosition = t.Infer<typeof TextPosition>;

/** A part of a text file. */
export const TextRange = t.struct('TextRange', { start: TextPosition, end: TextPosition });
export type TextRange = t.Infer<typeof TextRange>;

/** Params of `configWarning`. */
export const ConfigWarningNotification = t.struct('ConfigWarningNotification', {
  summary: t.string,
  details: t.orNull(t.string),
  /** The file that the warning is about. */
  path: t.opt(t.string),
  range: t.opt(TextRange),
});
export type ConfigWarningNotification = t.Infer<typeof ConfigWarningNotification>;

/** Params of `deprecationNotice`. */
export const DeprecationNoticeNotification = t.struct('DeprecationNoticeNotification', {
  summary: t.string,
  details: t.orNull(t.string),
});
export type DeprecationNoticeNotification = t.Infer<typeof DeprecationNoticeNotification>;

/** Folders on Windows that every user can write to. */
export const WindowsWorldWritableWarningNotification = t.struct('WindowsWorldWritableWarningNotification', {
  samplePaths: t.list(t.string),
  /** How many folders there are besides the samples. */
  extraCount: t.uint,
  /** Whether the search for such folders failed. */
  failedScan: t.boolean,
});
export type WindowsWorldWritableWarningNotification = t.Infer<typeof WindowsWorldWritableWarningNotification>;

/** Messages about the configuration. */
export const configMessages = [
  /** Reads the configuration as it applies to a folder. */
  request('config/read', ConfigReadParams, ConfigReadResponse),
  /** Writes one value to the configuration file. */
  request('config/value/write', ConfigValueWriteParams, ConfigWriteResponse),
  /** Writes several values to the configuration file in one step. */
  request('config/batchWrite', ConfigBatchWriteParams, ConfigWriteResponse),
  /** Reads what the administrator allows. */
  request('configRequirements/read', null, ConfigRequirementsReadResponse),
  /** Reports a setting or feature that is going away. */
  notification('deprecationNotice', DeprecationNoticeNotification),
  /** Reports a fault in the configuration that does not stop the server. */
  notification('configWarning', ConfigWarningNotification),
  /** Reports folders on Windows that the sandbox cannot protect. */
  notification('windows/worldWritableWarning', WindowsWorldWritableWarningNotification),
] as const;

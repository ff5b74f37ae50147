/**
 * Derives a thread's configuration from the merged one. In: typed configuration, its layers, the request's typed
 * fields. Out: EffectiveConfig. Precedence of a setting: typed field, profile, top level, default. Throws
 * ConfigError.
 */
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import { stateFolders } from '../base/secret-files.ts';
import type {
  Deprecation,
  EffectiveConfig,
  ProviderConfig,
  Requirements,
  ShellEnvironmentPolicy,
} from '../contract/effective-config.ts';
import type { FeatureName } from '../contract/feature-names.ts';
import type { AskForApproval, Personality, SandboxMode, SandboxPolicy, WebSearchMode } from '../protocol/policies.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { resolveFeatures } from './features.ts';
import { readNamedText } from './files.ts';
import type { LayerStack } from './layers.ts';
import { DEFAULT_PROVIDER_ID, providerNamed } from './providers.ts';
import { requireAllowed } from './requirements.ts';
import { secretVariablesOf } from './secret-variables.ts';
import type { ConfigToml, ProfileToml } from './shape.ts';
import { isTable } from './toml.ts';
import { defaultPolicies, isTrustedByName, type TrustLevel, trustOfThread } from './trust.ts';

/** Searching this many takes some 40 ms, and indexing them about 250 MB. */
const MAX_INDEXED_FILES = 2_000_000;

/** Settings that a request may make by fields of its own. Absent and undefined mean the same. */
export interface TypedOverrides {
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  readonly profile?: string | undefined;
  readonly approvalPolicy?: AskForApproval | undefined;
  readonly sandboxMode?: SandboxMode | undefined;
  readonly baseInstructions?: string | undefined;
  readonly developerInstructions?: string | undefined;
  readonly compactPrompt?: string | undefined;
  readonly personality?: Personality | undefined;
  readonly includeApplyPatchTool?: boolean | undefined;
}

export interface DeriveInput {
  readonly config: ConfigToml;
  readonly stack: LayerStack;
  readonly requirements: Requirements;
  readonly typed: TypedOverrides;
  readonly codexHome: string;
  readonly cwd: string;
  readonly analyticsDefault: boolean;
  readonly environment: ConfigEnvironment;
}

const DEFAULT_PROJECT_DOC_MAX_BYTES = 32 * 1024;
const DEFAULT_CHATGPT_BASE_URL = 'https://chatgpt.com/backend-api/';
const DEFAULT_IDLE_UNLOAD_MINUTES = 30;
const MS_PER_MINUTE = 60_000;

export async function derive(input: DeriveInput): Promise<EffectiveConfig> {
  const { config, stack, typed } = input;
  const profile = chosenProfile(config, typed);
  if (config.agents?.max_threads === 0) throw new ConfigError('value', 'agents.max_threads must be at least 1');
  const provider = providerOf(input, profile);
  const trust = await trustOfThread(stack.trust, input.cwd);
  const policies = policiesOf(input, profile, trust);
  const { features, deprecations, unstable } = resolveFeatures(config, profile, typed.includeApplyPatchTool);
  const [baseInstructions, compactPrompt, disabledSkills] = await Promise.all([
    instructionsOf(input, profile),
    compactPromptOf(input, profile),
    disabledSkillsIn(stack),
  ]);
  return {
    codexHome: input.codexHome,
    stateFolders: loginFolders(input),
    cwd: input.cwd,
    ...modelSettings(input, profile),
    provider,
    ...policies,
    requirements: input.requirements,
    baseInstructions,
    developerInstructions: typed.developerInstructions ?? config.developer_instructions ?? null,
    compactPrompt,
    allowedUnixSockets: config.sandbox_workspace_write?.allowed_unix_sockets ?? [],
    shellEnvironmentPolicy: shellEnvironmentOf(config),
    secretVariables: secretVariablesOf(config, stack.layers, input.environment),
    webSearch: profile.web_search ?? config.web_search ?? legacyWebSearch(features),
    features,
    ...foldersOf(input),
    isProjectTrusted: (trust ?? stack.trust.get(stack.projectRoot ?? input.cwd)) === 'trusted',
    disabledSkills,
    ...accountSettings(input, profile),
    ...smallSettings(config),
    deprecations: [...deprecations, ...legacyInstructionsNotice(config, profile)],
    unstableFeatures: unstable,
  };
}

const loginFolders = ({ codexHome, environment }: DeriveInput): readonly string[] =>
  stateFolders(codexHome, environment.homeFolder);

function chosenProfile(config: ConfigToml, typed: TypedOverrides): ProfileToml {
  const name = typed.profile ?? config.profile;
  if (name === undefined) return {};
  const profile = new Map(Object.entries(config.profiles ?? {})).get(name);
  if (profile === undefined) throw new ConfigError('value', `config profile \`${name}\` not found`);
  return profile;
}

function providerOf({ config, typed, environment }: DeriveInput, profile: ProfileToml): ProviderConfig {
  const id = typed.modelProvider ?? profile.model_provider ?? config.model_provider ?? DEFAULT_PROVIDER_ID;
  return providerNamed(id, config.model_providers, environment);
}

/** A context window of 0 or less is ignored: it would leave no room for a conversation. */
const tokens = (given: number | undefined): number | null => (given === undefined || given <= 0 ? null : given);

function modelSettings({ config, typed }: DeriveInput, profile: ProfileToml) {
  return {
    model: typed.model ?? profile.model ?? config.model ?? null,
    reviewModel: config.review_model ?? null,
    reasoningEffort: profile.model_reasoning_effort ?? config.model_reasoning_effort ?? null,
    reasoningSummary: profile.model_reasoning_summary ?? config.model_reasoning_summary ?? 'auto',
    verbosity: profile.model_verbosity ?? config.model_verbosity ?? null,
    personality: typed.personality ?? profile.personality ?? config.personality ?? 'friendly',
    modelOverrides: {
      contextWindow: tokens(config.model_context_window),
      autoCompactTokenLimit: tokens(config.model_auto_compact_token_limit),
      toolOutputTokenLimit: config.tool_output_token_limit ?? null,
      supportsReasoningSummaries: config.model_supports_reasoning_summaries ?? null,
    },
  } as const;
}

function policiesOf({ config, typed, requirements }: DeriveInput, profile: ProfileToml, trust: TrustLevel | null) {
  const defaults = defaultPolicies(trust);
  const approvalPolicy =
    typed.approvalPolicy ?? profile.approval_policy ?? config.approval_policy ?? defaults.approvalPolicy;
  const sandboxMode = typed.sandboxMode ?? profile.sandbox_mode ?? config.sandbox_mode ?? defaults.sandboxMode;
  requireAllowed('approval_policy', approvalPolicy, requirements.approvalPolicies);
  requireAllowed('sandbox_mode', sandboxMode, requirements.sandboxModes);
  return { approvalPolicy, sandboxPolicy: sandboxPolicyFor(sandboxMode, config) };
}

/** The policy of a mode, with the roots and switches of `[sandbox_workspace_write]`. */
function sandboxPolicyFor(mode: SandboxMode, config: ConfigToml): SandboxPolicy {
  const own = config.sandbox_workspace_write;
  switch (mode) {
    case 'read-only':
      return { type: 'readOnly' };
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: own?.writable_roots ?? [],
        networkAccess: own?.network_access ?? false,
        excludeTmpdirEnvVar: own?.exclude_tmpdir_env_var ?? false,
        excludeSlashTmp: own?.exclude_slash_tmp ?? false,
      };
  }
}

async function trimmedFile(path: string, what: string, folders: readonly string[]): Promise<string> {
  const text = await readNamedText(path, folders).catch((error: unknown) => {
    throw new ConfigError('io', `failed to read ${what} ${path}: ${osErrorText(error)}`, { cause: error });
  });
  if (text.trim() === '') throw new ConfigError('value', `${what} is empty: ${path}`);
  return text.trim();
}

async function instructionsOf(input: DeriveInput, profile: ProfileToml): Promise<string | null> {
  const { config, typed } = input;
  const file = profile.model_instructions_file ?? config.model_instructions_file;
  // The file is checked even if the request has its own text, so that a broken setting is reported.
  const text = file === undefined ? null : await trimmedFile(file, 'model instructions file', loginFolders(input));
  return typed.baseInstructions ?? text;
}

async function compactPromptOf(input: DeriveInput, profile: ProfileToml): Promise<string | null> {
  const { config, typed } = input;
  const given = (typed.compactPrompt ?? config.compact_prompt ?? '').trim();
  if (given !== '') return given;
  const file = profile.experimental_compact_prompt_file ?? config.experimental_compact_prompt_file;
  return file === undefined ? null : trimmedFile(file, 'experimental compact prompt file', loginFolders(input));
}

const legacyWebSearch = (features: Readonly<Record<FeatureName, boolean>>): WebSearchMode | null =>
  features.web_search_cached ? 'cached' : features.web_search_request ? 'live' : null;

function shellEnvironmentOf({ shell_environment_policy: own }: ConfigToml): ShellEnvironmentPolicy {
  return {
    inherit: own?.inherit ?? 'all',
    ignoreDefaultExcludes: own?.ignore_default_excludes ?? true,
    exclude: own?.exclude ?? [],
    set: own?.set ?? {},
    includeOnly: own?.include_only ?? [],
  };
}

/**
 * Rules and skills count in disabled project folders too, but only a folder trusted by name may have rules that
 * allow.
 */
function foldersOf({ stack, codexHome, cwd, environment }: DeriveInput) {
  const dotFolders = stack.layers.flatMap(({ name }) => (name.type === 'project' ? [name.dotCodexFolder] : []));
  const system = environment.systemFolder === null ? [] : [environment.systemFolder];
  const isNamed = (dotFolder: string): boolean => isTrustedByName(stack.trust, dirname(dotFolder));
  return {
    ruleFolders: [
      ...[...system, codexHome].map((folder) => ({ folder, mayAllow: true })),
      ...dotFolders.map((folder) => ({ folder, mayAllow: isNamed(folder) })),
    ],
    trustedFolders: [...stack.trust.keys()].filter((folder) => isTrustedByName(stack.trust, folder)),
    projectFolders: dotFolders.map((folder) => dirname(folder)).reverse(),
    projectRoot: stack.projectRoot ?? cwd,
  };
}

/** Only the user's own file disables skills. */
async function disabledSkillsIn(stack: LayerStack): Promise<readonly string[]> {
  const skills = stack.layers.find(({ name }) => name.type === 'user')?.config.skills;
  const entries = isTable(skills) && Array.isArray(skills.config) ? skills.config : [];
  const paths = entries.flatMap((entry) =>
    isTable(entry) && entry.enabled === false && typeof entry.path === 'string' ? [entry.path] : [],
  );
  return Promise.all(paths.map((path) => realpath(path).catch(() => path)));
}

function accountSettings({ config, analyticsDefault }: DeriveInput, profile: ProfileToml) {
  const workspace = (config.forced_chatgpt_workspace_id ?? '').trim();
  return {
    chatgptBaseUrl: profile.chatgpt_base_url ?? config.chatgpt_base_url ?? DEFAULT_CHATGPT_BASE_URL,
    forcedLoginMethod: config.forced_login_method ?? null,
    forcedChatgptWorkspaceId: workspace === '' ? null : workspace,
    authCredentialsStore: config.cli_auth_credentials_store ?? 'file',
    analyticsEnabled: profile.analytics?.enabled ?? config.analytics?.enabled ?? (analyticsDefault ? true : null),
    feedbackEnabled: config.feedback?.enabled ?? true,
  } as const;
}

function smallSettings(config: ConfigToml) {
  const fallbacks = (config.project_doc_fallback_filenames ?? []).map((name) => name.trim());
  return {
    projectDocMaxBytes: config.project_doc_max_bytes ?? DEFAULT_PROJECT_DOC_MAX_BYTES,
    projectDocFallbackFilenames: fallbacks.filter((name) => name !== ''),
    showRawAgentReasoning: config.show_raw_agent_reasoning ?? false,
    notify: config.notify ?? null,
    fileSearchRanking: config.file_search?.ranking ?? 'path',
    fileSearchMaxIndexedFiles: config.file_search?.max_indexed_files ?? MAX_INDEXED_FILES,
    threadIdleUnloadMs: (config.threads?.idle_unload_minutes ?? DEFAULT_IDLE_UNLOAD_MINUTES) * MS_PER_MINUTE,
  } as const;
}

function legacyInstructionsNotice(config: ConfigToml, profile: ProfileToml): readonly Deprecation[] {
  const used = profile.experimental_instructions_file ?? config.experimental_instructions_file;
  if (used === undefined) return [];
  return [
    {
      summary: '`experimental_instructions_file` is deprecated and ignored. Use `model_instructions_file` instead.',
      details: 'Rename the key in config.toml, at the top or in the profile, for the file to be read.',
    },
  ];
}

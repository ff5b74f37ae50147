/**
 * Limits the settings of a project folder that the user does not trust by name. A command can write to such a folder,
 * so its file gives no rights: a setting is harmless, or counts only if it narrows the layers below, or is ignored.
 * In: a layer's table and the layers below. Out: a reduced table. Pure.
 */
import type { AskForApproval, SandboxMode } from '../protocol/policies.ts';
import type { ConfigToml } from './shape.ts';
import { cloneTable, emptyTable, isTable, type TomlTable, type TomlValue } from './toml.ts';

/**
 * `free`: gives no rights. `narrow`: counts if it narrows. `named`: only a folder trusted by name may set it; this
 * includes names of files that the server reads.
 */
type Power = 'free' | 'narrow' | 'named';

/** Every key of the shape, so that a new one does not compile until it is classified. */
const POWERS = {
  agents: 'free',
  analytics: 'named',
  approval_policy: 'narrow',
  chatgpt_base_url: 'named',
  check_for_update_on_startup: 'free',
  cli_auth_credentials_store: 'named',
  compact_prompt: 'free',
  developer_instructions: 'free',
  disable_paste_burst: 'free',
  experimental_compact_prompt_file: 'named',
  experimental_instructions_file: 'named',
  experimental_use_freeform_apply_patch: 'named',
  experimental_use_unified_exec_tool: 'named',
  features: 'named',
  feedback: 'named',
  file_opener: 'free',
  file_search: 'free',
  forced_chatgpt_workspace_id: 'named',
  forced_login_method: 'named',
  ghost_snapshot: 'free',
  hide_agent_reasoning: 'free',
  history: 'named',
  instructions: 'free',
  mcp_oauth_callback_port: 'named',
  mcp_oauth_credentials_store: 'named',
  mcp_servers: 'named',
  model: 'free',
  model_auto_compact_token_limit: 'free',
  model_context_window: 'free',
  model_instructions_file: 'named',
  model_provider: 'named',
  model_providers: 'named',
  model_reasoning_effort: 'free',
  model_reasoning_summary: 'free',
  model_supports_reasoning_summaries: 'free',
  model_verbosity: 'free',
  notice: 'named',
  notify: 'named',
  oss_provider: 'named',
  otel: 'named',
  personality: 'free',
  profile: 'named',
  profiles: 'named',
  project_doc_fallback_filenames: 'free',
  project_doc_max_bytes: 'free',
  project_root_markers: 'free',
  projects: 'named',
  review_model: 'free',
  sandbox_mode: 'narrow',
  sandbox_workspace_write: 'narrow',
  shell_environment_policy: 'named',
  show_raw_agent_reasoning: 'free',
  skills: 'free',
  suppress_unstable_features_warning: 'free',
  threads: 'free',
  tool_output_token_limit: 'free',
  tools: 'named',
  tui: 'free',
  web_search: 'narrow',
  windows_wsl_setup_acknowledged: 'free',
} as const satisfies Readonly<Record<keyof ConfigToml, Power>>;

/** Narrowest first. */
const SANDBOX_MODES: readonly TomlValue[] = ['read-only', 'workspace-write', 'danger-full-access'];
const APPROVALS: readonly TomlValue[] = ['untrusted', 'on-request', 'on-failure', 'never'];
const WEB_SEARCHES: readonly TomlValue[] = ['disabled', 'cached', 'live'];

/** The default of a confined thread. */
const DEFAULT_WEB_SEARCH = 'cached';

/** Members of `[sandbox_workspace_write]` with the only value that narrows. */
const NARROW_SWITCHES: Readonly<Record<string, boolean>> = {
  network_access: false,
  exclude_tmpdir_env_var: true,
  exclude_slash_tmp: true,
};

/** Lists that narrow only if they are empty. */
const LISTS: readonly string[] = ['writable_roots', 'allowed_unix_sockets'];

export interface DefaultPolicies {
  readonly approvalPolicy: AskForApproval;
  readonly sandboxMode: SandboxMode;
}

export interface LimitedTable {
  readonly config: TomlTable;
  /** Dotted, in the order of the file. */
  readonly ignoredKeys: readonly string[];
}

/**
 * The table without settings that would widen rights beyond `below` (the merged layers under it) and the defaults.
 */
export function limitPowers(table: TomlTable, below: TomlTable, defaults: DefaultPolicies): LimitedTable {
  const config = emptyTable();
  const ignoredKeys: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    const power = isKnown(key) ? POWERS[key] : 'free'; // nothing reads an unknown key
    if (power === 'free' || (power === 'narrow' && isNarrower(key, value, { below, defaults }))) config[key] = value;
    else if (key === 'sandbox_workspace_write' && isTable(value)) ignoredKeys.push(...narrowRoots(config, value));
    else ignoredKeys.push(key);
  }
  return { config: cloneTable(config), ignoredKeys };
}

const isKnown = (key: string): key is keyof typeof POWERS => Object.hasOwn(POWERS, key);

interface Bounds {
  readonly below: TomlTable;
  readonly defaults: DefaultPolicies;
}

/** True also for an equal value. */
function isNarrower(key: string, value: TomlValue, { below, defaults }: Bounds): boolean {
  switch (key) {
    case 'sandbox_mode':
      return isAtMost(value, below[key] ?? defaults.sandboxMode, SANDBOX_MODES);
    case 'approval_policy':
      return isAtMost(value, below[key] ?? defaults.approvalPolicy, APPROVALS);
    case 'web_search':
      return isAtMost(value, below[key] ?? DEFAULT_WEB_SEARCH, WEB_SEARCHES);
    default:
      return false;
  }
}

const isAtMost = (value: TomlValue, border: TomlValue, order: readonly TomlValue[]): boolean =>
  order.includes(value) && order.indexOf(value) <= order.indexOf(border);

/** Adds settings that narrow to `config`; returns the rest. */
function narrowRoots(config: TomlTable, own: TomlTable): readonly string[] {
  const kept = emptyTable();
  const ignoredKeys: string[] = [];
  for (const [key, value] of Object.entries(own)) {
    const isNone = LISTS.includes(key) && Array.isArray(value) && value.length === 0;
    if (isNone || (Object.hasOwn(NARROW_SWITCHES, key) && value === NARROW_SWITCHES[key])) kept[key] = value;
    else ignoredKeys.push(`sandbox_workspace_write.${key}`);
  }
  config.sandbox_workspace_write = kept;
  return ignoredKeys;
}

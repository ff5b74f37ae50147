/** The shape of config.toml, declared once: types, checks and defaults of tables. Keys and rules as of codex app-server 0.94.0. */
import { z } from 'zod';
import {
  flag,
  float,
  int64,
  list,
  map,
  path,
  size,
  table,
  text,
  uint16,
  uint64,
  unknownVariant,
  words,
} from './shape-types.ts';
import { isTable } from './toml.ts';

const approval = words(['untrusted', 'on-failure', 'on-request', 'never']);
const sandboxMode = words(['read-only', 'workspace-write', 'danger-full-access']);
const effort = words(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);
const summary = words(['auto', 'concise', 'detailed', 'none']);
const verbosity = words(['low', 'medium', 'high']);
const webSearch = words(['disabled', 'cached', 'live']);
const personality = words(['friendly', 'pragmatic']);
const features = map(flag);
const analytics = table({ enabled: flag.optional() });

/** Two spellings of one key cannot stand side by side. */
const noTwin =
  (name: string, alias: string) =>
  (value: object, context: z.RefinementCtx): void => {
    const members = new Map(Object.entries(value));
    if (members.get(name) === undefined || members.get(alias) === undefined) return;
    context.addIssue({ code: 'custom', message: `duplicate field \`${name}\`` });
  };

const tools = table({ web_search: flag.optional(), web_search_request: flag.optional(), view_image: flag.optional() });

const ghostSnapshot = table({
  ignore_large_untracked_files: int64.optional(),
  ignore_untracked_files_over_bytes: int64.optional(),
  ignore_large_untracked_dirs: int64.optional(),
  large_untracked_dir_warning_threshold: int64.optional(),
  disable_warnings: flag.optional(),
});

const provider = table({
  name: text,
  base_url: text.optional(),
  env_key: text.optional(),
  env_key_instructions: text.optional(),
  experimental_bearer_token: text.optional(),
  wire_api: words(['responses', 'chat']).optional(),
  query_params: map(text).optional(),
  http_headers: map(text).optional(),
  env_http_headers: map(text).optional(),
  request_max_retries: uint64.optional(),
  stream_max_retries: uint64.optional(),
  stream_idle_timeout_ms: uint64.optional(),
  requires_openai_auth: flag.optional(),
  supports_websockets: flag.optional(),
});

const mcpServer = table({
  command: text.optional(),
  args: list(text).optional(),
  env: map(text).optional(),
  env_vars: list(text).optional(),
  cwd: text.optional(),
  url: text.optional(),
  bearer_token: text.optional(),
  bearer_token_env_var: text.optional(),
  http_headers: map(text).optional(),
  env_http_headers: map(text).optional(),
  startup_timeout_sec: float.optional(),
  startup_timeout_ms: uint64.optional(),
  tool_timeout_sec: float.optional(),
  enabled: flag.optional(),
  enabled_tools: list(text).optional(),
  disabled_tools: list(text).optional(),
  scopes: list(text).optional(),
});

const HTTP_ONLY = ['url', 'bearer_token_env_var', 'bearer_token', 'http_headers', 'env_http_headers'] as const;
const STDIO_ONLY = ['args', 'env', 'env_vars', 'cwd', 'bearer_token'] as const;

/** A server is either a command or an address; keys of the other kind are refused. */
function oneTransport(value: z.infer<typeof mcpServer>, context: z.RefinementCtx): void {
  const refuse = (message: string): void => void context.addIssue({ code: 'custom', message });
  const seconds = [value.startup_timeout_sec, value.tool_timeout_sec].find((it) => it !== undefined && !(it >= 0));
  if (seconds !== undefined) refuse('timeout in seconds must be a number that is not negative');
  if (value.command === undefined && value.url === undefined) {
    refuse('invalid transport');
    return;
  }
  const [kind, refused] = value.command === undefined ? ['streamable_http', STDIO_ONLY] : ['stdio', HTTP_ONLY];
  const wrong = refused.find((key) => value[key] !== undefined);
  if (wrong !== undefined) refuse(`${wrong} is not supported for ${kind}`);
}

const tls = table({
  'ca-certificate': path.optional(),
  'client-certificate': path.optional(),
  'client-private-key': path.optional(),
});
const otlpHttp = table({
  endpoint: text,
  headers: map(text).optional(),
  protocol: words(['binary', 'json']),
  tls: tls.optional(),
});
const otlpGrpc = table({ endpoint: text, headers: map(text).optional(), tls: tls.optional() });
const EXPORTERS = ['none', 'statsig', 'otlp-http', 'otlp-grpc'] as const;

/** A word, or a table with one of two keys that hold the details. */
const exporter = z.unknown().superRefine((value, context) => {
  const refuse = (message: string): void => void context.addIssue({ code: 'custom', message });
  const [kind, ...more] = isTable(value) ? Object.keys(value) : [value];
  if (typeof kind !== 'string') return refuse('wanted string or table');
  if (more.length > 0) return refuse('wanted exactly 1 element, more than 1 element');
  if (!EXPORTERS.some((known) => known === kind)) return refuse(unknownVariant(kind, EXPORTERS));
  if (!isTable(value) || (kind !== 'otlp-http' && kind !== 'otlp-grpc')) return;
  const details = (kind === 'otlp-http' ? otlpHttp : otlpGrpc).safeParse(value[kind]);
  for (const issue of details.error?.issues ?? []) {
    context.addIssue({ code: 'custom', message: issue.message, path: [kind, ...issue.path] });
  }
});

/** Keys that may stand at the top and in `[profiles.X]`, where they win. */
const shared = {
  model: text.optional(),
  model_provider: text.optional(),
  approval_policy: approval.optional(),
  sandbox_mode: sandboxMode.optional(),
  model_reasoning_effort: effort.optional(),
  model_reasoning_summary: summary.optional(),
  model_verbosity: verbosity.optional(),
  personality: personality.optional(),
  model_instructions_file: path.optional(),
  experimental_instructions_file: path.optional(),
  experimental_compact_prompt_file: path.optional(),
  web_search: webSearch.optional(),
  features: features.optional(),
  experimental_use_unified_exec_tool: flag.optional(),
  experimental_use_freeform_apply_patch: flag.optional(),
  chatgpt_base_url: text.optional(),
  analytics: analytics.optional(),
  oss_provider: text.optional(),
};

const profile = table({
  ...shared,
  include_apply_patch_tool: flag.optional(),
  tools_web_search: flag.optional(),
  tools_view_image: flag.optional(),
});

const shellEnvironmentPolicy = table({
  inherit: words(['core', 'all', 'none']).optional(),
  ignore_default_excludes: flag.optional(),
  exclude: list(text).optional(),
  set: map(text).optional(),
  include_only: list(text).optional(),
  experimental_use_profile: flag.optional(),
});

const tui = table({
  notifications: z
    .union([flag, list(text)], { error: 'data did not match any variant of untagged enum Notifications' })
    .optional(),
  animations: flag.optional(),
  show_tooltips: flag.optional(),
});

const notice = table({
  hide_full_access_warning: flag.optional(),
  hide_world_writable_warning: flag.optional(),
  hide_rate_limit_model_nudge: flag.optional(),
  model_migrations: map(text).optional(),
});

export const configToml = table({
  ...shared,
  review_model: text.optional(),
  model_providers: map(provider).optional(),
  model_context_window: int64.optional(),
  model_auto_compact_token_limit: int64.optional(),
  model_supports_reasoning_summaries: flag.optional(),
  instructions: text.optional(),
  developer_instructions: text.optional(),
  compact_prompt: text.optional(),
  sandbox_workspace_write: table({
    writable_roots: list(path).optional(),
    network_access: flag.optional(),
    exclude_tmpdir_env_var: flag.optional(),
    exclude_slash_tmp: flag.optional(),
  }).optional(),
  shell_environment_policy: shellEnvironmentPolicy.optional(),
  tools: tools.superRefine(noTwin('web_search', 'web_search_request')).optional(),
  suppress_unstable_features_warning: flag.optional(),
  profile: text.optional(),
  profiles: map(profile).optional(),
  mcp_servers: map(mcpServer.superRefine(oneTransport)).optional(),
  mcp_oauth_credentials_store: words(['auto', 'file', 'keyring']).optional(),
  mcp_oauth_callback_port: uint16.optional(),
  cli_auth_credentials_store: words(['file', 'keyring', 'auto', 'ephemeral']).optional(),
  forced_login_method: words(['chatgpt', 'api']).optional(),
  forced_chatgpt_workspace_id: text.optional(),
  project_doc_max_bytes: size.optional(),
  project_doc_fallback_filenames: list(text).optional(),
  project_root_markers: list(text).optional(),
  projects: map(table({ trust_level: words(['trusted', 'untrusted']).optional() })).optional(),
  tool_output_token_limit: size.optional(),
  agents: table({ max_threads: size.optional() }).optional(),
  skills: table({ config: list(table({ path, enabled: flag })).optional() }).optional(),
  notify: list(text).optional(),
  show_raw_agent_reasoning: flag.optional(),
  hide_agent_reasoning: flag.optional(),
  ghost_snapshot: ghostSnapshot
    .superRefine(noTwin('ignore_large_untracked_files', 'ignore_untracked_files_over_bytes'))
    .superRefine(noTwin('ignore_large_untracked_dirs', 'large_untracked_dir_warning_threshold'))
    .optional(),
  history: table({ persistence: words(['save-all', 'none']), max_bytes: size.optional() }).optional(),
  feedback: table({ enabled: flag.optional() }).optional(),
  otel: table({
    log_user_prompt: flag.optional(),
    environment: text.optional(),
    exporter: exporter.optional(),
    trace_exporter: exporter.optional(),
  }).optional(),
  tui: tui.optional(),
  notice: notice.optional(),
  file_opener: words(['vscode', 'vscode-insiders', 'windsurf', 'cursor', 'none']).optional(),
  check_for_update_on_startup: flag.optional(),
  disable_paste_burst: flag.optional(),
  windows_wsl_setup_acknowledged: flag.optional(),
  threads: table({ idle_unload_minutes: float.optional() }).optional(),
  file_search: table({ ranking: words(['path', 'fzf']).optional(), max_indexed_files: size.optional() }).optional(),
});

export type ConfigToml = z.infer<typeof configToml>;
export type ProfileToml = z.infer<typeof profile>;
export type ProviderToml = z.infer<typeof provider>;

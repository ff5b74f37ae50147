/**
 * The shape of config.toml, declared once: types, checks and defaults of tables. Keys and rules as of codex
 * app-server 0.94.0.
 */
import * as z from 'zod/mini';
import {
  flag,
  float,
  int64,
  list,
  map,
  optional,
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
const analytics = table({ enabled: optional(flag) });

/** Two spellings of one key must not both be present. */
const noTwin = (name: string, alias: string) =>
  z.superRefine((value: object, context) => {
    const members = new Map(Object.entries(value));
    if (members.get(name) === undefined || members.get(alias) === undefined) return;
    context.addIssue({ code: 'custom', message: `duplicate field \`${name}\`` });
  });

const tools = table({ web_search: optional(flag), web_search_request: optional(flag), view_image: optional(flag) });

const ghostSnapshot = table({
  ignore_large_untracked_files: optional(int64),
  ignore_untracked_files_over_bytes: optional(int64),
  ignore_large_untracked_dirs: optional(int64),
  large_untracked_dir_warning_threshold: optional(int64),
  disable_warnings: optional(flag),
});

const provider = table({
  name: text,
  base_url: optional(text),
  env_key: optional(text),
  env_key_instructions: optional(text),
  experimental_bearer_token: optional(text),
  wire_api: optional(words(['responses', 'chat'])),
  query_params: optional(map(text)),
  http_headers: optional(map(text)),
  env_http_headers: optional(map(text)),
  request_max_retries: optional(uint64),
  stream_max_retries: optional(uint64),
  stream_idle_timeout_ms: optional(uint64),
  requires_openai_auth: optional(flag),
  supports_websockets: optional(flag),
});

const mcpServer = table({
  command: optional(text),
  args: optional(list(text)),
  env: optional(map(text)),
  env_vars: optional(list(text)),
  cwd: optional(text),
  url: optional(text),
  bearer_token: optional(text),
  bearer_token_env_var: optional(text),
  http_headers: optional(map(text)),
  env_http_headers: optional(map(text)),
  startup_timeout_sec: optional(float),
  startup_timeout_ms: optional(uint64),
  tool_timeout_sec: optional(float),
  enabled: optional(flag),
  enabled_tools: optional(list(text)),
  disabled_tools: optional(list(text)),
  scopes: optional(list(text)),
});

const HTTP_ONLY = ['url', 'bearer_token_env_var', 'bearer_token', 'http_headers', 'env_http_headers'] as const;
const STDIO_ONLY = ['args', 'env', 'env_vars', 'cwd', 'bearer_token'] as const;

/** A server is either a command or an address; keys of the other kind are rejected. */
function oneTransport(value: z.infer<typeof mcpServer>, context: z.core.$RefinementCtx): void {
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
  'ca-certificate': optional(path),
  'client-certificate': optional(path),
  'client-private-key': optional(path),
});
const otlpHttp = table({
  endpoint: text,
  headers: optional(map(text)),
  protocol: words(['binary', 'json']),
  tls: optional(tls),
});
const otlpGrpc = table({ endpoint: text, headers: optional(map(text)), tls: optional(tls) });
const EXPORTERS = ['none', 'statsig', 'otlp-http', 'otlp-grpc'] as const;

/** A word, or a table with one of two keys that have the details. */
const exporter = z.unknown().check(
  z.superRefine((value, context) => {
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
  }),
);

/** Keys of the top level and of `[profiles.X]`, where they take precedence. */
const shared = {
  model: optional(text),
  model_provider: optional(text),
  approval_policy: optional(approval),
  sandbox_mode: optional(sandboxMode),
  model_reasoning_effort: optional(effort),
  model_reasoning_summary: optional(summary),
  model_verbosity: optional(verbosity),
  personality: optional(personality),
  model_instructions_file: optional(path),
  experimental_instructions_file: optional(path),
  experimental_compact_prompt_file: optional(path),
  web_search: optional(webSearch),
  features: optional(features),
  experimental_use_unified_exec_tool: optional(flag),
  experimental_use_freeform_apply_patch: optional(flag),
  chatgpt_base_url: optional(text),
  analytics: optional(analytics),
  oss_provider: optional(text),
};

const profile = table({
  ...shared,
  include_apply_patch_tool: optional(flag),
  tools_web_search: optional(flag),
  tools_view_image: optional(flag),
});

const shellEnvironmentPolicy = table({
  inherit: optional(words(['core', 'all', 'none'])),
  ignore_default_excludes: optional(flag),
  exclude: optional(list(text)),
  set: optional(map(text)),
  include_only: optional(list(text)),
  experimental_use_profile: optional(flag),
});

const tui = table({
  notifications: optional(
    z.union([flag, list(text)], { error: 'data did not match any variant of untagged enum Notifications' }),
  ),
  animations: optional(flag),
  show_tooltips: optional(flag),
});

const notice = table({
  hide_full_access_warning: optional(flag),
  hide_world_writable_warning: optional(flag),
  hide_rate_limit_model_nudge: optional(flag),
  model_migrations: optional(map(text)),
});

export const configToml = table({
  ...shared,
  review_model: optional(text),
  model_providers: optional(map(provider)),
  model_context_window: optional(int64),
  model_auto_compact_token_limit: optional(int64),
  model_supports_reasoning_summaries: optional(flag),
  instructions: optional(text),
  developer_instructions: optional(text),
  compact_prompt: optional(text),
  sandbox_workspace_write: optional(
    table({
      writable_roots: optional(list(path)),
      network_access: optional(flag),
      exclude_tmpdir_env_var: optional(flag),
      exclude_slash_tmp: optional(flag),
      allowed_unix_sockets: optional(list(path)), // ours
    }),
  ),
  shell_environment_policy: optional(shellEnvironmentPolicy),
  tools: optional(tools.check(noTwin('web_search', 'web_search_request'))),
  suppress_unstable_features_warning: optional(flag),
  profile: optional(text),
  profiles: optional(map(profile)),
  mcp_servers: optional(map(mcpServer.check(z.superRefine(oneTransport)))),
  mcp_oauth_credentials_store: optional(words(['auto', 'file', 'keyring'])),
  mcp_oauth_callback_port: optional(uint16),
  cli_auth_credentials_store: optional(words(['file', 'keyring', 'auto', 'ephemeral'])),
  forced_login_method: optional(words(['chatgpt', 'api'])),
  forced_chatgpt_workspace_id: optional(text),
  project_doc_max_bytes: optional(size),
  project_doc_fallback_filenames: optional(list(text)),
  project_root_markers: optional(list(text)),
  projects: optional(map(table({ trust_level: optional(words(['trusted', 'untrusted'])) }))),
  tool_output_token_limit: optional(size),
  agents: optional(table({ max_threads: optional(size) })),
  skills: optional(table({ config: optional(list(table({ path, enabled: flag }))) })),
  notify: optional(list(text)),
  show_raw_agent_reasoning: optional(flag),
  hide_agent_reasoning: optional(flag),
  ghost_snapshot: optional(
    ghostSnapshot.check(
      noTwin('ignore_large_untracked_files', 'ignore_untracked_files_over_bytes'),
      noTwin('ignore_large_untracked_dirs', 'large_untracked_dir_warning_threshold'),
    ),
  ),
  history: optional(table({ persistence: words(['save-all', 'none']), max_bytes: optional(size) })),
  feedback: optional(table({ enabled: optional(flag) })),
  otel: optional(
    table({
      log_user_prompt: optional(flag),
      environment: optional(text),
      exporter: optional(exporter),
      trace_exporter: optional(exporter),
    }),
  ),
  tui: optional(tui),
  notice: optional(notice),
  file_opener: optional(words(['vscode', 'vscode-insiders', 'windsurf', 'cursor', 'none'])),
  check_for_update_on_startup: optional(flag),
  disable_paste_burst: optional(flag),
  windows_wsl_setup_acknowledged: optional(flag),
  threads: optional(table({ idle_unload_minutes: optional(float) })),
  file_search: optional(table({ ranking: optional(words(['path', 'fzf'])), max_indexed_files: optional(size) })),
});

export type ConfigToml = z.infer<typeof configToml>;
export type ProfileToml = z.infer<typeof profile>;
export type ProviderToml = z.infer<typeof provider>;

/** Every key of config.toml is judged here: what a folder that nobody has named as trusted may set by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitPowers } from '../../src/config/powers.ts';
import { configToml } from '../../src/config/shape.ts';
import { cloneTable, type TomlTable, type TomlValue } from '../../src/config/toml.ts';

/** Gives a right, or has something read, run or sent: left out whatever its value. */
const POWER: readonly string[] = [
  'analytics',
  'chatgpt_base_url',
  'cli_auth_credentials_store',
  'experimental_compact_prompt_file',
  'experimental_instructions_file',
  'experimental_use_freeform_apply_patch',
  'experimental_use_unified_exec_tool',
  'features',
  'feedback',
  'forced_chatgpt_workspace_id',
  'forced_login_method',
  'history',
  'mcp_oauth_callback_port',
  'mcp_oauth_credentials_store',
  'mcp_servers',
  'model_instructions_file',
  'model_provider',
  'model_providers',
  'notice',
  'notify',
  'oss_provider',
  'otel',
  'profile',
  'profiles',
  'projects',
  'shell_environment_policy',
  'tools',
];

/** Counts as far as it takes rights away: each key with a value that widens and one that narrows. */
const NARROWS: Readonly<Record<string, readonly [wide: TomlValue, narrow: TomlValue]>> = {
  approval_policy: ['never', 'untrusted'],
  sandbox_mode: ['danger-full-access', 'read-only'],
  web_search: ['live', 'disabled'],
};

/** Members of `[sandbox_workspace_write]`, likewise. */
const ROOTS: Readonly<Record<string, readonly [wide: TomlValue, narrow: TomlValue]>> = {
  allowed_unix_sockets: [['/run/docker.sock'], []],
  exclude_slash_tmp: [false, true],
  exclude_tmpdir_env_var: [false, true],
  network_access: [true, false],
  writable_roots: [['/'], []],
};

/** Text, looks, numbers of the model: gives nobody a right. Of a table every member is judged. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  agents: ['max_threads'],
  check_for_update_on_startup: [],
  compact_prompt: [],
  developer_instructions: [],
  disable_paste_burst: [],
  file_opener: [],
  file_search: ['max_indexed_files', 'ranking'],
  ghost_snapshot: [
    'disable_warnings',
    'ignore_large_untracked_dirs',
    'ignore_large_untracked_files',
    'ignore_untracked_files_over_bytes',
    'large_untracked_dir_warning_threshold',
  ],
  hide_agent_reasoning: [],
  instructions: [],
  model: [],
  model_auto_compact_token_limit: [],
  model_context_window: [],
  model_reasoning_effort: [],
  model_reasoning_summary: [],
  model_supports_reasoning_summaries: [],
  model_verbosity: [],
  personality: [],
  project_doc_fallback_filenames: [],
  project_doc_max_bytes: [],
  project_root_markers: [],
  review_model: [],
  show_raw_agent_reasoning: [],
  skills: ['config'],
  suppress_unstable_features_warning: [],
  threads: ['idle_unload_minutes'],
  tool_output_token_limit: [],
  tui: ['animations', 'notifications', 'show_tooltips'],
  windows_wsl_setup_acknowledged: [],
};

/** Members of a table's declaration, through what makes it optional; none for anything else. */
function membersOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { _zod } = schema as { _zod: { def: { shape?: Record<string, unknown>; innerType?: unknown } } };
  if (_zod.def.innerType !== undefined) return membersOf(_zod.def.innerType);
  return _zod.def.shape ?? {};
}

const KEYS = membersOf(configToml);
const DEFAULTS = { approvalPolicy: 'on-request', sandboxMode: 'workspace-write' } as const;
const limited = (key: string, value: TomlValue) => {
  const table: TomlTable = { [key]: value };
  const { config, ignoredKeys } = limitPowers(cloneTable(table), {}, DEFAULTS);
  return { config: structuredClone(config), ignoredKeys };
};

test('every key of the configuration is judged once', () => {
  const judged = [...POWER, ...Object.keys(NARROWS), ...Object.keys(TEXT), 'sandbox_workspace_write'];
  assert.deepEqual(judged.toSorted(), Object.keys(KEYS).toSorted());
  for (const [key, members] of Object.entries(TEXT)) {
    assert.deepEqual(Object.keys(membersOf(KEYS[key])).toSorted(), members, key);
  }
  assert.deepEqual(Object.keys(membersOf(KEYS.sandbox_workspace_write)).toSorted(), Object.keys(ROOTS));
});

test('keys that give rights are left out, whatever their value', () => {
  for (const key of POWER) {
    for (const value of ['x', true, 1, [], ['x'], {}, { x: { y: 'z' } }]) {
      assert.deepEqual(limited(key, value), { config: {}, ignoredKeys: [key] }, key);
    }
  }
});

test('keys that may narrow count only when they do', () => {
  for (const [key, [wide, narrow]] of Object.entries(NARROWS)) {
    assert.deepEqual(limited(key, wide).ignoredKeys, [key]);
    assert.deepEqual(limited(key, narrow), { config: { [key]: narrow }, ignoredKeys: [] });
    for (const value of [true, 1, [], {}, 'unheard-of', [narrow]])
      assert.deepEqual(limited(key, value).ignoredKeys, [key]);
  }
  for (const [member, [wide, narrow]] of Object.entries(ROOTS)) {
    const key = 'sandbox_workspace_write';
    assert.deepEqual(limited(key, { [member]: wide }).ignoredKeys, [`${key}.${member}`]);
    assert.deepEqual(limited(key, { [member]: narrow }), { config: { [key]: { [member]: narrow } }, ignoredKeys: [] });
  }
  // What a later version may add there is a right until it is judged.
  const later = limited('sandbox_workspace_write', { allowed_unix_sockets: ['/var/run/docker.sock'] });
  assert.deepEqual(later.ignoredKeys, ['sandbox_workspace_write.allowed_unix_sockets']);
});

test('all else counts as it is', () => {
  for (const key of Object.keys(TEXT))
    assert.deepEqual(limited(key, 'x'), { config: { [key]: 'x' }, ignoredKeys: [] }, key);
});

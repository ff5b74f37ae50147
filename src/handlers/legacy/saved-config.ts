/** The configuration that the user has saved, as the older protocol shows it. */
import { ConfigError } from '../../config/errors.ts';
import { loadSavedConfig, type SavedConfigSource } from '../../config/saved.ts';
import type { ConfigToml, ProfileToml } from '../../config/shape.ts';
import type { Profile, SandboxSettings, Tools, UserSavedConfig } from '../../protocol/legacy/misc.ts';
import { internalError } from '../../rpc/errors.ts';
import { defineHandlers } from '../define.ts';

export interface SavedConfigDeps {
  readonly savedConfig: SavedConfigSource;
}

export function savedConfigHandlers({ savedConfig }: SavedConfigDeps) {
  return defineHandlers({
    getUserSavedConfig: async () => {
      try {
        return { config: shown(await loadSavedConfig(savedConfig)) };
      } catch (error) {
        throw error instanceof ConfigError ? internalError(error.message) : error;
      }
    },
  });
}

const shown = (saved: ConfigToml): UserSavedConfig => ({
  approvalPolicy: saved.approval_policy ?? null,
  sandboxMode: saved.sandbox_mode ?? null,
  sandboxSettings: saved.sandbox_workspace_write === undefined ? null : sandboxOf(saved.sandbox_workspace_write),
  forcedChatgptWorkspaceId: saved.forced_chatgpt_workspace_id ?? null,
  forcedLoginMethod: saved.forced_login_method ?? null,
  model: saved.model ?? null,
  modelReasoningEffort: saved.model_reasoning_effort ?? null,
  modelReasoningSummary: saved.model_reasoning_summary ?? null,
  modelVerbosity: saved.model_verbosity ?? null,
  tools: saved.tools === undefined ? null : toolsOf(saved.tools),
  profile: saved.profile ?? null,
  profiles: Object.fromEntries(
    Object.entries(saved.profiles ?? {}).map(([name, profile]) => [name, profileOf(profile)]),
  ),
});

/** A table that is there at all shows what holds when its keys are not. */
const sandboxOf = (table: NonNullable<ConfigToml['sandbox_workspace_write']>): SandboxSettings => ({
  writableRoots: table.writable_roots ?? [],
  networkAccess: table.network_access ?? false,
  excludeTmpdirEnvVar: table.exclude_tmpdir_env_var ?? false,
  excludeSlashTmp: table.exclude_slash_tmp ?? false,
});

const toolsOf = (table: NonNullable<ConfigToml['tools']>): Tools => ({
  webSearch: table.web_search ?? table.web_search_request ?? null,
  viewImage: table.view_image ?? null,
});

const profileOf = (profile: ProfileToml): Profile => ({
  model: profile.model ?? null,
  modelProvider: profile.model_provider ?? null,
  approvalPolicy: profile.approval_policy ?? null,
  modelReasoningEffort: profile.model_reasoning_effort ?? null,
  modelReasoningSummary: profile.model_reasoning_summary ?? null,
  modelVerbosity: profile.model_verbosity ?? null,
  chatgptBaseUrl: profile.chatgpt_base_url ?? null,
});

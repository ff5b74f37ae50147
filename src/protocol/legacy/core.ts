/** Types whose names exist twice on the wire: here as the events and generation one spell them. */
import { ByteRange } from '../items.ts';
import { AbsolutePathBuf, NetworkAccess } from '../policies.ts';
import * as t from '../schema/types.ts';
import { SkillDependencies, SkillErrorInfo, SkillScope } from '../skills.ts';
import { SubAgentSource } from '../threads.ts';
import { PlanType } from '../usage.ts';

/** How far commands are confined. */
export const SandboxPolicy = t.tagged('core/SandboxPolicy', 'type', {
  'danger-full-access': {},
  'read-only': {},
  'external-sandbox': { network_access: t.withDefault(NetworkAccess, 'restricted') },
  'workspace-write': {
    /** Folders that commands may write to, in addition to the working folder. */
    writable_roots: t.orEmpty(t.list(AbsolutePathBuf), []),
    network_access: t.withDefault(t.boolean, false),
    exclude_tmpdir_env_var: t.withDefault(t.boolean, false),
    exclude_slash_tmp: t.withDefault(t.boolean, false),
  },
});
export type SandboxPolicy = t.Infer<typeof SandboxPolicy>;

/** A part of the user's text that a client shows specially. */
export const TextElement = t.struct('core/TextElement', { byte_range: ByteRange, placeholder: t.orNull(t.string) });
export type TextElement = t.Infer<typeof TextElement>;

/** One part of what the user sends. */
export const UserInput = t.tagged('core/UserInput', 'type', {
  text: { text: t.string, text_elements: t.withDefault(t.list(TextElement), []) },
  image: { image_url: t.string },
  local_image: { path: t.string },
  skill: { name: t.string, path: t.string },
  mention: { name: t.string, path: t.string },
});
export type UserInput = t.Infer<typeof UserInput>;

/** The kind of an error, for programs. */
export const CodexErrorInfo = t.external('core/CodexErrorInfo', {
  context_window_exceeded: t.unit,
  usage_limit_exceeded: t.unit,
  model_cap: t.part({ model: t.string, reset_after_seconds: t.orNull(t.uint64) }),
  http_connection_failed: t.part({ http_status_code: t.orNull(t.uint16) }),
  response_stream_connection_failed: t.part({ http_status_code: t.orNull(t.uint16) }),
  internal_server_error: t.unit,
  unauthorized: t.unit,
  bad_request: t.unit,
  sandbox_error: t.unit,
  response_stream_disconnected: t.part({ http_status_code: t.orNull(t.uint16) }),
  response_too_many_failed_attempts: t.part({ http_status_code: t.orNull(t.uint16) }),
  thread_rollback_failed: t.unit,
  other: t.unit,
});
export type CodexErrorInfo = t.Infer<typeof CodexErrorInfo>;

/** The kind of program that started a thread. */
export const SessionSource = t.external('core/SessionSource', {
  cli: t.unit,
  vscode: t.unit,
  exec: t.unit,
  mcp: t.unit,
  subagent: SubAgentSource,
  unknown: t.unit,
});
export type SessionSource = t.Infer<typeof SessionSource>;

/** How a client shows a skill. */
export const SkillInterface = t.struct('core/SkillInterface', {
  display_name: t.opt(t.string),
  short_description: t.opt(t.string),
  icon_small: t.opt(t.string),
  icon_large: t.opt(t.string),
  brand_color: t.opt(t.string),
  default_prompt: t.opt(t.string),
});
export type SkillInterface = t.Infer<typeof SkillInterface>;

/** A skill without its instructions. */
export const SkillMetadata = t.struct('core/SkillMetadata', {
  name: t.string,
  description: t.string,
  short_description: t.opt(t.string),
  interface: t.opt(SkillInterface),
  dependencies: t.opt(SkillDependencies),
  path: t.string,
  scope: SkillScope,
  enabled: t.boolean,
});
export type SkillMetadata = t.Infer<typeof SkillMetadata>;

/** The skills that apply in one folder. */
export const SkillsListEntry = t.struct('core/SkillsListEntry', {
  cwd: t.string,
  skills: t.list(SkillMetadata),
  errors: t.list(SkillErrorInfo),
});
export type SkillsListEntry = t.Infer<typeof SkillsListEntry>;

/** How the server is logged in to an MCP server. */
export const McpAuthStatus = t.words('core/McpAuthStatus', ['unsupported', 'not_logged_in', 'bearer_token', 'o_auth']);
export type McpAuthStatus = t.Infer<typeof McpAuthStatus>;

/** Credits of an account. */
export const CreditsSnapshot = t.struct('core/CreditsSnapshot', {
  has_credits: t.boolean,
  unlimited: t.boolean,
  /** A decimal number as text. */
  balance: t.orNull(t.string),
});
export type CreditsSnapshot = t.Infer<typeof CreditsSnapshot>;

/** How much of a rate limit is used. */
export const RateLimitWindow = t.struct('core/RateLimitWindow', {
  used_percent: t.double,
  window_minutes: t.orNull(t.int64),
  /** Seconds since 1970. */
  resets_at: t.orNull(t.int64),
});
export type RateLimitWindow = t.Infer<typeof RateLimitWindow>;

/** Rate limits of an account at one moment. */
export const RateLimitSnapshot = t.struct('core/RateLimitSnapshot', {
  primary: t.orNull(RateLimitWindow),
  secondary: t.orNull(RateLimitWindow),
  credits: t.orNull(CreditsSnapshot),
  plan_type: t.orNull(PlanType),
});
export type RateLimitSnapshot = t.Infer<typeof RateLimitSnapshot>;

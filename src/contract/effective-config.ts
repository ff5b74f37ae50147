/**
 * The configuration of one thread with every layer, profile and request override applied: plain data that can be sent
 * to a shard. Created by `load.ts` and immutable; a running thread keeps the one it started with.
 */
import type {
  AskForApproval,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  SandboxPolicy,
  Verbosity,
  WebSearchMode,
} from '../protocol/policies.ts';
import type { FeatureName } from './feature-names.ts';

/** One model provider with defaults. `baseUrl` null: the built-in address, which depends on the login. */
export interface ProviderConfig {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string | null;
  readonly wireApi: 'responses' | 'chat';
  readonly envKey: string | null;
  readonly envKeyInstructions: string | null;
  readonly bearerToken: string | null;
  readonly requiresOpenaiAuth: boolean;
  readonly queryParams: Readonly<Record<string, string>>;
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** Header name -> name of the environment variable with its value. */
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  /** True for the definitions that ship with the server, which users cannot replace. */
  readonly isBuiltIn: boolean;
}

/** `[shell_environment_policy]`: the server's variables that a command gets. */
export interface ShellEnvironmentPolicy {
  readonly inherit: 'all' | 'core' | 'none';
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

/**
 * Variables with credentials for providers and MCP servers, and those that the user wants commands to get
 * nevertheless.
 */
export interface SecretVariableNames {
  readonly hidden: readonly string[];
  readonly revealed: readonly string[];
}

/** `mayAllow` false: rules in it that allow commands do not count, because a command may have written them. */
export interface RuleFolder {
  readonly folder: string;
  readonly mayAllow: boolean;
}

/** A notice to the client about a deprecated key that is still supported. */
export interface Deprecation {
  readonly summary: string;
  readonly details: string | null;
}

export interface EffectiveConfig {
  readonly codexHome: string;
  /** Folders whose logins no tool and no project may read; real paths. */
  readonly stateFolders: readonly string[];
  readonly cwd: string;
  readonly model: string | null;
  readonly reviewModel: string | null;
  readonly provider: ProviderConfig;
  readonly approvalPolicy: AskForApproval;
  readonly sandboxPolicy: SandboxPolicy;
  /** Sockets of other programs, or folders of them, that confined commands with network access may connect to. */
  readonly allowedUnixSockets: readonly string[];
  /** The administrator's restrictions: they also apply to settings of a turn. */
  readonly requirements: Requirements;
  readonly reasoningEffort: ReasoningEffort | null;
  readonly reasoningSummary: ReasoningSummary;
  readonly verbosity: Verbosity | null;
  readonly personality: Personality;
  /** Overrides of the model catalogue. */
  readonly modelOverrides: {
    readonly contextWindow: number | null;
    readonly autoCompactTokenLimit: number | null;
    readonly toolOutputTokenLimit: number | null;
    readonly supportsReasoningSummaries: boolean | null;
  };
  /** Contents of `model_instructions_file`, or the request's text; null: the model's own. */
  readonly baseInstructions: string | null;
  readonly developerInstructions: string | null;
  readonly compactPrompt: string | null;
  readonly projectDocMaxBytes: number;
  readonly projectDocFallbackFilenames: readonly string[];
  readonly shellEnvironmentPolicy: ShellEnvironmentPolicy;
  readonly secretVariables: SecretVariableNames;
  /** null: decided per turn by the sandbox policy. */
  readonly webSearch: WebSearchMode | null;
  readonly features: Readonly<Record<FeatureName, boolean>>;
  readonly showRawAgentReasoning: boolean;
  readonly notify: readonly string[] | null;
  /** Folders that may have `rules/*.rules`, lowest precedence first. */
  readonly ruleFolders: readonly RuleFolder[];
  /** Folders that the user's configuration trusts by name, as it spells them. */
  readonly trustedFolders: readonly string[];
  /** Project folders with a `.codex` directory, nearest to the cwd first; they are searched for skills. */
  readonly projectFolders: readonly string[];
  readonly projectRoot: string;
  /** Whether the user trusts the project: files that it names may then be outside of it. */
  readonly isProjectTrusted: boolean;
  /** Canonical SKILL.md paths that the user disabled. */
  readonly disabledSkills: readonly string[];
  readonly fileSearchRanking: 'path' | 'fzf';
  /** Maximum number of files in all file search indexes together; every search walks a larger tree. */
  readonly fileSearchMaxIndexedFiles: number;
  readonly threadIdleUnloadMs: number;
  readonly chatgptBaseUrl: string;
  readonly forcedLoginMethod: 'chatgpt' | 'api' | null;
  readonly forcedChatgptWorkspaceId: string | null;
  readonly authCredentialsStore: 'file' | 'keyring' | 'auto' | 'ephemeral';
  readonly analyticsEnabled: boolean | null;
  readonly feedbackEnabled: boolean;
  readonly deprecations: readonly Deprecation[];
  /** Features under development that the user enabled, for one warning at thread start. */
  readonly unstableFeatures: readonly string[];
}

export type AllowedSandbox = SandboxMode | 'external-sandbox';

export interface Allowed<T> {
  readonly values: readonly T[];
  readonly setBy: string;
}

/** null for fields without a restriction. */
export interface Requirements {
  readonly approvalPolicies: Allowed<AskForApproval> | null;
  readonly sandboxModes: Allowed<AllowedSandbox> | null;
  /** Rules about commands, with precedence over all others. */
  readonly rules: readonly RequiredRule[];
  /** Whether any source has content, including settings that are not represented here. */
  readonly present: boolean;
}

/** Each position of the pattern has the words that match there. */
export interface RequiredRule {
  readonly pattern: readonly (readonly string[])[];
  readonly decision: 'prompt' | 'forbidden';
  readonly justification: string | null;
}

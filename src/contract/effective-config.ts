/**
 * The configuration of one thread after every layer, profile and request override was applied: plain data, so that it
 * can cross to a shard. Produced by `load.ts`, never changed afterwards; a running thread keeps the one it started with.
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

/** One model provider, defaults filled in. `baseUrl` null: the built-in address, which depends on the login. */
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
  /** Header name -> name of the environment variable that holds its value. */
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  /** True for the definitions that ship with the server, which users cannot replace. */
  readonly isBuiltIn: boolean;
}

/** `[shell_environment_policy]`: which of the server's variables a command sees. */
export interface ShellEnvironmentPolicy {
  readonly inherit: 'all' | 'core' | 'none';
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

/** Variables that hold what providers and servers of tools are sent, and those that the user wants commands to have all the same. */
export interface SecretVariableNames {
  readonly hidden: readonly string[];
  readonly revealed: readonly string[];
}

/** `mayAllow` false: rules in it that allow commands do not count, for a command may have written them. */
export interface RuleFolder {
  readonly folder: string;
  readonly mayAllow: boolean;
}

/** A notice to the client about an old key that is still honoured. */
export interface Deprecation {
  readonly summary: string;
  readonly details: string | null;
}

export interface EffectiveConfig {
  readonly codexHome: string;
  /** Folders whose logins no tool and no project gets to see; without links. */
  readonly stateFolders: readonly string[];
  readonly cwd: string;
  readonly model: string | null;
  readonly reviewModel: string | null;
  readonly provider: ProviderConfig;
  readonly approvalPolicy: AskForApproval;
  readonly sandboxPolicy: SandboxPolicy;
  /** Sockets of other programs, or folders of them, that confined commands with network access may connect to. */
  readonly allowedUnixSockets: readonly string[];
  /** What the administrator allows: it holds for what turns bring along too. */
  readonly requirements: Requirements;
  readonly reasoningEffort: ReasoningEffort | null;
  readonly reasoningSummary: ReasoningSummary;
  readonly verbosity: Verbosity | null;
  readonly personality: Personality;
  /** Overrides of what the model catalogue says. */
  readonly modelOverrides: {
    readonly contextWindow: number | null;
    readonly autoCompactTokenLimit: number | null;
    readonly toolOutputTokenLimit: number | null;
    readonly supportsReasoningSummaries: boolean | null;
  };
  /** Contents of `model_instructions_file`, or what the request gave; null: the model's own. */
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
  /** Folders that may hold `rules/*.rules`, lowest precedence first. */
  readonly ruleFolders: readonly RuleFolder[];
  /** Folders that the user's configuration names as trusted, as it spells them. */
  readonly trustedFolders: readonly string[];
  /** Project folders with a `.codex` directory, nearest to the cwd first: where skills are looked for. */
  readonly projectFolders: readonly string[];
  readonly projectRoot: string;
  /** Whether the user trusts the project: what it has the server read may lead out of it. */
  readonly isProjectTrusted: boolean;
  /** Canonical SKILL.md paths that the user switched off. */
  readonly disabledSkills: readonly string[];
  readonly fileSearchRanking: 'path' | 'fzf';
  /** Most files in all indexes of file search together; a larger tree is walked by every search. */
  readonly fileSearchMaxIndexedFiles: number;
  readonly threadIdleUnloadMs: number;
  readonly chatgptBaseUrl: string;
  readonly forcedLoginMethod: 'chatgpt' | 'api' | null;
  readonly forcedChatgptWorkspaceId: string | null;
  readonly authCredentialsStore: 'file' | 'keyring' | 'auto' | 'ephemeral';
  readonly analyticsEnabled: boolean | null;
  readonly feedbackEnabled: boolean;
  readonly deprecations: readonly Deprecation[];
  /** Features under development that the user switched on, for one warning at thread start. */
  readonly unstableFeatures: readonly string[];
}

export type AllowedSandbox = SandboxMode | 'external-sandbox';

export interface Allowed<T> {
  readonly values: readonly T[];
  readonly setBy: string;
}

/** null where nothing is required. */
export interface Requirements {
  readonly approvalPolicies: Allowed<AskForApproval> | null;
  readonly sandboxModes: Allowed<AllowedSandbox> | null;
  /** Rules about commands, whatever other rules say. */
  readonly rules: readonly RequiredRule[];
  /** Whether any source says anything at all, also of what is not held here. */
  readonly present: boolean;
}

/** Each position of the pattern holds the words that match there. */
export interface RequiredRule {
  readonly pattern: readonly (readonly string[])[];
  readonly decision: 'prompt' | 'forbidden';
  readonly justification: string | null;
}

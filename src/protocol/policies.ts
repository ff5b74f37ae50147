/** What a thread may do without asking, and how the model works: shared by thread, turn and command methods. */
import { absolutePathProblem } from './schema/texts.ts';
import * as t from './schema/types.ts';

/** When commands and patches need the user's approval. */
export const AskForApproval = t.words('AskForApproval', ['untrusted', 'on-failure', 'on-request', 'never']);
export type AskForApproval = t.Infer<typeof AskForApproval>;

/** How far commands are confined, without details. */
export const SandboxMode = t.words('SandboxMode', ['read-only', 'workspace-write', 'danger-full-access']);
export type SandboxMode = t.Infer<typeof SandboxMode>;

/** Whether commands can reach the network. */
export const NetworkAccess = t.words('NetworkAccess', ['restricted', 'enabled']);
export type NetworkAccess = t.Infer<typeof NetworkAccess>;

/** An absolute path. */
export const AbsolutePathBuf = t.alias('AbsolutePathBuf', t.textWith(absolutePathProblem, 'path string'));
export type AbsolutePathBuf = t.Infer<typeof AbsolutePathBuf>;

/** How far commands are confined. */
export const SandboxPolicy = t.tagged('SandboxPolicy', 'type', {
  /** Commands are not confined. */
  dangerFullAccess: {},
  readOnly: {},
  /** The whole server runs in a sandbox of somebody else. */
  externalSandbox: { networkAccess: t.withDefault(NetworkAccess, 'restricted') },
  workspaceWrite: {
    /** Folders that commands may write to, in addition to the working folder. */
    writableRoots: t.withDefault(t.list(AbsolutePathBuf), []),
    networkAccess: t.withDefault(t.boolean, false),
    /** Keeps the folder that TMPDIR names read-only. */
    excludeTmpdirEnvVar: t.withDefault(t.boolean, false),
    /** Keeps `/tmp` read-only. */
    excludeSlashTmp: t.withDefault(t.boolean, false),
  },
});
export type SandboxPolicy = t.Infer<typeof SandboxPolicy>;

/** How long the model thinks before it answers. */
export const ReasoningEffort = t.words('ReasoningEffort', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);
export type ReasoningEffort = t.Infer<typeof ReasoningEffort>;

/** How detailed the summary of the model's reasoning is. */
export const ReasoningSummary = t.words('ReasoningSummary', ['auto', 'concise', 'detailed', 'none']);
export type ReasoningSummary = t.Infer<typeof ReasoningSummary>;

/** How long the model's answers are. */
export const Verbosity = t.words('Verbosity', ['low', 'medium', 'high']);
export type Verbosity = t.Infer<typeof Verbosity>;

/** The tone of the model. */
export const Personality = t.words('Personality', ['friendly', 'pragmatic']);
export type Personality = t.Infer<typeof Personality>;

/** How the model works with the user. */
export const ModeKind = t.words('ModeKind', ['plan', 'code', 'pair_programming', 'execute', 'custom']);
export type ModeKind = t.Infer<typeof ModeKind>;

/** What a collaboration mode sets. */
export const Settings = t.struct('Settings', {
  model: t.string,
  reasoning_effort: t.orNull(ReasoningEffort),
  developer_instructions: t.orNull(t.string),
});
export type Settings = t.Infer<typeof Settings>;

/** A way of working with its settings; it wins over `model` and `effort`. */
export const CollaborationMode = t.struct('CollaborationMode', { mode: ModeKind, settings: Settings });
export type CollaborationMode = t.Infer<typeof CollaborationMode>;

/** Whether the model searches the web, and whether it sees live or cached pages. */
export const WebSearchMode = t.words('WebSearchMode', ['disabled', 'cached', 'live']);
export type WebSearchMode = t.Infer<typeof WebSearchMode>;

/** The only way to log in that the configuration allows. */
export const ForcedLoginMethod = t.words('ForcedLoginMethod', ['chatgpt', 'api']);
export type ForcedLoginMethod = t.Infer<typeof ForcedLoginMethod>;

/** What a thread may do without asking, and how the model works: shared by thread, turn and command methods. */
import { absolutePathProblem } from './schema/texts.ts';
import * as t from './schema/types.ts';

export const AskForApproval = t.words('AskForApproval', ['untrusted', 'on-failure', 'on-request', 'never']);
export type AskForApproval = t.Infer<typeof AskForApproval>;

export const SandboxMode = t.words('SandboxMode', ['read-only', 'workspace-write', 'danger-full-access']);
export type SandboxMode = t.Infer<typeof SandboxMode>;

export const NetworkAccess = t.words('NetworkAccess', ['restricted', 'enabled']);
export type NetworkAccess = t.Infer<typeof NetworkAccess>;

export const AbsolutePathBuf = t.alias('AbsolutePathBuf', t.textWith(absolutePathProblem, 'path string'));
export type AbsolutePathBuf = t.Infer<typeof AbsolutePathBuf>;

export const SandboxPolicy = t.tagged('SandboxPolicy', 'type', {
  dangerFullAccess: {},
  readOnly: {},
  externalSandbox: { networkAccess: t.withDefault(NetworkAccess, 'restricted') },
  workspaceWrite: {
    writableRoots: t.withDefault(t.list(AbsolutePathBuf), []),
    networkAccess: t.withDefault(t.boolean, false),
    excludeTmpdirEnvVar: t.withDefault(t.boolean, false),
    excludeSlashTmp: t.withDefault(t.boolean, false),
  },
});
export type SandboxPolicy = t.Infer<typeof SandboxPolicy>;

export const ReasoningEffort = t.words('ReasoningEffort', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);
export type ReasoningEffort = t.Infer<typeof ReasoningEffort>;

export const ReasoningSummary = t.words('ReasoningSummary', ['auto', 'concise', 'detailed', 'none']);
export type ReasoningSummary = t.Infer<typeof ReasoningSummary>;

export const Verbosity = t.words('Verbosity', ['low', 'medium', 'high']);
export type Verbosity = t.Infer<typeof Verbosity>;

export const Personality = t.words('Personality', ['friendly', 'pragmatic']);
export type Personality = t.Infer<typeof Personality>;

export const ModeKind = t.words('ModeKind', ['plan', 'code', 'pair_programming', 'execute', 'custom']);
export type ModeKind = t.Infer<typeof ModeKind>;

export const Settings = t.struct('Settings', {
  model: t.string,
  reasoning_effort: t.orNull(ReasoningEffort),
  developer_instructions: t.orNull(t.string),
});
export type Settings = t.Infer<typeof Settings>;

export const CollaborationMode = t.struct('CollaborationMode', { mode: ModeKind, settings: Settings });
export type CollaborationMode = t.Infer<typeof CollaborationMode>;

export const WebSearchMode = t.words('WebSearchMode', ['disabled', 'cached', 'live']);
export type WebSearchMode = t.Infer<typeof WebSearchMode>;

export const ForcedLoginMethod = t.words('ForcedLoginMethod', ['chatgpt', 'api']);
export type ForcedLoginMethod = t.Infer<typeof ForcedLoginMethod>;

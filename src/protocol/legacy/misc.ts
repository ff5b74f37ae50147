/** Git diff, saved configuration, user agent and single commands, generation one. */
import { request } from '../define.ts';
import {
  AbsolutePathBuf,
  AskForApproval,
  ForcedLoginMethod,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  Verbosity,
} from '../policies.ts';
import * as t from '../schema/types.ts';
import { SandboxPolicy } from './core.ts';

/** The id of a commit. */
export const GitSha = t.alias(
  'GitSha',
  t.textWith(() => undefined),
);
export type GitSha = t.Infer<typeof GitSha>;

/** Params of `gitDiffToRemote`. */
export const GitDiffToRemoteParams = t.struct('GitDiffToRemoteParams', { cwd: t.path });
export type GitDiffToRemoteParams = t.Infer<typeof GitDiffToRemoteParams>;

/** Answers `gitDiffToRemote`. */
export const GitDiffToRemoteResponse = t.struct('GitDiffToRemoteResponse', {
  /** The newest commit that the remote has, too. */
  sha: GitSha,
  diff: t.string,
});
export type GitDiffToRemoteResponse = t.Infer<typeof GitDiffToRemoteResponse>;

/** One profile of the configuration. */
export const Profile = t.struct('Profile', {
  model: t.orNull(t.string),
  modelProvider: t.orNull(t.string),
  approvalPolicy: t.orNull(AskForApproval),
  modelReasoningEffort: t.orNull(ReasoningEffort),
  modelReasoningSummary: t.orNull(ReasoningSummary),
  modelVerbosity: t.orNull(Verbosity),
  chatgptBaseUrl: t.orNull(t.string),
});
export type Profile = t.Infer<typeof Profile>;

/** The `sandbox_workspace_write` table. */
export const SandboxSettings = t.struct('SandboxSettings', {
  writableRoots: t.withDefault(t.list(AbsolutePathBuf), []),
  networkAccess: t.orNull(t.boolean),
  excludeTmpdirEnvVar: t.orNull(t.boolean),
  excludeSlashTmp: t.orNull(t.boolean),
});
export type SandboxSettings = t.Infer<typeof SandboxSettings>;

/** The `tools` table. */
export const Tools = t.struct('Tools', { webSearch: t.orNull(t.boolean), viewImage: t.orNull(t.boolean) });
export type Tools = t.Infer<typeof Tools>;

/** The user's configuration file. */
export const UserSavedConfig = t.struct('UserSavedConfig', {
  approvalPolicy: t.orNull(AskForApproval),
  sandboxMode: t.orNull(SandboxMode),
  sandboxSettings: t.orNull(SandboxSettings),
  forcedChatgptWorkspaceId: t.orNull(t.string),
  forcedLoginMethod: t.orNull(ForcedLoginMethod),
  model: t.orNull(t.string),
  modelReasoningEffort: t.orNull(ReasoningEffort),
  modelReasoningSummary: t.orNull(ReasoningSummary),
  modelVerbosity: t.orNull(Verbosity),
  tools: t.orNull(Tools),
  profile: t.orNull(t.string),
  /** Profiles by name. */
  profiles: t.mapOf(Profile),
});
export type UserSavedConfig = t.Infer<typeof UserSavedConfig>;

/** Answers `getUserSavedConfig`. */
export const GetUserSavedConfigResponse = t.struct('GetUserSavedConfigResponse', { config: UserSavedConfig });
export type GetUserSavedConfigResponse = t.Infer<typeof GetUserSavedConfigResponse>;

/** Params of `setDefaultModel`. */
export const SetDefaultModelParams = t.struct('SetDefaultModelParams', {
  model: t.opt(t.string),
  reasoningEffort: t.opt(ReasoningEffort),
});
export type SetDefaultModelParams = t.Infer<typeof SetDefaultModelParams>;

/** Answers `setDefaultModel`; it has no members. */
export const SetDefaultModelResponse = t.struct('SetDefaultModelResponse', {});
export type SetDefaultModelResponse = t.Infer<typeof SetDefaultModelResponse>;

/** Answers `getUserAgent`. */
export const GetUserAgentResponse = t.struct('GetUserAgentResponse', { userAgent: t.string });
export type GetUserAgentResponse = t.Infer<typeof GetUserAgentResponse>;

/** A command to run outside any conversation. */
export const ExecOneOffCommandParams = t.struct('ExecOneOffCommandParams', {
  /** The program and its arguments; no shell reads them. */
  command: t.list(t.string),
  timeoutMs: t.opt(t.uint64),
  cwd: t.opt(t.path),
  sandboxPolicy: t.opt(SandboxPolicy),
});
export type ExecOneOffCommandParams = t.Infer<typeof ExecOneOffCommandParams>;

/** Answers `execOneOffCommand` after the command has ended. */
export const ExecOneOffCommandResponse = t.struct('ExecOneOffCommandResponse', {
  exitCode: t.int32,
  stdout: t.string,
  stderr: t.string,
});
export type ExecOneOffCommandResponse = t.Infer<typeof ExecOneOffCommandResponse>;

/** Messages of the first generation about settings and single commands. */
export const legacyMiscMessages = [
  /** Compares the work tree with the remote branch. */
  request('gitDiffToRemote', GitDiffToRemoteParams, GitDiffToRemoteResponse, {
    folder: 'v1',
  }),
  /** Reads the user's configuration file. */
  request('getUserSavedConfig', null, GetUserSavedConfigResponse, { folder: 'v1' }),
  /** Writes the default model to the user's configuration file. */
  request('setDefaultModel', SetDefaultModelParams, SetDefaultModelResponse, {
    folder: 'v1',
  }),
  /** Reads the user agent that requests to the model service carry. */
  request('getUserAgent', null, GetUserAgentResponse, { folder: 'v1' }),
  /** Runs one command and waits for its end. */
  request('execOneOffCommand', ExecOneOffCommandParams, ExecOneOffCommandResponse, {
    folder: 'v1',
  }),
] as const;

/** Leave for commands and patches, as threads with a generation-one listener ask for it. */
import { serverRequest } from '../define.ts';
import * as t from '../schema/types.ts';
import { ThreadId } from '../threads.ts';

/** What a patch does to one file. */
export const FileChange = t.tagged('FileChange', 'type', {
  add: { content: t.string },
  delete: { content: t.string },
  update: {
    unified_diff: t.string,
    /** The new path of a renamed file. */
    move_path: t.orNull(t.string),
  },
});
export type FileChange = t.Infer<typeof FileChange>;

/** What a command does, as far as its words tell. */
export const ParsedCommand = t.tagged('ParsedCommand', 'type', {
  read: { cmd: t.string, name: t.string, path: t.string },
  list_files: { cmd: t.string, path: t.orNull(t.string) },
  search: { cmd: t.string, query: t.orNull(t.string), path: t.orNull(t.string) },
  unknown: { cmd: t.string },
});
export type ParsedCommand = t.Infer<typeof ParsedCommand>;

/** The user's decision on a command or a patch. */
export const ReviewDecision = t.external('ReviewDecision', {
  approved: t.unit,
  approved_execpolicy_amendment: t.part({ proposed_execpolicy_amendment: t.list(t.string) }),
  approved_for_session: t.unit,
  denied: t.unit,
  abort: t.unit,
});
export type ReviewDecision = t.Infer<typeof ReviewDecision>;

/** The patch that needs approval. */
export const ApplyPatchApprovalParams = t.struct('ApplyPatchApprovalParams', {
  conversationId: ThreadId,
  callId: t.string,
  /** Changes by path. */
  fileChanges: t.mapOf(FileChange),
  reason: t.orNull(t.string),
  /** A folder that becomes writable for the rest of the session if the user agrees. */
  grantRoot: t.orNull(t.string),
});
export type ApplyPatchApprovalParams = t.Infer<typeof ApplyPatchApprovalParams>;

/** Answers `applyPatchApproval`. */
export const ApplyPatchApprovalResponse = t.struct('ApplyPatchApprovalResponse', { decision: ReviewDecision });
export type ApplyPatchApprovalResponse = t.Infer<typeof ApplyPatchApprovalResponse>;

/** The command that needs approval. */
export const ExecCommandApprovalParams = t.struct('ExecCommandApprovalParams', {
  conversationId: ThreadId,
  callId: t.string,
  command: t.list(t.string),
  cwd: t.string,
  reason: t.orNull(t.string),
  /** What the command does, as far as its words tell. */
  parsedCmd: t.list(ParsedCommand),
});
export type ExecCommandApprovalParams = t.Infer<typeof ExecCommandApprovalParams>;

/** Answers `execCommandApproval`. */
export const ExecCommandApprovalResponse = t.struct('ExecCommandApprovalResponse', { decision: ReviewDecision });
export type ExecCommandApprovalResponse = t.Infer<typeof ExecCommandApprovalResponse>;

/** Messages of the first generation that ask the user. */
export const legacyApprovalMessages = [
  /** Asks whether a patch may be applied, for listeners of the first generation. */
  serverRequest('applyPatchApproval', ApplyPatchApprovalParams, ApplyPatchApprovalResponse),
  /** Asks whether a command may run, for listeners of the first generation. */
  serverRequest('execCommandApproval', ExecCommandApprovalParams, ExecCommandApprovalResponse),
] as const;

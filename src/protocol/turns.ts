/** Turns: their states and errors, the methods that start and stop them, their notifications. */
import { notification, request } from './define.ts';
import { ThreadItem, UserInput } from './items.ts';
import {
  AskForApproval,
  CollaborationMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
} from './policies.ts';
import * as t from './schema/types.ts';

/** The kind of an error, for programs. */
export const CodexErrorInfo = t.external('CodexErrorInfo', {
  contextWindowExceeded: t.unit,
  usageLimitExceeded: t.unit,
  /** The model takes no more requests for now. */
  modelCap: t.part({ model: t.string, reset_after_seconds: t.orNull(t.uint64) }),
  httpConnectionFailed: t.part({ httpStatusCode: t.orNull(t.uint16) }),
  responseStreamConnectionFailed: t.part({ httpStatusCode: t.orNull(t.uint16) }),
  internalServerError: t.unit,
  unauthorized: t.unit,
  badRequest: t.unit,
  threadRollbackFailed: t.unit,
  sandboxError: t.unit,
  responseStreamDisconnected: t.part({ httpStatusCode: t.orNull(t.uint16) }),
  responseTooManyFailedAttempts: t.part({ httpStatusCode: t.orNull(t.uint16) }),
  other: t.unit,
});
export type CodexErrorInfo = t.Infer<typeof CodexErrorInfo>;

/** Why a turn failed. */
export const TurnError = t.struct('TurnError', {
  message: t.string,
  codexErrorInfo: t.orNull(CodexErrorInfo),
  additionalDetails: t.orNull(t.string),
});
export type TurnError = t.Infer<typeof TurnError>;

/** How far a turn has come, or how it ended. */
export const TurnStatus = t.words('TurnStatus', ['completed', 'interrupted', 'failed', 'inProgress']);
export type TurnStatus = t.Infer<typeof TurnStatus>;

/** One exchange: user input and all that the model does until it stops. */
export const Turn = t.struct('Turn', {
  id: t.string,
  /** Empty where the items are sent as notifications. */
  items: t.list(ThreadItem),
  status: TurnStatus,
  /** Null unless the turn failed. */
  error: t.orNull(TurnError),
});
export type Turn = t.Infer<typeof Turn>;

/** User input, with settings that hold from this turn on. */
export const TurnStartParams = t.struct('TurnStartParams', {
  threadId: t.string,
  input: t.list(UserInput),
  cwd: t.opt(t.path),
  approvalPolicy: t.opt(AskForApproval),
  sandboxPolicy: t.opt(SandboxPolicy),
  model: t.opt(t.string),
  effort: t.opt(ReasoningEffort),
  summary: t.opt(ReasoningSummary),
  personality: t.opt(Personality),
  /** A JSON Schema for the final message of this turn. */
  outputSchema: t.anything,
  /** Wins over `model` and `effort`. */
  collaborationMode: t.opt(CollaborationMode),
});
export type TurnStartParams = t.Infer<typeof TurnStartParams>;

/** Answers `turn/start` when the turn has begun. */
export const TurnStartResponse = t.struct('TurnStartResponse', { turn: Turn });
export type TurnStartResponse = t.Infer<typeof TurnStartResponse>;

/** Names the turn to interrupt. */
export const TurnInterruptParams = t.struct('TurnInterruptParams', { threadId: t.string, turnId: t.string });
export type TurnInterruptParams = t.Infer<typeof TurnInterruptParams>;

/** Answers `turn/interrupt` when the turn has ended; it has no members. */
export const TurnInterruptResponse = t.struct('TurnInterruptResponse', {});
export type TurnInterruptResponse = t.Infer<typeof TurnInterruptResponse>;

/** Params of `error`. */
export const ErrorNotification = t.struct('ErrorNotification', {
  error: TurnError,
  /** Whether the server tries again by itself; otherwise the turn fails. */
  willRetry: t.boolean,
  threadId: t.string,
  turnId: t.string,
});
export type ErrorNotification = t.Infer<typeof ErrorNotification>;

/** Params of `turn/started`. */
export const TurnStartedNotification = t.struct('TurnStartedNotification', { threadId: t.string, turn: Turn });
export type TurnStartedNotification = t.Infer<typeof TurnStartedNotification>;

/** Params of `turn/completed`. */
export const TurnCompletedNotification = t.struct('TurnCompletedNotification', { threadId: t.string, turn: Turn });
export type TurnCompletedNotification = t.Infer<typeof TurnCompletedNotification>;

/** Params of `turn/diff/updated`. */
export const TurnDiffUpdatedNotification = t.struct('TurnDiffUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  /** All changes of the turn as one unified diff. */
  diff: t.string,
});
export type TurnDiffUpdatedNotification = t.Infer<typeof TurnDiffUpdatedNotification>;

/** How far a step of a plan has come. */
export const TurnPlanStepStatus = t.words('TurnPlanStepStatus', ['pending', 'inProgress', 'completed']);
export type TurnPlanStepStatus = t.Infer<typeof TurnPlanStepStatus>;

/** One step of a plan. */
export const TurnPlanStep = t.struct('TurnPlanStep', { step: t.string, status: TurnPlanStepStatus });
export type TurnPlanStep = t.Infer<typeof TurnPlanStep>;

/** Params of `turn/plan/updated`. */
export const TurnPlanUpdatedNotification = t.struct('TurnPlanUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  explanation: t.orNull(t.string),
  plan: t.list(TurnPlanStep),
});
export type TurnPlanUpdatedNotification = t.Infer<typeof TurnPlanUpdatedNotification>;

/** Params of `thread/compacted`. */
export const ContextCompactedNotification = t.struct('ContextCompactedNotification', {
  threadId: t.string,
  turnId: t.string,
});
export type ContextCompactedNotification = t.Infer<typeof ContextCompactedNotification>;

/** Input for a turn that is running. */
export const TurnSteerParams = t.struct('TurnSteerParams', {
  threadId: t.string,
  input: t.list(UserInput),
  /** The request fails when another turn is running. */
  expectedTurnId: t.string,
});
export type TurnSteerParams = t.Infer<typeof TurnSteerParams>;

/** Answers `turn/steer`. */
export const TurnSteerResponse = t.struct('TurnSteerResponse', { turnId: t.string });
export type TurnSteerResponse = t.Infer<typeof TurnSteerResponse>;

/** Messages about turns. */
export const turnMessages = [
  /** Starts a turn, or adds the input to the one that is running. */
  request('turn/start', TurnStartParams, TurnStartResponse),
  /** Interrupts a turn and answers when it has ended. */
  request('turn/interrupt', TurnInterruptParams, TurnInterruptResponse),
  /** Adds input to a running turn. */
  request('turn/steer', TurnSteerParams, TurnSteerResponse),
  /** Reports an error of a turn. */
  notification('error', ErrorNotification),
  /** Reports that a turn has begun. */
  notification('turn/started', TurnStartedNotification),
  /** Reports that a turn has ended, however it ended. */
  notification('turn/completed', TurnCompletedNotification),
  /** Carries the changes that a turn has made so far. */
  notification('turn/diff/updated', TurnDiffUpdatedNotification),
  /** Carries the model's plan for a turn. */
  notification('turn/plan/updated', TurnPlanUpdatedNotification),
  /** Reports that the history was summarised. */
  notification('thread/compacted', ContextCompactedNotification),
] as const;

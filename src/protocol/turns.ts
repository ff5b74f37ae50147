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

export const CodexErrorInfo = t.external('CodexErrorInfo', {
  contextWindowExceeded: t.unit,
  usageLimitExceeded: t.unit,
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

export const TurnError = t.struct('TurnError', {
  message: t.string,
  codexErrorInfo: t.orNull(CodexErrorInfo),
  additionalDetails: t.orNull(t.string),
});
export type TurnError = t.Infer<typeof TurnError>;

export const TurnStatus = t.words('TurnStatus', ['completed', 'interrupted', 'failed', 'inProgress']);
export type TurnStatus = t.Infer<typeof TurnStatus>;

export const Turn = t.struct('Turn', {
  id: t.string,
  items: t.list(ThreadItem),
  status: TurnStatus,
  error: t.orNull(TurnError),
});
export type Turn = t.Infer<typeof Turn>;

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
  outputSchema: t.anything,
  collaborationMode: t.opt(CollaborationMode),
});
export type TurnStartParams = t.Infer<typeof TurnStartParams>;

export const TurnStartResponse = t.struct('TurnStartResponse', { turn: Turn });
export type TurnStartResponse = t.Infer<typeof TurnStartResponse>;

export const TurnInterruptParams = t.struct('TurnInterruptParams', { threadId: t.string, turnId: t.string });
export type TurnInterruptParams = t.Infer<typeof TurnInterruptParams>;

export const TurnInterruptResponse = t.struct('TurnInterruptResponse', {});
export type TurnInterruptResponse = t.Infer<typeof TurnInterruptResponse>;

export const ErrorNotification = t.struct('ErrorNotification', {
  error: TurnError,
  willRetry: t.boolean,
  threadId: t.string,
  turnId: t.string,
});
export type ErrorNotification = t.Infer<typeof ErrorNotification>;

export const TurnStartedNotification = t.struct('TurnStartedNotification', { threadId: t.string, turn: Turn });
export type TurnStartedNotification = t.Infer<typeof TurnStartedNotification>;

export const TurnCompletedNotification = t.struct('TurnCompletedNotification', { threadId: t.string, turn: Turn });
export type TurnCompletedNotification = t.Infer<typeof TurnCompletedNotification>;

export const TurnDiffUpdatedNotification = t.struct('TurnDiffUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  diff: t.string,
});
export type TurnDiffUpdatedNotification = t.Infer<typeof TurnDiffUpdatedNotification>;

export const TurnPlanStepStatus = t.words('TurnPlanStepStatus', ['pending', 'inProgress', 'completed']);
export type TurnPlanStepStatus = t.Infer<typeof TurnPlanStepStatus>;

export const TurnPlanStep = t.struct('TurnPlanStep', { step: t.string, status: TurnPlanStepStatus });
export type TurnPlanStep = t.Infer<typeof TurnPlanStep>;

export const TurnPlanUpdatedNotification = t.struct('TurnPlanUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  explanation: t.orNull(t.string),
  plan: t.list(TurnPlanStep),
});
export type TurnPlanUpdatedNotification = t.Infer<typeof TurnPlanUpdatedNotification>;

export const ContextCompactedNotification = t.struct('ContextCompactedNotification', {
  threadId: t.string,
  turnId: t.string,
});
export type ContextCompactedNotification = t.Infer<typeof ContextCompactedNotification>;

export const TurnSteerParams = t.struct('TurnSteerParams', {
  threadId: t.string,
  input: t.list(UserInput),
  expectedTurnId: t.string,
});
export type TurnSteerParams = t.Infer<typeof TurnSteerParams>;

export const TurnSteerResponse = t.struct('TurnSteerResponse', { turnId: t.string });
export type TurnSteerResponse = t.Infer<typeof TurnSteerResponse>;

export const turnStart = request('turn/start', TurnStartParams, TurnStartResponse);
export const turnInterrupt = request('turn/interrupt', TurnInterruptParams, TurnInterruptResponse);
export const turnSteer = request('turn/steer', TurnSteerParams, TurnSteerResponse);
export const errorEvent = notification('error', ErrorNotification);
export const turnStarted = notification('turn/started', TurnStartedNotification);
export const turnCompleted = notification('turn/completed', TurnCompletedNotification);
export const turnDiffUpdated = notification('turn/diff/updated', TurnDiffUpdatedNotification);
export const turnPlanUpdated = notification('turn/plan/updated', TurnPlanUpdatedNotification);
export const threadCompacted = notification('thread/compacted', ContextCompactedNotification);

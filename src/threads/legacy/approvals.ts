/** Approvals in the older protocol: what is asked, and what an answer means. Pure. */
import type { ApprovalAnswer, EngineEvent } from '../../contract/engine-events.ts';
import { ExecCommandApprovalResponse, type ReviewDecision } from '../../protocol/legacy/approvals.ts';
import type { Asked } from '../../protocol/outbound.ts';
import { decodeExactly } from '../../protocol/schema/issues.ts';
import { parsedCommandOf } from '../../rollout/stored-event.ts';

export type Approval = Extract<EngineEvent, { kind: 'commandApproval' | 'patchApproval' }>;

export function legacyRequestFor(conversationId: string, approval: Approval): Asked {
  const { callId, reason } = approval;
  if (approval.kind === 'patchApproval') {
    const params = { conversationId, callId, fileChanges: approval.legacyChanges, reason, grantRoot: null };
    return { method: 'applyPatchApproval', params };
  }
  const { command, cwd, actions } = approval;
  const params = { conversationId, callId, command, cwd, reason, parsedCmd: actions.map(parsedCommandOf) };
  return { method: 'execCommandApproval', params };
}

/** A decision that nobody knows, or none, is a no that says why. */
export function legacyAnswer(approval: Approval, result: unknown): ApprovalAnswer {
  const decoded = decodeExactly(ExecCommandApprovalResponse, result);
  return decoded.ok ? answerOf(decoded.value.decision, approval) : { kind: 'deny', problem: decoded.message };
}

/** An error in place of a decision about a patch is a no; about a command it is none at all. */
export const legacyErrorAnswer = ({ kind }: Approval): ApprovalAnswer =>
  kind === 'patchApproval' ? { kind: 'deny' } : { kind: 'failed' };

function answerOf(decision: ReviewDecision, { kind }: Approval): ApprovalAnswer {
  if (typeof decision === 'object') {
    const prefix = decision.approved_execpolicy_amendment.proposed_execpolicy_amendment;
    // There is nothing in a patch to amend.
    return kind === 'patchApproval' ? { kind: 'accept' } : { kind: 'acceptWithAmendment', prefix };
  }
  switch (decision) {
    case 'approved':
      return { kind: 'accept' };
    case 'approved_for_session':
      return { kind: 'acceptForSession' };
    case 'denied':
      return { kind: 'deny' };
    case 'abort':
      return { kind: 'abort' };
  }
}

/** Asking the client whether a call may do what it shows, and what its answer comes to. */
import { headOf } from '../../base/well-formed.ts';
import type { ApprovalOutcome, ApprovalRequest } from '../questions.ts';
import type { ToolContext } from './tool.ts';

/** More of a reason nobody reads. What is asked about is always shown whole. */
const LONGEST_REASON = 4096;
const LONGEST_PROBLEM = 200;

/** Asks once. An answer that is no decision is a refusal, which the client is told too. */
export async function askConsent(
  { questions, recorder, services, turn, itemId, signal }: ToolContext,
  request: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const reason = request.reason === null ? null : headOf(request.reason, LONGEST_REASON);
  const answer = await questions.approval(turn.id, { ...request, reason }, signal);
  const problem = problemOf(answer);
  if (problem !== null) {
    const message = `The answer to the approval request for ${itemId} is no decision and counts as a refusal: ${problem}`;
    services.log.warn('engine', 'an approval was answered by no decision', { itemId, problem });
    recorder.storeAndEmit({ kind: 'warning', turnId: turn.id, message });
  }
  return answer;
}

/** `cancel` and `abort` are refusals that also end the turn. */
export function isAgreement(answer: ApprovalOutcome, context: ToolContext): boolean {
  if (answer.kind === 'cancel' || answer.kind === 'abort') context.turn.interrupt();
  return answer.kind === 'accept' || answer.kind === 'acceptForSession' || answer.kind === 'acceptWithAmendment';
}

/** What the model reads of a refusal that begins with `text`. */
export function refusalOf(text: string, answer: ApprovalOutcome): string {
  const problem = problemOf(answer);
  return problem === null ? text : `${text}: the client's answer was no decision (${problem})`;
}

function problemOf(answer: ApprovalOutcome): string | null {
  const isNo = answer.kind === 'decline' || answer.kind === 'deny';
  return isNo && answer.problem !== undefined ? headOf(answer.problem, LONGEST_PROBLEM) : null;
}

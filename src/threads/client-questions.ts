/**
 * What a turn asks, on its way to the client and back.
 *
 * In: approval and question events. Out: server requests; the client's answers, decoded leniently, to the shard. A
 * question whose turn has ended is no longer waited for.
 */
import type { Logger } from '../base/log.ts';
import { quoteArgv } from '../command-analysis/quote.ts';
import type { ApprovalAnswer, EngineEvent } from '../contract/engine-events.ts';
import type { ClientAnswer } from '../contract/turn-shard.ts';
import {
  CommandExecutionRequestApprovalResponse,
  FileChangeRequestApprovalResponse,
  ToolRequestUserInputResponse,
} from '../protocol/approvals.ts';
import type { Asked } from '../protocol/outbound.ts';
import { decode, decodeExactly } from '../protocol/schema/issues.ts';
import { type Approval, legacyAnswer, legacyErrorAnswer, legacyRequestFor } from './legacy/approvals.ts';
import type { ListenerKind } from './listeners.ts';
import type { LoadedThread } from './loaded-thread.ts';

/** A client's answer to a server request. */
type RawAnswer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error' }
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'closed' };

type Given = Exclude<RawAnswer, { kind: 'closed' }>;

export interface ClientQuestionsOptions {
  readonly request: (asked: Asked, signal: AbortSignal) => Promise<RawAnswer>;
  readonly answer: (thread: LoadedThread, requestKey: string, answer: ClientAnswer) => void;
  readonly log: Logger;
}

/** Calls of the client's own tools are not asked about here. */
type Question = Exclude<Extract<EngineEvent, { readonly requestKey: string }>, { kind: 'dynamicToolCall' }>;

export const isQuestion = (event: EngineEvent): event is Question =>
  'requestKey' in event && event.kind !== 'dynamicToolCall';

export class ClientQuestions {
  readonly #options: ClientQuestionsOptions;

  constructor(options: ClientQuestionsOptions) {
    this.#options = options;
  }

  /** `kind`: the protocol in which the client is asked. */
  ask(thread: LoadedThread, question: Question, kind: ListenerKind): void {
    // The older protocol has no request for this.
    if (kind === 'v1' && question.kind === 'userInputRequest') {
      this.#options.answer(thread, question.requestKey, { kind: 'userInput', answers: {} });
      return;
    }
    const isLegacy = kind === 'v1' && question.kind !== 'userInputRequest';
    const asked = isLegacy ? legacyRequestFor(thread.id, question) : requestFor(thread.id, question);
    const { method } = asked;
    this.#options
      .request(asked, thread.questionsSignal())
      .then((raw) => {
        if (raw.kind === 'closed') return;
        const answer: ClientAnswer = isLegacy
          ? { kind: 'approval', answer: legacyApproval(question, raw) }
          : this.#decode(question, raw);
        this.#options.answer(thread, question.requestKey, answer);
      })
      .catch((error: unknown) => this.#options.log.error('threads', 'an answer was lost', { method, error }));
  }

  #decode(question: Question, raw: Given): ClientAnswer {
    if (question.kind === 'userInputRequest') return { kind: 'userInput', answers: this.#userAnswers(raw) };
    return { kind: 'approval', answer: this.#approval(question, raw) };
  }

  /** Consent is read to the letter: an answer that is spelled in another way is a no, and says why. */
  #approval(question: Question, raw: Given): ApprovalAnswer {
    if (raw.kind === 'error') return { kind: 'failed' };
    if (raw.kind === 'malformed') return { kind: 'decline', problem: raw.message };
    if (question.kind === 'patchApproval') {
      const decoded = decodeExactly(FileChangeRequestApprovalResponse, raw.value);
      return decoded.ok ? { kind: decoded.value.decision } : { kind: 'decline', problem: decoded.message };
    }
    const decoded = decodeExactly(CommandExecutionRequestApprovalResponse, raw.value);
    if (!decoded.ok) return { kind: 'decline', problem: decoded.message };
    const { decision } = decoded.value;
    if (typeof decision === 'string') return { kind: decision };
    return { kind: 'acceptWithAmendment', prefix: decision.acceptWithExecpolicyAmendment.execpolicy_amendment };
  }

  #userAnswers(raw: Given): Readonly<Record<string, readonly string[]>> {
    if (raw.kind !== 'result') return {};
    const decoded = decode(ToolRequestUserInputResponse, raw.value);
    if (!decoded.ok) return {};
    return Object.fromEntries(Object.entries(decoded.value.answers).map(([id, { answers }]) => [id, answers]));
  }
}

function legacyApproval(question: Approval, raw: Given): ApprovalAnswer {
  if (raw.kind === 'malformed') return { kind: 'deny', problem: raw.message };
  return raw.kind === 'error' ? legacyErrorAnswer(question) : legacyAnswer(question, raw.value);
}

function requestFor(threadId: string, question: Question): Asked {
  const { turnId, callId: itemId } = question;
  switch (question.kind) {
    case 'commandApproval':
      return {
        method: 'item/commandExecution/requestApproval',
        params: {
          threadId,
          turnId,
          itemId,
          reason: question.reason,
          command: quoteArgv(question.command),
          cwd: question.cwd,
          commandActions: question.actions,
          proposedExecpolicyAmendment: question.proposedAmendment,
        },
      };
    case 'patchApproval':
      return {
        method: 'item/fileChange/requestApproval',
        params: { threadId, turnId, itemId, reason: question.reason, grantRoot: null },
      };
    case 'userInputRequest':
      return {
        method: 'item/tool/requestUserInput',
        params: { threadId, turnId, itemId, questions: question.questions },
      };
  }
}

/** What a turn asks the client and waits for. Each question is answered once; an interruption ends the wait. */
import { abortable, type Deferred, deferred } from '../base/abort.ts';
import type { ApprovalAnswer, EngineEvent, UserQuestion } from '../contract/engine-events.ts';
import type { ClientAnswer } from '../contract/turn-shard.ts';

type Approval = Extract<EngineEvent, { kind: 'commandApproval' | 'patchApproval' }>;
export type ApprovalRequest = Approval extends infer E
  ? E extends Approval
    ? Omit<E, 'turnId' | 'requestKey'>
    : never
  : never;

/** `interrupted`: the turn ended before anybody answered. */
export type ApprovalOutcome = ApprovalAnswer | { readonly kind: 'interrupted' };

export class Questions {
  readonly #emit: (event: EngineEvent) => void;
  readonly #open = new Map<string, Deferred<ClientAnswer>>();
  #count = 0;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  async approval(turnId: string, request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalOutcome> {
    try {
      const answer = await this.#ask(signal, (requestKey) => ({ ...request, turnId, requestKey }));
      return answer.kind === 'approval' ? answer.answer : { kind: 'failed' };
    } catch (error) {
      if (signal.aborted) return { kind: 'interrupted' };
      throw error;
    }
  }

  async user(
    turnId: string,
    callId: string,
    questions: readonly UserQuestion[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, readonly string[]>>> {
    const answer = await this.#ask(signal, (requestKey) => ({
      kind: 'userInputRequest',
      turnId,
      requestKey,
      callId,
      questions,
    }));
    return answer.kind === 'userInput' ? answer.answers : {};
  }

  /** Late and repeated answers find nobody waiting. */
  answer(requestKey: string, answer: ClientAnswer): void {
    this.#open.get(requestKey)?.resolve(answer);
  }

  async #ask(signal: AbortSignal, event: (requestKey: string) => EngineEvent): Promise<ClientAnswer> {
    signal.throwIfAborted();
    this.#count += 1;
    const requestKey = String(this.#count);
    const waiting = deferred<ClientAnswer>();
    this.#open.set(requestKey, waiting);
    try {
      this.#emit(event(requestKey));
      return await abortable(waiting.promise, signal);
    } finally {
      this.#open.delete(requestKey);
    }
  }
}

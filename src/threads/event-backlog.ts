/**
 * What happened in a thread while nobody listened, for whoever attaches next.
 *
 * It is bounded. When it is full, what was told piece by piece goes first, since the item that ends the pieces holds all of
 * them; then the oldest events go, and a warning says so. Questions are never dropped: a turn waits for them.
 */
import type { EngineEvent } from '../contract/engine-events.ts';

const MOST_EVENTS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

const PIECES: ReadonlySet<EngineEvent['kind']> = new Set([
  'messageDelta',
  'planDelta',
  'summaryPartAdded',
  'summaryDelta',
  'reasoningDelta',
  'commandOutput',
]);

type QuestionKind = Extract<EngineEvent, { readonly requestKey: string }>['kind'];

const QUESTIONS: { readonly [K in QuestionKind]: true } = {
  commandApproval: true,
  patchApproval: true,
  userInputRequest: true,
  dynamicToolCall: true,
};

interface Kept {
  readonly event: EngineEvent;
  readonly sizeBytes: number;
}

export interface BacklogLimits {
  readonly events: number;
  readonly bytes: number;
}

export class EventBacklog {
  readonly #limits: BacklogLimits;
  #kept: Kept[] = [];
  #sizeBytes = 0;
  #keepsPieces = true;
  #lostCount = 0;

  constructor(limits: BacklogLimits = { events: MOST_EVENTS, bytes: MOST_BYTES }) {
    this.#limits = limits;
  }

  push(event: EngineEvent): void {
    if (!this.#keepsPieces && PIECES.has(event.kind)) return;
    const sizeBytes = sizeOf(event);
    this.#kept.push({ event, sizeBytes });
    this.#sizeBytes += sizeBytes;
    if (this.#isFull) this.#shrink();
  }

  /** Everything, oldest first; nothing is kept any more. */
  take(): EngineEvent[] {
    const events = this.#kept.map(({ event }) => event);
    if (this.#lostCount > 0) events.unshift(lossWarning(this.#lostCount));
    this.#replace([]);
    this.#keepsPieces = true;
    this.#lostCount = 0;
    return events;
  }

  /** The questions alone; nothing is kept any more. */
  takeQuestions(): EngineEvent[] {
    return this.take().filter(({ kind }) => isQuestionKind(kind));
  }

  get #isFull(): boolean {
    return this.#kept.length > this.#limits.events || this.#sizeBytes > this.#limits.bytes;
  }

  /** Down to half, so that it is not done again for every event. */
  #shrink(): void {
    this.#keepsPieces = false;
    this.#replace(this.#kept.filter(({ event }) => !PIECES.has(event.kind)));
    if (!this.#isFull) return;
    let excessEvents = this.#kept.length - Math.floor(this.#limits.events / 2);
    let excessBytes = this.#sizeBytes - Math.floor(this.#limits.bytes / 2);
    const before = this.#kept.length;
    const rest = this.#kept.filter(({ event, sizeBytes }) => {
      if ((excessEvents <= 0 && excessBytes <= 0) || isQuestionKind(event.kind)) return true;
      excessEvents -= 1;
      excessBytes -= sizeBytes;
      return false;
    });
    this.#lostCount += before - rest.length;
    this.#replace(rest);
  }

  #replace(kept: Kept[]): void {
    this.#kept = kept;
    this.#sizeBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
}

/** Whether a turn waits for the answer to it. */
export const isQuestionKind = (kind: EngineEvent['kind']): boolean => Object.hasOwn(QUESTIONS, kind);

const lossWarning = (count: number): EngineEvent => ({
  kind: 'warning',
  turnId: '',
  message: `${count} older events of this thread were dropped because nobody was listening; its stored turns have them all.`,
});

/** Roughly what an event holds: its texts and bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, member) => sum + sizeOf(member), 16);
}

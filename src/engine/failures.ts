/** How a turn, or a tool call within it, ends badly. Neither leaves the engine as an exception. */
import type { CodexErrorInfo, TurnError } from '../protocol/turns.ts';

/** Ends the turn as `failed`, with what the client is told. */
export class TurnFailure extends Error {
  readonly turnError: TurnError;

  constructor(message: string, info: CodexErrorInfo, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TurnFailure';
    this.turnError = { message, codexErrorInfo: info, additionalDetails: null };
  }
}

/** A compaction that left nothing to go on with: the history stays, and the turn ends. */
export class EmptySummary extends TurnFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'other', options);
    this.name = 'EmptySummary';
  }
}

/** Ends a tool call; the message is what the model reads as its output. */
export class ToolFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ToolFailure';
  }
}

/** The reason of a turn's abort signal. */
export class TurnInterrupted extends Error {
  constructor() {
    super('the turn was interrupted');
    this.name = 'TurnInterrupted';
  }
}

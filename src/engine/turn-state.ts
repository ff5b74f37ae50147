/** What one turn remembers while it runs. Lives from the acceptance of its input to its end. */

import type { TurnSettings } from '../contract/turn-settings.ts';
import type { TurnDiff } from '../patch/turn-diff.ts';
import { TurnInterrupted } from './failures.ts';
import type { Recorder } from './recorder.ts';
import { ToolLock } from './tools/lock.ts';

export class TurnState {
  readonly id: string;
  /** Frozen at the start: later changes of the thread's settings belong to the next turn. */
  readonly settings: TurnSettings;
  readonly outputSchema: unknown;
  readonly diff: TurnDiff;
  readonly toolLock = new ToolLock();
  /** Sticky routing value: the first one a response of this turn names. */
  routing: string | null = null;
  /** Upstream counts reasoning in its usage reports, so no estimate is added. */
  reasoningIncluded = false;
  lastAgentMessage: string | null = null;
  /** The model said or did something. */
  hasOutput = false;
  readonly #abort = new AbortController();

  constructor(options: { id: string; settings: TurnSettings; outputSchema: unknown; diff: TurnDiff }) {
    this.id = options.id;
    this.settings = options.settings;
    this.outputSchema = options.outputSchema;
    this.diff = options.diff;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  interrupt(): void {
    this.#abort.abort(new TurnInterrupted());
  }
}

/** Emits the turn's diff when there is one. */
export async function reportDiff(recorder: Pick<Recorder, 'storeAndEmit'>, turn: TurnState): Promise<void> {
  const diff = await turn.diff.render();
  if (diff !== '') recorder.storeAndEmit({ kind: 'turnDiff', turnId: turn.id, diff });
}

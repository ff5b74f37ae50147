/** Which items of a thread have started and not ended: what must be ended in their place when their shard dies. */
import type { EngineEvent } from '../engine/events.ts';

type Started = Extract<EngineEvent, { kind: 'itemStarted' | 'commandStarted' | 'patchStarted' | 'mcpCallStarted' }>;

const STOPPED = 'the server lost the process that ran this';

export class OpenItems {
  readonly #open = new Map<string, Started>();

  track(event: EngineEvent): void {
    switch (event.kind) {
      case 'itemStarted':
        this.#open.set(event.item.id, event);
        break;
      case 'itemCompleted':
        this.#open.delete(event.item.id);
        break;
      case 'commandStarted':
      case 'patchStarted':
      case 'mcpCallStarted':
        this.#open.set(event.callId, event);
        break;
      case 'commandEnded':
      case 'patchEnded':
      case 'mcpCallEnded':
        this.#open.delete(event.callId);
        break;
    }
  }

  /** The starts of all open items, in order. */
  starts(): EngineEvent[] {
    return [...this.#open.values()];
  }

  /** Events that end every open item, in the order in which they started. */
  endings(): EngineEvent[] {
    const ended = [...this.#open.values()].map(endingOf);
    this.#open.clear();
    return ended;
  }
}

function endingOf(event: Started): EngineEvent {
  switch (event.kind) {
    case 'itemStarted':
      return { ...event, kind: 'itemCompleted', partial: true };
    case 'commandStarted':
      return {
        ...event,
        kind: 'commandEnded',
        status: 'failed',
        stdout: '',
        stderr: STOPPED,
        aggregatedOutput: STOPPED,
        exitCode: -1,
        durationMs: 0,
        formattedOutput: STOPPED,
      };
    case 'patchStarted':
      return { ...event, kind: 'patchEnded', status: 'failed', stdout: '', stderr: STOPPED };
    case 'mcpCallStarted':
      return { ...event, kind: 'mcpCallEnded', outcome: { ok: false, message: STOPPED }, durationMs: 0 };
  }
}

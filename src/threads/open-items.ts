/**
 * Which items of a thread have started and not ended, and which input of the user has no item yet: what must be ended, and
 * shown, in their place when their shard dies.
 */
import type { EngineEvent, EngineItem } from '../contract/engine-events.ts';

type UserMessage = EngineItem & { readonly type: 'userMessage' };
type Started = Extract<EngineEvent, { kind: 'itemStarted' | 'commandStarted' | 'patchStarted' | 'mcpCallStarted' }>;

const STOPPED = 'the server lost the process that ran this';

export class OpenItems {
  readonly #open = new Map<string, Started>();
  readonly #expected = new Map<string, { readonly turnId: string; readonly item: UserMessage }>();

  /** The shard has accepted the input for this turn and will show it as this item. */
  expect(turnId: string, item: UserMessage): void {
    this.#expected.set(item.id, { turnId, item });
  }

  track(event: EngineEvent): void {
    switch (event.kind) {
      case 'itemStarted':
        this.#open.set(event.item.id, event);
        this.#expected.delete(event.item.id);
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
      case 'turnStarted':
      case 'turnAborted':
      case 'turnEnded':
      case 'messageDelta':
      case 'planDelta':
      case 'summaryPartAdded':
      case 'summaryDelta':
      case 'reasoningDelta':
      case 'tokenCount':
      case 'commandOutput':
      case 'turnDiff':
      case 'planUpdated':
      case 'imageViewed':
      case 'rawItem':
      case 'compacted':
      case 'reviewEntered':
      case 'reviewExited':
      case 'rolledBack':
      case 'nameUpdated':
      case 'shutdownComplete':
      case 'terminalInteraction':
      case 'dynamicToolCall':
      case 'background':
      case 'error':
      case 'warning':
      case 'deprecation':
      case 'mcpStartupComplete':
      case 'commandApproval':
      case 'patchApproval':
      case 'userInputRequest':
        break;
    }
  }

  /** The starts of all open items, in order. */
  starts(): EngineEvent[] {
    return [...this.#open.values()];
  }

  /** Events that end every open item, in the order in which they started, then those that show the input. */
  endings(): EngineEvent[] {
    const ended = [...this.#open.values()].map(endingOf);
    const shown = [...this.#expected.values()].flatMap(({ turnId, item }): EngineEvent[] => [
      { kind: 'itemStarted', turnId, item },
      { kind: 'itemCompleted', turnId, item },
    ]);
    this.#open.clear();
    this.#expected.clear();
    return [...ended, ...shown];
  }
}

function endingOf(event: Started): EngineEvent {
  switch (event.kind) {
    case 'itemStarted':
      // What the user sent is whole from the start.
      return { ...event, kind: 'itemCompleted', ...(event.item.type === 'userMessage' ? {} : { partial: true }) };
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

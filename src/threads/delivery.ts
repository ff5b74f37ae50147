/**
 * The last step of an event: to the notifications and questions that the thread's listeners get.
 *
 * In: one event, in the thread's order. Out: notifications, questions; or the thread's backlog while nobody listens.
 */
import type { EngineEvent } from '../contract/engine-events.ts';
import { notificationsFor } from '../events/notifications.ts';
import type { Notice } from '../protocol/outbound.ts';
import { type ClientQuestions, isQuestion } from './client-questions.ts';
import type { Audience } from './listeners.ts';
import type { LoadedThread } from './loaded-thread.ts';

export interface DeliveryOptions {
  /** Queues a notification to the client. */
  readonly notify: (notice: Notice) => void;
  /** Whether the client wants events under their older names, or opted out of all of them. */
  readonly wantsOlder: () => boolean;
  readonly questions: ClientQuestions;
}

export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  deliver(thread: LoadedThread, event: EngineEvent): void {
    const { audience } = thread.listeners;
    if (audience === null) {
      thread.listeners.keep(event);
      return;
    }
    this.#notify(thread, event, audience);
    this.#ask(thread, event);
  }

  /** Tells the first listener what happened before it came. */
  catchUp(thread: LoadedThread): void {
    this.#tellAll(thread, thread.listeners.takeUnheard());
  }

  /** The same for a listener that was shown the thread's turns: items that are not in them yet, and what waits for an answer. */
  rejoin(thread: LoadedThread): void {
    this.#tellAll(thread, [...thread.openItems.starts(), ...thread.listeners.takeUnheardQuestions()]);
  }

  #tellAll(thread: LoadedThread, events: readonly EngineEvent[]): void {
    const { audience } = thread.listeners;
    if (audience === null) return;
    for (const event of events) {
      this.#notify(thread, event, audience);
      // Whose turn has ended meanwhile waits no more.
      if (event.turnId === thread.runningTurnId) this.#ask(thread, event);
    }
  }

  #notify(thread: LoadedThread, event: EngineEvent, audience: Audience): void {
    const older = this.#options.wantsOlder();
    const listener = { ...audience, threadId: thread.id, rawReasoning: thread.config.showRawAgentReasoning, older };
    for (const notice of notificationsFor(event, listener)) this.#options.notify(notice);
  }

  #ask(thread: LoadedThread, event: EngineEvent): void {
    if (isQuestion(event)) this.#options.questions.ask(thread, event, thread.listeners.asked(thread.startedBy));
  }
}

/**
 * Parses server-sent events, whatever their content. In: bytes, split anywhere. Out: the data of each event. Keeps
 * the start of a body without any event, which must be something else.
 */
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { BodyText } from './body-text.ts';
import { MAX_EVENT_LENGTH } from './bounds.ts';
import { eventTooLarge } from './errors.ts';
import { KEPT_LENGTH } from './not-a-stream.ts';
import type { UpstreamFailure } from './types.ts';

/** `name` is the `event` field; null without one. */
export type OnEvent = (data: string, name: string | null) => void;

export class SseEvents {
  /** Number of events so far. */
  seen = 0;
  /** Why the stream cannot be read any further. */
  broken: UpstreamFailure | null = null;
  readonly #text = new BodyText();
  readonly #parser: EventSourceParser;
  #kept: string[] = [];
  #keptLength = 0;

  constructor(onEvent: OnEvent) {
    this.#parser = createParser({
      onEvent: ({ data, event }) => {
        this.seen += 1;
        if (this.seen === 1) this.#kept = [];
        onEvent(data, event === undefined || event === '' ? null : event);
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.broken ??= eventTooLarge();
      },
      maxBufferSize: MAX_EVENT_LENGTH,
    });
  }

  /** The start of a body without events. */
  get body(): string {
    return this.#kept.join('');
  }

  feed(bytes: Uint8Array): void {
    this.#take(this.#text.push(bytes));
  }

  /** Ends the body: an event without a closing blank line still counts. */
  end(): void {
    const kept = this.seen === 0 ? this.body : '';
    this.#take(`${this.#text.end()}\n\n`);
    if (this.seen === 0) this.#kept = [kept];
  }

  #take(text: string): void {
    if (this.seen === 0 && this.#keptLength < KEPT_LENGTH) {
      this.#kept.push(text.slice(0, KEPT_LENGTH - this.#keptLength));
      this.#keptLength += text.length;
    }
    this.#parser.feed(text);
  }
}

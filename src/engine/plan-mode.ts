/**
 * Plan mode: lines `<proposed_plan>` and `</proposed_plan>` in assistant text delimit a plan, which becomes an item of
 * its own. In: the text of one assistant message at a time, as it streams. Out: events for the plan and for the rest.
 */
import type { EngineEvent } from '../contract/engine-events.ts';

const OPEN = '<proposed_plan>';
const CLOSE = '</proposed_plan>';
/** A tag may have blanks around it; a longer line than this is text, whatever it begins with. In UTF-16 units. */
const LONGEST_TAG_LINE = 1000;

interface EventSink {
  storeAndEmit(event: EngineEvent): void;
  uniqueItemId(wanted: string): string;
}

type Segment = { readonly kind: 'text' | 'plan'; readonly text: string } | { readonly kind: 'open' };

/** Splits text at tag lines. A line is held back until it can no longer be a tag. */
export class TagLines {
  #inside = false;
  #line = '';
  #passing = false;

  push(text: string): Segment[] {
    const out: Segment[] = [];
    for (const piece of text.split(/(?<=\n)/)) this.#piece(piece, out);
    return out;
  }

  /** The message is over: what is held back is text, and an open plan ends with it. */
  end(): Segment[] {
    const out: Segment[] = [];
    this.#endLine(out);
    this.#inside = false;
    return out;
  }

  #piece(piece: string, out: Segment[]): void {
    const tag = this.#inside ? CLOSE : OPEN;
    if (this.#passing) this.#text(piece, out);
    else {
      this.#line += piece;
      const isText = this.#line.length > LONGEST_TAG_LINE || !couldBecome(this.#line, tag);
      if (!piece.endsWith('\n') && isText) {
        this.#text(this.#line, out);
        this.#line = '';
        this.#passing = true;
      }
    }
    if (piece.endsWith('\n')) this.#endLine(out);
  }

  #endLine(out: Segment[]): void {
    this.#passing = false;
    const line = this.#line;
    this.#line = '';
    if (line.length <= LONGEST_TAG_LINE && line.trim() === (this.#inside ? CLOSE : OPEN)) {
      this.#inside = !this.#inside;
      if (this.#inside) out.push({ kind: 'open' });
    } else this.#text(line, out);
  }

  #text(text: string, out: Segment[]): void {
    if (text !== '') out.push({ kind: this.#inside ? 'plan' : 'text', text });
  }
}

function couldBecome(line: string, tag: string): boolean {
  const start = line.trimStart();
  return start.length <= tag.length
    ? tag.startsWith(start)
    : start.startsWith(tag) && start.slice(tag.length).trim() === '';
}

export class PlanSplitter {
  readonly #sink: EventSink;
  readonly #turnId: string;
  #lines = new TagLines();
  #messageId = '';
  #messageStarted = false;
  #streamed = false;
  #blank = '';
  /** At most one plan per request: later blocks are cut out and shown nowhere. */
  #plan: 'none' | 'open' | 'done' = 'none';
  #planId = '';

  constructor(sink: EventSink, turnId: string) {
    this.#sink = sink;
    this.#turnId = turnId;
  }

  /** A message is about to stream. */
  begin(messageId: string): void {
    this.#reset(messageId);
    this.#streamed = true;
  }

  #reset(messageId: string): void {
    this.#streamed = false;
    this.#lines = new TagLines();
    this.#messageId = messageId;
    this.#messageStarted = false;
    this.#blank = '';
  }

  push(delta: string): void {
    this.#show(this.#lines.push(delta));
  }

  /** The finished text decides what the items hold. Returns the message without the plan; null when nothing is left. */
  finish(messageId: string, text: string, wasStreamed: boolean): string | null {
    if (!wasStreamed) this.#reset(messageId);
    this.#show(wasStreamed ? this.#lines.end() : []);
    const whole = new TagLines();
    const segments = [...whole.push(text), ...whole.end()];
    const join = (kind: 'text' | 'plan'): string =>
      segments.map((part) => (part.kind === kind ? part.text : '')).join('');
    this.#finishPlan(
      join('plan'),
      segments.some(({ kind }) => kind === 'open'),
    );
    const rest = join('text');
    if (rest.trim() === '' && !this.#messageStarted) return null;
    this.#startMessage();
    this.#sink.storeAndEmit({
      kind: 'itemCompleted',
      turnId: this.#turnId,
      item: { type: 'agentMessage', id: messageId, text: rest },
    });
    return rest;
  }

  #show(segments: readonly Segment[]): void {
    for (const segment of segments) {
      switch (segment.kind) {
        case 'open':
          this.#startPlan();
          break;
        case 'plan':
          this.#planText(segment.text);
          break;
        case 'text':
          this.#messageText(segment.text);
          break;
      }
    }
  }

  #startPlan(): void {
    if (this.#plan !== 'none') return;
    this.#plan = 'open';
    this.#planId = this.#sink.uniqueItemId(`${this.#turnId}-plan`);
    const item = { type: 'plan' as const, id: this.#planId, text: '' };
    this.#sink.storeAndEmit({ kind: 'itemStarted', turnId: this.#turnId, item });
  }

  #planText(delta: string): void {
    if (this.#plan === 'open') {
      this.#sink.storeAndEmit({ kind: 'planDelta', turnId: this.#turnId, itemId: this.#planId, delta });
    }
  }

  #finishPlan(text: string, found: boolean): void {
    if (!found || this.#plan === 'done') return;
    this.#startPlan();
    this.#plan = 'done';
    const item = { type: 'plan' as const, id: this.#planId, text };
    this.#sink.storeAndEmit({ kind: 'itemCompleted', turnId: this.#turnId, item });
  }

  #messageText(text: string): void {
    if (!this.#messageStarted && text.trim() === '') {
      this.#blank += text;
      return;
    }
    this.#startMessage();
    const delta = this.#blank + text;
    this.#blank = '';
    this.#sink.storeAndEmit({ kind: 'messageDelta', turnId: this.#turnId, itemId: this.#messageId, delta });
  }

  #startMessage(): void {
    if (this.#messageStarted) return;
    this.#messageStarted = true;
    const parts = this.#streamed ? [''] : [];
    const item = { type: 'agentMessage' as const, id: this.#messageId, text: '', parts };
    this.#sink.storeAndEmit({ kind: 'itemStarted', turnId: this.#turnId, item });
  }
}

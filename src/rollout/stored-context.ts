/**
 * What a thread starts with, from its file as it is scanned. Lines of which only the newest counts are remembered by their
 * place and decoded at the end. It owns the context until `finish`.
 */
import { type CompactionRules, ContextBuilder, type StoredContext } from './context.ts';
import type { RolloutEntry } from './entries.ts';
import type { LineSpan, RawLine } from './line-scan.ts';
import { LineWindow } from './line-window.ts';
import type { ThreadText } from './thread-text.ts';

export class ContextReader {
  readonly #builder: ContextBuilder;
  /** Where the thread's own file begins; what stands before it belongs to the thread that it was forked from. */
  readonly #ownOffset: number;
  #hasOwnHead = false;
  #usages: LineSpan[] = [];
  #turnContexts: LineSpan[] = [];

  constructor(rules: CompactionRules, ownOffset = 0) {
    this.#builder = new ContextBuilder(rules);
    this.#ownOffset = ownOffset;
  }

  take(line: RawLine): void {
    const { shape } = line;
    if (shape.kind === 'usage') {
      if (!shape.isEmpty) this.#usages.push(spanOf(line));
    } else if (shape.kind === 'turnContext') this.#turnContexts.push(spanOf(line));
    else if (shape.kind === 'ownItem') this.#builder.ownItem(shape.turnId, shape.itemId);
    else if (shape.kind === 'copy') return;
    else if (shape.kind !== 'text' || (shape.event === 'user_message' && !this.#builder.hasUserMessage)) {
      const entry = line.entry();
      if (entry === null) return;
      this.add(entry);
      if (entry.type === 'session_meta' && line.offset >= this.#ownOffset && !this.#hasOwnHead) {
        this.#hasOwnHead = true;
        this.#builder.meta = entry.payload;
      }
    }
  }

  /** The next line, decoded; it may not be in the file yet. */
  add(entry: RolloutEntry): void {
    this.#builder.add(entry);
    // Whatever stands further up does not count any more.
    if (entry.type === 'turn_context') this.#turnContexts = [];
    if (entry.type === 'event_msg' && entry.payload.type === 'token_count' && entry.payload.info !== null) {
      this.#usages = [];
    }
  }

  /** `text` is what was scanned. Throws the file system's error. */
  finish(text: string | ThreadText): StoredContext {
    using lines = new LineWindow(text);
    this.#addNewest(lines, this.#usages);
    this.#addNewest(lines, this.#turnContexts);
    return this.#builder;
  }

  #addNewest(lines: LineWindow, spans: readonly LineSpan[]): void {
    for (const span of spans.toReversed()) {
      const entry = lines.entry(span);
      if (entry === null) continue;
      this.#builder.add(entry);
      return;
    }
  }
}

const spanOf = ({ offset, sizeBytes }: LineSpan): LineSpan => ({ offset, sizeBytes });

/**
 * What a thread starts with, from its file as it is scanned. Lines of which only the newest counts are remembered by their
 * place and decoded at the end. It owns the context until `finish`.
 */
import { type CompactionRules, ContextBuilder, type StoredContext } from './context.ts';
import type { RolloutEntry } from './entries.ts';
import type { LineSpan, RawLine } from './line-scan.ts';
import { LineWindow } from './line-window.ts';

export class ContextReader {
  readonly #builder: ContextBuilder;
  #usages: LineSpan[] = [];
  #turnContexts: LineSpan[] = [];

  constructor(rules: CompactionRules) {
    this.#builder = new ContextBuilder(rules);
  }

  take(line: RawLine): void {
    const { shape } = line;
    if (shape.kind === 'usage') {
      if (!shape.isEmpty) this.#usages.push(spanOf(line));
    } else if (shape.kind === 'turnContext') this.#turnContexts.push(spanOf(line));
    else if (shape.kind === 'ownItem') this.#builder.ownItem(shape.turnId, shape.itemId);
    else if (shape.kind !== 'text' || (shape.event === 'user_message' && !this.#builder.hasUserMessage)) {
      const entry = line.entry();
      if (entry !== null) this.add(entry);
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

  /** `path` is the file that was scanned. Throws the file system's error. */
  finish(path: string): StoredContext {
    using lines = new LineWindow(path);
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

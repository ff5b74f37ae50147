/** Looks at a server's output no closer than needed: lines are counted, and only few are looked into. */

const NEWLINE = 0x0a;
/** So a notification or a request of the server begins; everything else is a reply. */
const CALL = Buffer.from('{"method":"');
const TURN_COMPLETED = Buffer.from('{"method":"turn/completed"');

export interface LineEvents {
  onReply(line: string): void;
  onTurnCompleted(line: string): void;
}

export class LineCounter {
  readonly #events: LineEvents;
  /** Of a line whose end has not come yet; joined once, so that a line of megabytes costs no more than it must. */
  #rest: Buffer[] = [];
  #count = 0;

  constructor(events: LineEvents) {
    this.#events = events;
  }

  /** Lines so far. */
  get count(): number {
    return this.#count;
  }

  push(chunk: Buffer): void {
    const firstEnd = chunk.indexOf(NEWLINE);
    if (firstEnd === -1) {
      this.#rest.push(chunk);
      return;
    }
    const before = this.#rest.reduce((sum, { length }) => sum + length, 0);
    const bytes = before === 0 ? chunk : Buffer.concat([...this.#rest, chunk]);
    let from = 0;
    for (let end = before + firstEnd; end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.#line(bytes, from, end);
      from = end + 1;
    }
    this.#rest = from < bytes.length ? [bytes.subarray(from)] : [];
  }

  #line(bytes: Buffer, from: number, end: number): void {
    this.#count += 1;
    if (!startsWith(bytes, from, CALL)) this.#events.onReply(bytes.toString('utf8', from, end));
    else if (startsWith(bytes, from, TURN_COMPLETED)) this.#events.onTurnCompleted(bytes.toString('utf8', from, end));
  }
}

const startsWith = (bytes: Buffer, from: number, text: Buffer): boolean =>
  bytes.length >= from + text.length && bytes.compare(text, 0, text.length, from, from + text.length) === 0;

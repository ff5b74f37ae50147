/**
 * The turns of a file, without its lines in memory: which lines they are made of is found in one scan, and those of the turns
 * that are shown are read again.
 *
 * In: the path of a file, or the parts of a thread's text. Out: marked turns, and one turn after the other as clients see it. A file whose lines are not what they look
 * like is scanned once more, decoding every line.
 */
import type { RolloutEntry } from './entries.ts';
import { type RawLine, type ScanOptions, scanLines } from './line-scan.ts';
import { LineWindow } from './line-window.ts';
import { FileCheck } from './read.ts';
import type { ThreadText } from './thread-text.ts';
import { type Mark, MarkError, type MarkedTurn, type MarkLine } from './turn-marks.ts';
import { TurnReader } from './turns.ts';

/** What else wants to see the lines while they are scanned. */
export type AlsoTake = (line: RawLine) => void;

export interface MarkOptions extends ScanOptions {
  /** Is read as if it were the file's last line. */
  readonly next?: RolloutEntry;
}

/** Throws RolloutError for a file that is no thread, and the file system's error. */
export async function markTurns(
  text: string | ThreadText,
  also?: AlsoTake,
  options?: MarkOptions,
): Promise<readonly MarkedTurn[]> {
  const check = new FileCheck();
  const reader = new TurnReader();
  await scanLines(
    text,
    (line) => {
      check.take(line);
      reader.take(line);
      also?.(line);
    },
    options,
  );
  check.end();
  if (options?.next !== undefined) reader.add(options.next);
  const turns = reader.finish();
  const isSure = options?.distrust === true || areThere(text, reader.dropped);
  return isSure ? turns : markTurns(text, undefined, { ...options, distrust: true });
}

/** A line that only looked like a part of a turn may have been rolled back in another one's place. */
function areThere(text: string | ThreadText, marks: readonly Mark[]): boolean {
  if (marks.length === 0) return true;
  using lines = new LineWindow(text);
  return marks.every((mark) => lineAt(lines, mark) !== null);
}

/**
 * Calls `draw` with all turns of the file; what it resolves with is the answer. When it meets a line that is not what it looked
 * like, it is called once more, with the turns of a scan that decodes every line.
 */
export async function withTurns<T>(
  text: string | ThreadText,
  turns: readonly MarkedTurn[],
  draw: (turns: readonly MarkedTurn[], lineOf: LineOf) => Promise<T>,
): Promise<T> {
  using lines = new LineWindow(text);
  const lineOf: LineOf = (mark) => lineAt(lines, mark);
  try {
    return await draw(turns, lineOf);
  } catch (error) {
    if (!(error instanceof MarkError)) throw error;
    return draw(await markTurns(text, undefined, { distrust: true }), lineOf);
  }
}

export type LineOf = (mark: Mark) => MarkLine | null;

function lineAt(lines: LineWindow, mark: Mark): MarkLine | null {
  const entry = lines.entry(mark);
  if (entry?.type === 'event_msg' && !mark.isOwn) return { event: entry.payload, item: null };
  const isItem = entry?.type === 'shardex' || entry?.type === 'current';
  if (!isItem || !mark.isOwn || entry.payload.type !== 'item_completed') return null;
  return { event: null, item: entry.payload.item };
}

/**
 * Reads rollout files line by line. A line that is broken costs itself only: whole lines are never lost, whatever stands
 * around them. Memory holds one chunk and one line.
 */
import { isUtf8 } from 'node:buffer';
import { LineSplitter, type SplitLine } from '../base/line-splitter.ts';
import { openRegular } from '../base/regular-file.ts';
import { type RawLine, scanLines } from './line-scan.ts';
import { RolloutError } from './rollout-error.ts';
import type { ThreadText } from './thread-text.ts';

const CHUNK_BYTES = 1 << 18;
/** Longer lines cannot be a text of this runtime; they count as broken. */
const LONGEST_LINE_BYTES = 1 << 28;

export { RolloutError } from './rollout-error.ts';

/** A line that is not UTF-8, or too long. */
export const BROKEN_LINE = Symbol('broken line');

export type Line = string | typeof BROKEN_LINE;

/**
 * The lines of a file in batches, blank ones included, without their ends, read `chunkBytes` at a time for as long as
 * `wantsMore` of each chunk. Throws NotRegularFile and the file system's error. Returning early closes the file.
 */
export async function* readLines(
  path: string,
  chunkBytes = CHUNK_BYTES,
  wantsMore: (readBytes: number) => boolean = () => true,
): AsyncGenerator<readonly Line[]> {
  const splitter = new StoredLines();
  const file = await openRegular(path);
  try {
    for (;;) {
      // A fresh buffer each time: the splitter keeps parts of unfinished lines.
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
      if (bytesRead === 0) break;
      const lines = splitter.push(buffer.subarray(0, bytesRead));
      if (lines.length > 0) yield lines;
      if (!wantsMore(bytesRead)) return;
    }
  } finally {
    await file.close();
  }
  const rest = splitter.end();
  if (rest !== null) yield [rest];
}

/** Whether a file is a thread, told from its lines. */
export class FileCheck {
  #isBlank = true;
  #hasMeta = false;

  take(line: RawLine): void {
    if (this.#isBlank && !line.isBlank) this.#isBlank = false;
    if (!this.#hasMeta && line.shape.kind === 'unknown') this.#hasMeta = line.entry()?.type === 'session_meta';
  }

  /** Throws RolloutError when the file was empty or nobody can tell whose it is. */
  end(): void {
    if (this.#isBlank) throw new RolloutError('empty session file');
    if (!this.#hasMeta) throw new RolloutError('failed to parse thread ID from rollout file');
  }
}

/** Calls `take` with every line of a thread's file. Throws RolloutError when it is none, and the file system's error. */
export async function checkRollout(text: string | ThreadText, take?: (line: RawLine) => void): Promise<void> {
  const check = new FileCheck();
  await scanLines(text, (line) => {
    check.take(line);
    take?.(line);
  });
  check.end();
}

/** Bytes to lines of text. Holds the beginning of the unfinished line. */
export class StoredLines {
  readonly #lines = new LineSplitter(LONGEST_LINE_BYTES);

  push(chunk: Uint8Array): Line[] {
    return Array.from(this.#lines.push(chunk), textOf);
  }

  /** The last line when it has no end; null when there is none. */
  end(): Line | null {
    const [last] = this.#lines.end();
    return last === undefined ? null : textOf(last);
  }
}

const textOf = (line: SplitLine): Line =>
  line.kind === 'line' && isUtf8(line.bytes) ? line.bytes.toString('utf8') : BROKEN_LINE;

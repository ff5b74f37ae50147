/**
 * Descriptors that were open when this process started and that its children would inherit. A command must not get
 * them: an open folder from outside bypasses every mount. Node marks such descriptors close-on-exec, but only up to
 * the first gap in their numbers. In: nothing, or a list of streams. Out: numbers, or the list with harmless entries.
 * No state.
 */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { readRegularSync } from '../base/regular-file.ts';

const FIRST_AFTER_STREAMS = 3;
const CLOSED_BY_EXEC = 0o2000000;
const LARGEST_DESCRIPTION_BYTES = 4096;

/** The descriptors that a program started now would inherit, besides the three streams. Linux only. */
export function inheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number).filter(isInherited);
  } catch {
    return []; // without /proc there is no bubblewrap either
  }
}

function isInherited(descriptor: number): boolean {
  if (descriptor < FIRST_AFTER_STREAMS) return false;
  try {
    const text = readRegularSync(`/proc/self/fdinfo/${descriptor}`, LARGEST_DESCRIPTION_BYTES).toString('latin1');
    const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_BY_EXEC) === 0;
  } catch {
    return false; // closed since it was listed
  }
}

export type Stream = 'ignore' | 'pipe' | number;

/** Streams for `spawn`. The owner closes them after it. */
export interface CoveredStreams extends Disposable {
  readonly streams: Stream[];
}

/** Returns the streams with /dev/null in place of every inherited descriptor that none of them replaces. */
export function coverInherited(streams: readonly Stream[], inherited: readonly number[]): CoveredStreams {
  const covered = [...streams];
  const open = inherited.filter((descriptor) => (streams[descriptor] ?? 'ignore') === 'ignore');
  if (open.length === 0) return { streams: covered, [Symbol.dispose]() {} };
  const empty = openSync('/dev/null', 'r');
  for (const descriptor of open) {
    while (covered.length <= descriptor) covered.push('ignore');
    covered[descriptor] = empty;
  }
  return { streams: covered, [Symbol.dispose]: () => closeSync(empty) };
}

// Two texts -> unified hunks, in the format of `diff -U`. Pure and bounded: texts too different to compare in time come
// out as one hunk that replaces all of the one by all of the other, which is long but correct.
import { diffArrays } from 'diff';
import { rawLines } from './file-lines.ts';

/** The whole of a comparison may take this long; 5,000 wholly different lines need two seconds without it. */
const TIMEOUT_MS = 250;
const NO_NEWLINE = '\\ No newline at end of file\n';

/** A changed stretch, as half-open ranges of line indices of both sides. */
interface Change {
  oldStart: number;
  oldEnd: number;
  newStart: number;
  newEnd: number;
}

/** Unified hunks without file headers; empty when the texts are equal. */
export function unifiedHunks(oldText: string, newText: string, contextLines: number): string {
  if (oldText === newText) return '';
  const oldLines = rawLines(oldText);
  const newLines = rawLines(newText);
  return groupChanges(findChanges(oldLines, newLines), contextLines)
    .map((group) => formatHunk(group, { oldLines, newLines, contextLines }))
    .join('');
}

function findChanges(oldLines: readonly string[], newLines: readonly string[]): Change[] {
  // What both sides begin and end with is never part of a change: quicker, and as codex app-server 0.94.0 shows it.
  const shorter = Math.min(oldLines.length, newLines.length);
  let prefix = 0;
  while (prefix < shorter && oldLines[prefix] === newLines[prefix]) prefix += 1;
  let suffix = 0;
  while (suffix < shorter - prefix && oldLines.at(-1 - suffix) === newLines.at(-1 - suffix)) suffix += 1;

  const oldMiddle = oldLines.slice(prefix, oldLines.length - suffix);
  const newMiddle = newLines.slice(prefix, newLines.length - suffix);
  const changes = compare(oldMiddle, newMiddle).map((change) => ({
    oldStart: change.oldStart + prefix,
    oldEnd: change.oldEnd + prefix,
    newStart: change.newStart + prefix,
    newEnd: change.newEnd + prefix,
  }));
  return slideDown(changes, { oldLines, newLines });
}

function compare(oldLines: string[], newLines: string[]): Change[] {
  const parts = diffArrays(oldLines, newLines, { timeout: TIMEOUT_MS });
  if (parts === undefined) {
    return [{ oldStart: 0, oldEnd: oldLines.length, newStart: 0, newEnd: newLines.length }];
  }
  const changes: Change[] = [];
  let oldIndex = 0;
  let newIndex = 0;
  let current: Change | undefined;
  for (const { added, removed, count } of parts) {
    if (!added && !removed) {
      current = undefined;
      oldIndex += count;
      newIndex += count;
      continue;
    }
    if (current === undefined) {
      current = { oldStart: oldIndex, oldEnd: oldIndex, newStart: newIndex, newEnd: newIndex };
      changes.push(current);
    }
    if (removed) oldIndex += count;
    else newIndex += count;
    current.oldEnd = oldIndex;
    current.newEnd = newIndex;
  }
  return changes;
}

/**
 * Of equal descriptions of a change the lowest one is taken (of three equal lines the last was removed), as git and
 * codex app-server 0.94.0 do. Changes that come to touch become one.
 */
function slideDown(changes: readonly Change[], sides: { oldLines: readonly string[]; newLines: readonly string[] }) {
  const result: Change[] = []; // from the bottom up
  for (const next of changes.toReversed()) {
    const change = { ...next };
    for (;;) {
      const below = result.at(-1);
      if (below !== undefined && below.oldStart === change.oldEnd && below.newStart === change.newEnd) {
        change.oldEnd = below.oldEnd;
        change.newEnd = below.newEnd;
        result.pop();
      }
      if (!canSlide(change, sides)) break;
      change.oldStart += 1;
      change.oldEnd += 1;
      change.newStart += 1;
      change.newEnd += 1;
    }
    result.push(change);
  }
  return result.toReversed();
}

function canSlide(
  change: Change,
  { oldLines, newLines }: { oldLines: readonly string[]; newLines: readonly string[] },
) {
  if (change.oldStart === change.oldEnd) {
    return change.oldEnd < oldLines.length && newLines[change.newStart] === newLines[change.newEnd];
  }
  if (change.newStart === change.newEnd) {
    return change.newEnd < newLines.length && oldLines[change.oldStart] === oldLines[change.oldEnd];
  }
  return false;
}

function groupChanges(changes: readonly Change[], contextLines: number): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group !== undefined && before !== undefined && change.oldStart - before.oldEnd <= 2 * contextLines) {
      group.push(change);
    } else {
      groups.push([change]);
    }
  }
  return groups;
}

interface Sides {
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  readonly contextLines: number;
}

function formatHunk(group: readonly Change[], { oldLines, newLines, contextLines }: Sides): string {
  const first = group[0];
  const last = group.at(-1);
  if (first === undefined || last === undefined) return '';
  const before = Math.min(contextLines, first.oldStart);
  const oldStart = first.oldStart - before;
  const oldEnd = Math.min(oldLines.length, last.oldEnd + contextLines);
  const newStart = first.newStart - before;
  const newEnd = last.newEnd + (oldEnd - last.oldEnd);

  let text = `@@ -${formatRange(oldStart, oldEnd)} +${formatRange(newStart, newEnd)} @@\n`;
  let position = oldStart;
  for (const change of group) {
    text += formatLines(' ', oldLines.slice(position, change.oldStart));
    text += formatLines('-', oldLines.slice(change.oldStart, change.oldEnd));
    text += formatLines('+', newLines.slice(change.newStart, change.newEnd));
    position = change.oldEnd;
  }
  return text + formatLines(' ', oldLines.slice(position, oldEnd));
}

/** A length of 1 is left out; an empty range names the line before it. */
function formatRange(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return `${start + 1}`;
  return length === 0 ? `${start},0` : `${start + 1},${length}`;
}

const formatLines = (mark: string, lines: readonly string[]): string =>
  lines.map((line) => (line.endsWith('\n') ? mark + line : `${mark}${line}\n${NO_NEWLINE}`)).join('');

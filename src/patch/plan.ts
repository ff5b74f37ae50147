/**
 * The files of a patch as its sections leave them, one after the other. In memory: nothing is read or written here.
 *
 * In: what is on disk and what each section does. Out: the net change of each file, for people (`changes`) and for the
 * disk (`steps`). A file that is moved is known by where its text comes from.
 */
import { createHash } from 'node:crypto';
import { unifiedHunks } from './line-diff.ts';

/** What a path goes through. Paths are absolute; `unifiedDiff` has one context line and no file headers. */
export type PatchChange =
  | { readonly kind: 'add'; readonly path: string; readonly movePath: null; readonly content: string }
  | { readonly kind: 'delete'; readonly path: string; readonly movePath: null; readonly content: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly movePath: string | null;
      readonly oldContent: string;
      readonly newContent: string;
      readonly unifiedDiff: string;
    };

/** A regular file by its text, a symbolic link by its target. */
export type Found = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'link'; readonly text: string };

/** One file to be written or removed. `place` has no links in it, `written` is the name in the patch. */
export interface PatchStep {
  readonly place: string;
  readonly written: string;
  readonly before: Found | null;
  /** The new text; null when the file goes. */
  readonly after: string | null;
  /** The file whose mode and owner a new one takes, because it is moved. */
  readonly movedFrom: string | null;
  /** The old name of the same file, where case does not count: it has to go first. */
  readonly otherName: string | null;
}

export interface PatchPlan {
  readonly steps: readonly PatchStep[];
  /** What is said when all is done; without a line feed at its end. */
  readonly summary: string;
}

/** One file while the sections are gone through. */
export interface PlannedFile {
  readonly place: string;
  readonly path: string;
  readonly written: string;
  readonly before: Found | null;
  now: { readonly text: string; readonly from: PlannedFile | null } | null;
  otherName: string | null;
}

/** Context lines around a change in items, observed on codex app-server 0.94.0. */
const ITEM_CONTEXT_LINES = 1;

/** Where the text of a file that is new at its place was before the patch, if it is not there any more. */
function sourceOf({ before, now }: PlannedFile): PlannedFile | null {
  const source = now?.from ?? null;
  return before === null && source?.before?.kind === 'text' && source.now === null ? source : null;
}

/** The net changes, in the order in which the files were first named. */
export function changesOf(files: readonly PlannedFile[]): PatchChange[] {
  const moved = new Set(files.map(sourceOf));
  return files.filter((file) => !moved.has(file)).flatMap((file) => changeOf(file) ?? []);
}

function changeOf(file: PlannedFile): PatchChange | undefined {
  const { path, before, now } = file;
  const source = sourceOf(file);
  if (source?.before && now !== null) return updated(source.path, path, [source.before.text, now.text]);
  if (before !== null && now !== null) return updated(path, null, [before.text, now.text]);
  if (now !== null) return { kind: 'add', path, movePath: null, content: now.text };
  return before === null ? undefined : { kind: 'delete', path, movePath: null, content: before.text };
}

const updated = (
  path: string,
  movePath: string | null,
  [oldContent, newContent]: readonly [string, string],
): PatchChange => ({
  kind: 'update',
  path,
  movePath,
  oldContent,
  newContent,
  unifiedDiff: unifiedHunks(oldContent, newContent, ITEM_CONTEXT_LINES),
});

/** What has to be done on disk: what is written first, so that a file that is moved is never at neither place. */
export function stepsOf(files: readonly PlannedFile[]): PatchStep[] {
  const oldNames = new Set(files.map(({ otherName }) => otherName));
  const steps = files.flatMap((file): PatchStep[] => {
    const { place, written, before, now, otherName } = file;
    if (now === null && (before === null || oldNames.has(place))) return [];
    const after = now?.text ?? null;
    const movedFrom = before === null ? (now?.from?.place ?? null) : null;
    return [{ place, written, before, after, movedFrom, otherName }];
  });
  return steps.toSorted((a, b) => Number(a.after === null) - Number(b.after === null));
}

/** A plan made again is the same plan: the same files with the same contents, before and after. */
export function digestOf({ steps }: PatchPlan): string {
  const hash = createHash('sha256');
  for (const step of steps) hash.update(`${JSON.stringify(step)}\n`);
  return hash.digest('hex');
}

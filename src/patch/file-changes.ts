// Changes of a patch -> the two shapes in which clients see them. Pure.
import type { FileUpdateChange } from '../protocol/items.ts';
import type { PatchChange } from './verify.ts';

/** One entry of the `changes` map in legacy events, keyed by absolute path. */
export type LegacyFileChange =
  | { readonly type: 'add'; readonly content: string }
  | { readonly type: 'delete'; readonly content: string }
  | { readonly type: 'update'; readonly unified_diff: string; readonly move_path: string | null };

const byPath = (a: PatchChange, b: PatchChange): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

/** The `changes` of a `fileChange` item, sorted by path. */
export const toFileUpdateChanges = (changes: readonly PatchChange[]): FileUpdateChange[] =>
  changes.toSorted(byPath).map(toFileUpdateChange);

function toFileUpdateChange(change: PatchChange): FileUpdateChange {
  const { path } = change;
  switch (change.kind) {
    case 'add':
    case 'delete':
      return { path, kind: { type: change.kind }, diff: change.content };
    case 'update': {
      const moved = change.movePath === null ? '' : `\n\nMoved to: ${change.movePath}`;
      return { path, kind: { type: 'update', move_path: change.movePath }, diff: change.unifiedDiff + moved };
    }
  }
}

/** The `changes` of `patch_apply_begin`, `patch_apply_end` and `apply_patch_approval_request`. */
export const toLegacyFileChanges = (changes: readonly PatchChange[]): Record<string, LegacyFileChange> =>
  Object.fromEntries(changes.toSorted(byPath).map((change) => [change.path, toLegacyFileChange(change)]));

const toLegacyFileChange = (change: PatchChange): LegacyFileChange =>
  change.kind === 'update'
    ? { type: 'update', unified_diff: change.unifiedDiff, move_path: change.movePath }
    : { type: change.kind, content: change.content };

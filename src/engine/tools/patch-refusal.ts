/** What the model reads when policy refuses a patch without asking anybody. Pure. */
import type { Reach } from '../../exec/writable-roots.ts';
import type { PatchChange } from '../../patch/verify.ts';

export interface RefusedPatch {
  readonly changes: readonly PatchChange[];
  /** What each path is to the sandbox. */
  readonly reachOf: (path: string) => Reach;
  /** The folders that may be changed; none when the sandbox is read-only. */
  readonly folders: readonly string[];
}

const NOBODY_ASKED = 'and the approval policy "never" lets nobody be asked';

const REASONS: Readonly<Record<Exclude<Reach, 'writable'>, string>> = {
  protected: 'is protected',
  outside: 'is outside of the folders that may be changed',
};

export function patchRefusal({ changes, reachOf, folders }: RefusedPatch): string {
  if (folders.length === 0) return `patch rejected: the sandbox is read-only, ${NOBODY_ASKED}: no file can be changed`;
  const paths = changes.flatMap(({ path, movePath }) => (movePath === null ? [path] : [path, movePath]));
  const reasons = [...new Set(paths)].flatMap((path) => {
    const reach = reachOf(path);
    return reach === 'writable' ? [] : [`${path} ${REASONS[reach]}`];
  });
  return `patch rejected: ${reasons.join('; ')}, ${NOBODY_ASKED}. Folders that may be changed: ${folders.join(', ')}`;
}

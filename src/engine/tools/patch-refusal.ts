/** What the model reads when policy refuses a patch without asking anybody. Pure. */
import { resolve, sep } from 'node:path';
import type { WritableRoot } from '../../exec/writable-roots.ts';
import { isInsideWritableRoots } from '../../patch/allowed.ts';
import type { PatchChange } from '../../patch/verify.ts';

const NOBODY_ASKED = 'and the approval policy "never" lets nobody be asked';

/** `roots` are empty when the sandbox is read-only. */
export function patchRefusal(changes: readonly PatchChange[], roots: readonly WritableRoot[]): string {
  if (roots.length === 0) return `patch rejected: the sandbox is read-only, ${NOBODY_ASKED}: no file can be changed`;
  const paths = changes.flatMap(({ path, movePath }) => (movePath === null ? [path] : [path, movePath]));
  const refused = paths.filter((path) => !isInsideWritableRoots([anyChangeOf(path)], roots));
  const reasons = [...new Set(refused)].map((path) =>
    isBelow(path, roots) ? `${path} is protected` : `${path} is outside of the folders that may be changed`,
  );
  return `patch rejected: ${reasons.join('; ')}, ${NOBODY_ASKED}. Folders that may be changed: ${namesOf(roots)}`;
}

const anyChangeOf = (path: string): PatchChange => ({ kind: 'delete', path, movePath: null, content: '' });

const namesOf = (roots: readonly WritableRoot[]): string => roots.map(({ root }) => root).join(', ');

const isBelow = (path: string, roots: readonly WritableRoot[]): boolean =>
  roots.some(({ root }) => resolve(path).startsWith(root.endsWith(sep) ? root : root + sep));

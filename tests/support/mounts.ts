/**
 * Programs that run where single files and folders are mounted, as they are in containers. In: what to mount. Out: the command
 * line in front of a program; the mounts are seen by that program only and go with it.
 */
import { spawnSync } from 'node:child_process';

/** `from` is seen at `to`, which must exist; both may be the same. Later mounts lie above earlier ones. */
export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly isReadOnly?: boolean;
}

const ROOTS = ['unshare', '--mount', '--propagation', 'private'];
const OTHERS = ['unshare', '--mount', '--map-root-user', '--propagation', 'private'];
const SCRIPT = `set -e
while [ "$1" != -- ]; do
  mount --bind "$2" "$3"
  [ "$1" = rw ] || mount -o remount,bind,ro "$3"
  shift 3
done
shift
exec "$@"`;

const shell = (unshare: readonly string[]): readonly string[] => [...unshare, 'sh', '-c', SCRIPT, 'sh'];

/** Why there can be no mounts here; false when there can. For `skip`. */
export function mountProblem(): string | false {
  return [ROOTS, OTHERS].some(works) ? false : 'neither root nor a user namespace can mount here';
}

const works = (unshare: readonly string[]): boolean => {
  const [file = '', ...args] = [...shell(unshare), 'rw', '/tmp', '/tmp', '--', 'true'];
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
};

/** The words that go in front of a program's own. */
export function withMounts(mounts: readonly Mount[]): readonly string[] {
  const unshare = works(ROOTS) ? ROOTS : OTHERS;
  const words = mounts.flatMap(({ from, to, isReadOnly = false }) => [isReadOnly ? 'ro' : 'rw', from, to]);
  return [...shell(unshare), ...words, '--'];
}

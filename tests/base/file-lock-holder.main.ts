/** Holds the lock named by its argument until it is asked to stop; prints a line when it has it. */
import { once } from 'node:events';
import { withFileLock } from '../../src/base/file-lock.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('name the lock');
await withFileLock(path, async () => {
  process.stdout.write('held\n');
  await once(process, 'SIGTERM');
});

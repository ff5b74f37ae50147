/** Replaces a file under its lock, for tests that run it where files are mounted: `PATH CONTENT [kept|set]`. */
import { withFileLock } from '../../src/base/file-lock.ts';
import { replaceFile } from '../../src/base/replace-file.ts';

const [path = '', content = '', modeOfExisting = 'kept'] = process.argv.slice(2);

await withFileLock(`${path}.lock`, () =>
  replaceFile(path, content, { mode: 0o600, modeOfExisting: modeOfExisting === 'set' ? 'set' : 'kept' }),
);
process.stdout.write('replaced');

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { test } from 'node:test';
import { osErrorText } from '../../src/base/os-error.ts';
import { FileTooLarge, NotRegularFile } from '../../src/base/regular-file.ts';

const systemError = (code: string, errno: number): Error =>
  Object.assign(new Error('as Node says it'), { code, errno });

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return osErrorText(error);
  }
  return 'nothing was thrown';
}

test('failures of the system are told in words, with their number', () => {
  const told = (name: keyof typeof constants.errno): string => osErrorText(systemError(name, -constants.errno[name]));
  assert.equal(told('EMFILE'), `Too many open files (os error ${constants.errno.EMFILE})`);
  assert.equal(told('ENOSPC'), `No space left on device (os error ${constants.errno.ENOSPC})`);
  const common = ['EDQUOT', 'ENFILE', 'EFBIG', 'EBUSY', 'ENOMEM', 'ETIMEDOUT', 'EXDEV', 'ENXIO', 'EPIPE'] as const;
  for (const name of common) assert.doesNotMatch(told(name), /^E[A-Z]+ /, name);
});

test('what Node checks before the system does is told in the same words', () => {
  assert.equal(
    thrownBy(() => rmSync(tmpdir())),
    `Is a directory (os error ${constants.errno.EISDIR})`,
  );
  assert.equal(
    thrownBy(() => readFileSync('a\0b')),
    'the path holds a NUL character',
  );
  assert.equal(
    thrownBy(() => mkdirSync('a\0b')),
    'the path holds a NUL character',
  );
});

test('a name that is no regular file, or too large a file, is told as that', () => {
  assert.equal(osErrorText(new NotRegularFile(statSync('/'))), 'it is a folder, not a regular file');
  assert.equal(osErrorText(new FileTooLarge(10)), 'it is larger than 10 bytes');
});

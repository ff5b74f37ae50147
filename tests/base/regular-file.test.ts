import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readRegular, readRegularSync } from '../../src/base/regular-file.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardex-regular-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const LIMIT_BYTES = 200_000;

/** Both ways of reading, so that each rule holds for both. */
async function outcomes(path: string): Promise<readonly string[]> {
  const sync = (): Promise<Buffer> => Promise.resolve().then(() => readRegularSync(path, LIMIT_BYTES));
  const ways = [sync(), readRegular(path, LIMIT_BYTES)];
  return Promise.all(ways.map((way) => way.then(String, (error: Error) => `${error.name}: ${error.message}`)));
}

const same = (found: readonly string[], expected: string | RegExp): void => {
  assert.equal(found.length, 2);
  for (const text of found) typeof expected === 'string' ? assert.equal(text, expected) : assert.match(text, expected);
};

test('a regular file is read whole, also through a link, also when it takes several reads', async () => {
  const text = 'long '.repeat(30_000);
  writeFileSync(join(folder, 'file'), text);
  symlinkSync('file', join(folder, 'link'));
  same(await outcomes(join(folder, 'file')), text);
  same(await outcomes(join(folder, 'link')), text);
});

test('files that say they are empty and are not are read to their end', {
  skip: process.platform !== 'linux',
}, async () => {
  same(await outcomes('/proc/self/status'), /Pid:/);
});

test('what is no regular file is refused without waiting', async () => {
  mkdirSync(join(folder, 'folder'));
  same(await outcomes(join(folder, 'folder')), 'NotRegularFile: is a folder, not a regular file');
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  symlinkSync('fifo', join(folder, 'to-fifo'));
  const server = createServer().listen(join(folder, 'socket'));
  same(await outcomes(join(folder, 'fifo')), 'NotRegularFile: is a named pipe, not a regular file');
  same(await outcomes(join(folder, 'to-fifo')), 'NotRegularFile: is a named pipe, not a regular file');
  same(await outcomes('/dev/zero'), 'NotRegularFile: is a device, not a regular file');
  same(await outcomes(join(folder, 'socket')), 'NotRegularFile: is a socket, not a regular file');
  server.close();
});

test('a file over the limit is refused, also a sparse giant', async () => {
  execFileSync('truncate', ['-s', '1T', join(folder, 'giant')]);
  same(await outcomes(join(folder, 'giant')), `FileTooLarge: is larger than ${LIMIT_BYTES} bytes`);
});

test('a missing file is the file system’s error', async () => {
  same(await outcomes(join(folder, 'missing')), /ENOENT/);
});

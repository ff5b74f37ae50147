/**
 * Non-blocking writes to a terminal. It accepts nothing while its user has stopped it (Ctrl-S), and Node's own
 * terminal stream would then block the whole thread.
 *
 * In: a descriptor of a terminal. Out: a stream. Owns a descriptor of its own, because the mode of the given one is
 * shared with other programs.
 */
import { constants, openSync, write } from 'node:fs';
import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';

/** Node has no event for a writable terminal. */
const TRY_AGAIN_MS = 50;

export function openTerminal(fd: number): Writable {
  try {
    const own = openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    return new Writable({ write: (chunk: unknown, _encoding, done) => writeAll(own, bytesOf(chunk), done) });
  } catch {
    return new WriteStream(fd); // it belongs to another user, or there is no /dev/fd
  }
}

const bytesOf = (chunk: unknown): Buffer => (Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));

function writeAll(fd: number, bytes: Buffer, done: (error?: Error | null) => void): void {
  if (bytes.length === 0) {
    done();
    return;
  }
  write(fd, bytes, (error, writtenBytes) => {
    if (error === null) writeAll(fd, bytes.subarray(writtenBytes), done);
    else if (error.code === 'EAGAIN') setTimeout(() => writeAll(fd, bytes, done), TRY_AGAIN_MS);
    else done(error);
  });
}

/**
 * The owner of the process's standard streams. In: file descriptors 0, 1, 2. Out: a byte source, byte sink and log stream that
 * never block the thread. `process.stdout` and `process.stderr` are replaced: a stray print must not reach the wire, nor wait for
 * whoever reads the other one.
 */
import { createReadStream, createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import type { ByteSink, ByteSource } from './bytes.ts';
import { openTerminal } from './terminal.ts';

type FdKind = 'pipe' | 'tty' | 'file' | 'closed';

function kindOf(fd: number): FdKind {
  if (isatty(fd)) return 'tty';
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket() ? 'pipe' : 'file';
  } catch {
    return 'closed'; // started without this descriptor
  }
}

function openInput(fd: number): Readable {
  switch (kindOf(fd)) {
    case 'pipe':
      return new Socket({ fd, readable: true, writable: false });
    case 'tty':
      return new ReadStream(fd);
    case 'file':
      return createReadStream('', { fd, autoClose: false });
    case 'closed':
      return Readable.from([]);
  }
}

/** A writable stream on a descriptor. Pipes and sockets are opened non-blocking, unlike `process.stdout`. */
export function openOutput(fd: number): Writable {
  switch (kindOf(fd)) {
    case 'pipe':
      return new Socket({ fd, readable: false, writable: true });
    case 'tty':
      return openTerminal(fd);
    case 'file':
      return createWriteStream('', { fd, autoClose: false });
    case 'closed':
      return new Writable({ write: (_chunk, _encoding, done) => done() });
  }
}

/** Reads a descriptor as a byte source. */
export function byteSource(fd: number): ByteSource {
  let stream: Readable | undefined;
  let finish = (): void => undefined;
  return {
    start: (onChunk, onEnd) => {
      let ended = false;
      finish = () => {
        if (ended) return;
        ended = true;
        onEnd();
      };
      stream = openInput(fd);
      stream.on('data', onChunk);
      stream.on('end', finish);
      stream.on('close', finish);
      stream.on('error', finish); // a broken stdin is the end of input: there is nobody left to listen to
    },
    pause: () => stream?.pause(),
    resume: () => stream?.resume(),
    stop: () => {
      stream?.pause();
      stream?.removeAllListeners('data');
      finish();
    },
  };
}

/** Writes to a descriptor as a byte sink. */
export function byteSink(fd: number): ByteSink {
  const stream = openOutput(fd);
  stream.on('error', () => undefined); // the failing write's callback reports it
  return { write: (bytes, done) => void stream.write(bytes, done) };
}

/**
 * Replaces `process.stdout` and `process.stderr` by streams that hand every text to `onStray`. Nothing is opened until somebody
 * asks for it. Covers `console` and the output of worker threads too, which is piped into these two.
 */
export function guardOutput(onStray: (name: 'stdout' | 'stderr', text: string) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    let guard: Writable | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      get: () => {
        guard ??= textTaker((text) => onStray(name, text));
        return guard;
      },
    });
  }
}

const textTaker = (take: (text: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      take(typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('utf8') : '');
      done();
    },
  });

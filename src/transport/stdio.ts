/**
 * The owner of the process's standard streams. In: file descriptors 0, 1, 2. Out: a byte source, a byte sink and a
 * log stream that never block the thread. Replaces `process.stdout` and `process.stderr`: a stray print must not
 * reach the wire, nor wait for a slow reader.
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

/** A writable stream on a descriptor. Pipes and sockets are non-blocking, unlike `process.stdout`. */
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
      stream.on('error', finish); // a broken stdin ends the input: the client is gone
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
 * Replaces `process.stdout` and `process.stderr` by streams that pass every text to `onStray`. They are created on
 * first use. Also covers `console` and the output of worker threads, which is piped into these two.
 */
export function guardOutput(onStray: (name: 'stdout' | 'stderr', text: string) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    let guard: Writable | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      get: () => {
        guard ??= textCollector((text) => onStray(name, text));
        return guard;
      },
    });
  }
}

const textCollector = (take: (text: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      take(typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('utf8') : '');
      done();
    },
  });

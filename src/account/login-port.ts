/** The loopback port of browser logins. One login on this machine holds it at a time; the newest one gets it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delay } from '../base/abort.ts';
import { AppError, messageOf } from '../base/errors.ts';

const LOGIN_HOST = '127.0.0.1';

/** Observed on codex app-server 0.94.0. */
const MAX_TRIES = 10;
const RETRY_MS = 200;
const CANCEL_LIMIT_MS = 2000;

/**
 * Listens on `port` (0: any free one) and resolves with the port. Asks the current holder once to release it; other
 * servers of this kind support that too. Rejects with AppError `io-failed`, or the signal's reason.
 */
export async function listenForLogin(server: Server, port: number, signal: AbortSignal): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    const failure = await tryToListen(server, port);
    if (failure === null) return (server.address() as AddressInfo).port;
    if (codeOf(failure) !== 'EADDRINUSE') throw failed(messageOf(failure));
    if (tries === 1) await requestRelease(port);
    if (tries > MAX_TRIES) throw failed(`Port ${LOGIN_HOST}:${port} is already in use`);
    await delay(RETRY_MS, signal);
  }
}

function tryToListen(server: Server, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening);
      resolve(error);
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(null);
    };
    server.once('error', onError).once('listening', onListening).listen(port, LOGIN_HOST);
  });
}

/** The response does not matter: the port becomes free soon, or not. */
async function requestRelease(port: number): Promise<void> {
  const { get } = await import('node:http');
  const asked = get({ host: LOGIN_HOST, port, path: '/cancel', agent: false, timeout: CANCEL_LIMIT_MS }, (response) => {
    response.resume();
  });
  asked.on('timeout', () => asked.destroy());
  asked.on('error', () => undefined); // it may not speak HTTP
}

const codeOf = (error: Error): string | null => ('code' in error && typeof error.code === 'string' ? error.code : null);

const failed = (why: string): AppError => new AppError('io-failed', `failed to start login server: ${why}`);

/**
 * The runtime that vscode-jsonrpc asks for. Its own one for Node loads its stream, socket and child process parts, which costs
 * `initialize` a tenth; with a reader and a writer of our own only the timers are ever used.
 */
import type { RAL } from 'vscode-jsonrpc';
import { timerMs } from '../base/timers.ts';

type Runtime = Parameters<typeof RAL.install>[0];

const unused = (what: string) => (): never => {
  throw new Error(`vscode-jsonrpc asked for ${what}, which the line reader and writer replace`);
};
const quiet = (): void => undefined;

const runtime: Runtime = Object.freeze({
  crypto: { randomUUID: () => crypto.randomUUID() },
  applicationJson: {
    encoder: { name: 'application/json', encode: unused('an encoder') },
    decoder: { name: 'application/json', decode: unused('a decoder') },
  },
  messageBuffer: { create: unused('a message buffer') },
  console: { info: quiet, log: quiet, warn: quiet, error: quiet },
  timer: {
    setTimeout: (callback: (...args: unknown[]) => void, delayMs: number, ...args: unknown[]) => {
      const timer = setTimeout(callback, timerMs(delayMs), ...args);
      return { dispose: () => clearTimeout(timer) };
    },
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) => {
      const timer = setImmediate(callback, ...args);
      return { dispose: () => clearImmediate(timer) };
    },
    setInterval: (callback: (...args: unknown[]) => void, delayMs: number, ...args: unknown[]) => {
      const timer = setInterval(callback, timerMs(delayMs), ...args);
      return { dispose: () => clearInterval(timer) };
    },
  },
});

/** Must come before the first connection; again is harmless. */
export function installRuntime(ral: typeof RAL): void {
  ral.install(runtime);
}

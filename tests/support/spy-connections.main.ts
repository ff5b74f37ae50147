/** Preloaded into a server and its threads: notes every host that a socket is opened to, one a line, in SPY_CONNECTIONS. */
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const file = process.env.SPY_CONNECTIONS;
const connect = Socket.prototype.connect;

function hostOf(first: unknown): string | null {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof options !== 'object' || options === null) return null;
  if ('path' in options && typeof options.path === 'string') return null;
  const host = 'host' in options ? options.host : 'localhost';
  return 'port' in options ? `${host}:${options.port}` : null;
}

Socket.prototype.connect = function spied(this: Socket, ...args: unknown[]) {
  const host = hostOf(args[0]);
  if (host !== null && file !== undefined) appendFileSync(file, `${host}\n`);
  return Reflect.apply(connect, this, args);
} as typeof connect;

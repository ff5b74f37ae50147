// Loaded into every thread of a server by NODE_OPTIONS: calls of the file system about what DEAD names (paths, one a line), or about
// anything below, do not return until somebody opens the named pipe DEAD_PIPE for writing: as on a mount whose server is gone.
import fs from 'node:fs';
import { resolve } from 'node:path';

const dead = (process.env.DEAD ?? '').split('\n').filter(Boolean);
const pipe = process.env.DEAD_PIPE ?? '';
const { openSync, closeSync } = fs;

function holdUp(path: unknown): void {
  if (typeof path !== 'string' || path.includes('\0')) return;
  const full = resolve(path);
  if (dead.some((name) => full === name || full.startsWith(`${name}/`))) closeSync(openSync(pipe, 'r'));
}

/** The same function, held up where it is about something dead. */
function heldUp<T extends object>(call: T): T {
  return new Proxy(call, {
    apply(target, self, given: unknown[]) {
      holdUp(given[0]);
      return Reflect.apply(target as never, self, given);
    },
  });
}

Object.assign(fs, { statSync: heldUp(fs.statSync), lstatSync: heldUp(fs.lstatSync) });
fs.statfsSync = heldUp(fs.statfsSync);
fs.existsSync = heldUp(fs.existsSync);
fs.readdirSync = heldUp(fs.readdirSync);
fs.opendirSync = heldUp(fs.opendirSync);
fs.openSync = heldUp(fs.openSync);
fs.watch = heldUp(fs.watch);
const { realpathSync } = fs;
fs.realpathSync = Object.assign(heldUp(realpathSync), { native: heldUp(realpathSync.native) });

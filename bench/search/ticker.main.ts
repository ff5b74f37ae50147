/**
 * Loaded into a measured Node program by `--import`: when the program ends, the file that this module's own address names
 * (`?out=`) gets the gaps between ticks of a timer in its main thread. Keeps no thread alive.
 */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
/** Smaller gaps are the timer's own. */
const LEAST_TOLD_MS = 7;

/** Begin in milliseconds since 1970, length in milliseconds. */
const gaps: [number, number][] = [];
const out = new URL(import.meta.url).searchParams.get('out');
let last = performance.now();

function tick(): void {
  const now = performance.now();
  const gapMs = now - last;
  if (gapMs > LEAST_TOLD_MS) gaps.push([Math.round(Date.now() - gapMs), gapMs]);
  last = now;
}

if (isMainThread && out !== null) {
  setInterval(tick, TICK_MS).unref();
  process.on('exit', () => writeFileSync(out, JSON.stringify({ least: TICK_MS, gaps })));
}

/**
 * How long tests wait for what must happen. A machine may be many times slower than this one and stand still for seconds, so
 * these limits only end what hangs: no test takes them for a measure of how fast something is.
 */
import { setTimeout as delay } from 'node:timers/promises';

export const PATIENCE_MS = 60_000;

const LOOK_EVERY_MS = 5;

/** Resolves once a condition holds that nothing announces. */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`);
    await delay(LOOK_EVERY_MS);
  }
}

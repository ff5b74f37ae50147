/**
 * Limits for work that must not grow out of hand: what is squared, exponential or without an end goes far beyond them, and a machine
 * that is twenty times slower stays within. Measured is the time of the processor, so that others on the machine do not count.
 */
import assert from 'node:assert/strict';

const ATTEMPTS = 3;

/** Runs the work and fails when it takes more than `limitMs` three times in a row. Gives what it returned last. */
export function within<T>(limitMs: number, what: string, run: () => T): T {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.cpuUsage();
    const result = run();
    if (isWithin(limitMs, what, before, attempt)) return result;
  }
}

/** The same for work that resolves later. */
export async function resolvedWithin<T>(limitMs: number, what: string, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.cpuUsage();
    const result = await run();
    if (isWithin(limitMs, what, before, attempt)) return result;
  }
}

function isWithin(limitMs: number, what: string, before: NodeJS.CpuUsage, attempt: number): boolean {
  const tookMs = usedMs(before);
  assert.ok(tookMs <= limitMs || attempt < ATTEMPTS, `${what}: ${Math.round(tookMs)} ms of the processor`);
  return tookMs <= limitMs;
}

/** What this process has used since, in milliseconds. */
export const usedMs = (before: NodeJS.CpuUsage): number => process.cpuUsage(before).user / 1000;

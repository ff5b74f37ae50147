/** Where a Node program that was started with the ticker tells at its end for how long its main thread did nothing else. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class TickFile implements Disposable {
  /** What the program is started with. */
  readonly flags: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'shardex-bench-ticks-'));
  readonly #file = join(this.#folder, 'ticks.json');

  /** `ticker` is the built module. */
  constructor(ticker: URL) {
    const address = new URL(ticker);
    address.searchParams.set('out', this.#file);
    this.flags = ['--import', address.href];
  }

  /** Of the gaps that overlap the time between two times since 1970; null when the program told nothing. */
  largestGapMs(fromMs: number, untilMs: number): number | null {
    const told = this.#read();
    if (told === null) return null;
    const within = told.gaps.filter(([beganMs, gapMs]) => beganMs + gapMs > fromMs && beganMs < untilMs);
    return within.reduce((largest, [, gapMs]) => Math.max(largest, gapMs), told.least);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(): Told | null {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return null; // it was killed
    }
  }
}

interface Told {
  /** No gap is smaller. */
  readonly least: number;
  /** Begin and length. */
  readonly gaps: readonly (readonly [number, number])[];
}

/** Figures of a list of samples. Percentiles by nearest rank: always a value that was measured. Pure. */

export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** The smallest sample that at least `share` (above 0, up to 1) of all samples do not exceed. Throws RangeError for no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length - 1e-9)); // 0.95 * 20 is a little above 19
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('no samples');
  return value;
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const lower = percentile(samples, 0.5);
  if (samples.length % 2 === 1) return lower;
  const upper = [...samples].sort((a, b) => a - b)[samples.length / 2] ?? lower;
  const sum = lower + upper;
  return Number.isFinite(sum) ? sum / 2 : lower / 2 + upper / 2; // halves first would lose the smallest numbers
}

export function summarise(samples: readonly number[]): Summary {
  return {
    n: samples.length,
    median: median(samples),
    p95: percentile(samples, 0.95),
    p99: percentile(samples, 0.99),
    min: percentile(samples, Number.MIN_VALUE),
    max: percentile(samples, 1),
  };
}

/** What is measured: the shape of a figure, of its target and of a workload that yields figures. */
import type { Bench } from './bench.ts';
import { type Summary, summarise } from './statistics.ts';

/** Whose samples they are: an engine's id, or `node` for an empty Node program. */
export type Series = 'ours' | 'reference' | 'node';

type Unit = 'ms' | 'MB' | 'turns/s' | 'deltas/s';

/** Which number of a summary counts. `max` is for samples that are percentiles of runs already. */
type Statistic = 'median' | 'max';

/** What our side is held to: a limit in the figure's unit, or a limit on its ratio to another series. */
export type Target =
  | { readonly kind: 'atMost' | 'atLeast'; readonly limit: number }
  | { readonly kind: 'ratioAtMost' | 'ratioAtLeast'; readonly to: Exclude<Series, 'ours'>; readonly limit: number };

export interface Figure {
  /** Short and stable: the key in the JSON report. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly statistic: Statistic;
  readonly targets: readonly Target[];
}

export type Samples = Partial<Record<Series, readonly number[]>>;

export interface Measured {
  readonly figure: Figure;
  readonly samples: Samples;
}

/** How much is done: full runs are for figures, quick ones for a look, smoke runs only show that all of it works. */
export type Effort = 'full' | 'quick' | 'smoke';

/** One piece of work, done by all engines in turn; `B` is what it measures with. */
export interface Workload<B = Bench> {
  /** What `--only` names. */
  readonly name: string;
  measure(bench: B): Promise<readonly Measured[]>;
}

export interface Verdict {
  readonly target: Target;
  /** What is held against the limit; null when there is nothing to compare with. */
  readonly value: number | null;
  readonly met: boolean | null;
}

/** The number of a series that counts; null when it was not measured. */
function seriesValue({ figure, samples }: Measured, series: Series): number | null {
  const own = samples[series];
  return own === undefined || own.length === 0 ? null : summarise(own)[figure.statistic satisfies keyof Summary];
}

/** Ours divided by the other series; null when one of them is absent. */
export function ratioTo(measured: Measured, series: Exclude<Series, 'ours'>): number | null {
  const ours = seriesValue(measured, 'ours');
  const other = seriesValue(measured, series);
  return ours === null || other === null || other === 0 ? null : ours / other;
}

export function verdictsOf(measured: Measured): Verdict[] {
  return measured.figure.targets.map((target) => {
    const value = 'to' in target ? ratioTo(measured, target.to) : seriesValue(measured, 'ours');
    if (value === null) return { target, value, met: null };
    const atMost = target.kind === 'atMost' || target.kind === 'ratioAtMost';
    return { target, value, met: atMost ? value <= target.limit : value >= target.limit };
  });
}

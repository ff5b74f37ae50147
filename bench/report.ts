/** The report for programs: everything that was measured, and where. Pure. */
import type { Engine } from './engines.ts';
import { type Effort, type Measured, ratioTo, verdictsOf } from './figure.ts';
import type { Machine } from './machine.ts';
import { summarise } from './statistics.ts';

export interface ReportHead {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly effort: Effort;
  readonly machine: Machine;
  readonly version: string | null;
  /** Of what was measured. */
  readonly commit: string | null;
  readonly packages: Readonly<Record<string, string | null>>;
  readonly engines: readonly Pick<Engine, 'id' | 'version'>[];
}

export function reportOf(head: ReportHead, results: readonly Measured[]): object {
  return {
    ...head,
    engines: head.engines.map(({ id, version }) => ({ id, version })),
    figures: results.map((measured) => ({
      name: measured.figure.name,
      title: measured.figure.title,
      unit: measured.figure.unit,
      statistic: measured.figure.statistic,
      series: Object.fromEntries(
        Object.entries(measured.samples).map(([series, samples]) => [series, { ...summarise(samples), samples }]),
      ),
      ratios: { reference: ratioTo(measured, 'reference'), node: ratioTo(measured, 'node') },
      verdicts: verdictsOf(measured),
    })),
  };
}

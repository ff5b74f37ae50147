/** What Shardex is held to in trees of some sizes. Pure. */

import { type Summary, summarise } from '../statistics.ts';
import { shownNumber } from '../table.ts';
import { FIGURES, type FigureName } from './figures.ts';
import type { TreeResult } from './results.ts';

interface Target {
  readonly figure: FigureName;
  readonly statistic: Exclude<keyof Summary, 'n'>;
  /** Largest value, or with `of` the largest multiple of another engine's value. */
  readonly atMost: number;
  readonly of?: string;
  /** For trees of more than the first and up to the second number of files. */
  readonly sizes: readonly [number, number];
}

export interface SearchVerdict {
  readonly text: string;
  /** Null when there is nothing to compare with. */
  readonly met: boolean | null;
}

/** What a small tree takes less than a large one. */
const UP_TO_LARGE = [0, 80_000] as const;
/** Where the work is large enough to be compared with another engine's. */
const LARGE = [50_000, 80_000] as const;
/** A million files, as many as a generated or copied tree of that name may have. */
const VERY_LARGE = [80_000, 1_100_000] as const;
const ANY = [0, Number.POSITIVE_INFINITY] as const;

const TARGETS: readonly Target[] = [
  { figure: 'warm', statistic: 'median', atMost: 5, sizes: UP_TO_LARGE },
  { figure: 'warm', statistic: 'median', atMost: 1 / 50, of: 'reference', sizes: LARGE },
  { figure: 'cold', statistic: 'median', atMost: 0.5, of: 'reference', sizes: LARGE },
  { figure: 'memory', statistic: 'median', atMost: 15, sizes: UP_TO_LARGE },
  { figure: 'warm', statistic: 'median', atMost: 40, sizes: VERY_LARGE },
  { figure: 'warm', statistic: 'p99', atMost: 150, sizes: VERY_LARGE },
  { figure: 'memory', statistic: 'median', atMost: 150, sizes: VERY_LARGE },
  { figure: 'lag', statistic: 'max', atMost: 100, sizes: ANY },
  { figure: 'other', statistic: 'p99', atMost: 10, sizes: ANY },
];
const HELD = 'shardex';

/** Nothing for a run without Shardex. */
export function verdictsOf({ files, figures }: TreeResult): SearchVerdict[] {
  return TARGETS.filter(({ sizes: [above, upTo] }) => files > above && files <= upTo).flatMap(
    (target): SearchVerdict[] => {
      const { title, unit, name } = FIGURES[target.figure];
      const samples = figures.find(({ figure }) => figure.name === name)?.samples ?? {};
      const own = statisticOf(samples[HELD], target);
      if (own === null) return [];
      const what = `${title}, ${target.statistic}`;
      if (target.of === undefined) {
        const text = `${what}: ${shownNumber(own)} ${unit} (target <= ${target.atMost})`;
        return [{ text, met: own <= target.atMost }];
      }
      const base = statisticOf(samples[target.of], target);
      const wanted = `(target <= ${target.atMost} x ${target.of})`;
      if (base === null) return [{ text: `${what}: not compared ${wanted}`, met: null }];
      return [{ text: `${what}: ${shownNumber(own / base)} x ${wanted}`, met: own / base <= target.atMost }];
    },
  );
}

const statisticOf = (samples: readonly number[] | undefined, { statistic }: Target): number | null =>
  samples === undefined ? null : summarise(samples)[statistic];

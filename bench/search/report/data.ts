/** The reports for programs: everything that was measured as JSON, and the smaller part of it that the page shows. Pure. */
import type { Machine } from '../../machine.ts';
import { median, percentile, type Summary, summarise } from '../../statistics.ts';
import type { AbsentEngine, EngineSpec } from '../engines/spec.ts';
import type { SearchFigure } from '../figures.ts';
import type { TreeResult } from '../results.ts';
import { ratioToFirst } from '../table.ts';
import { type SearchVerdict, verdictsOf } from '../targets.ts';

export interface SearchReportHead {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly version: string | null;
  readonly commit: string | null;
  readonly packages: Readonly<Record<string, string | null>>;
  readonly engines: readonly Pick<EngineSpec, 'id' | 'version' | 'kind'>[];
  readonly absent: readonly AbsentEngine[];
  readonly seed: number;
  readonly rounds: number;
  readonly budgetMs: number;
  readonly queries: 'from a file' | 'made up from the tree';
  /** What went wrong with an engine. */
  readonly notes: readonly string[];
}

export interface PageFigure {
  readonly figure: SearchFigure;
  readonly engines: Readonly<Record<string, Summary & { readonly ratio: number | null }>>;
  /** By engine, the value at each of `RANKS`; for times only. */
  readonly percentiles: Readonly<Record<string, readonly number[]>> | null;
}

export interface PageTree {
  readonly label: string;
  readonly files: number;
  readonly folders: number;
  readonly figures: readonly PageFigure[];
  /** By engine, the median of each key stroke; null where none was measured. */
  readonly traces: readonly {
    readonly strokes: readonly string[];
    readonly medians: Readonly<Record<string, readonly (number | null)[]>>;
  }[];
  readonly verdicts: readonly SearchVerdict[];
  /** By engine, the median of the warm times of each query. */
  readonly queries: readonly { readonly query: string; readonly medians: Readonly<Record<string, number>> }[];
}

export interface PageData {
  readonly head: SearchReportHead;
  readonly ranks: readonly number[];
  readonly trees: readonly PageTree[];
}

/** Percentages at which distributions are drawn. */
export const RANKS: readonly number[] = [...Array.from({ length: 49 }, (_, index) => 2 + 2 * index), 99, 100];
/** More of a query is not shown. */
const MOST_QUERY_LETTERS = 200;
/** Figures whose distribution is drawn. */
const DRAWN: readonly string[] = ['cold', 'warm', 'keys', 'other'];

/** All samples, with summaries. */
export function jsonReport(head: SearchReportHead, trees: readonly TreeResult[]): object {
  return {
    ...head,
    trees: trees.map((tree) => ({
      ...tree,
      figures: tree.figures.map(({ figure, samples }) => ({
        ...figure,
        engines: mapped(samples, (own) => ({ ...summarise(own), samples: own.map(rounded) })),
      })),
      verdicts: verdictsOf(tree),
    })),
  };
}

/** No single samples: what the page needs to draw. */
export function pageData(head: SearchReportHead, trees: readonly TreeResult[]): PageData {
  const [first = { id: '' }] = head.engines;
  return {
    head,
    ranks: RANKS,
    trees: trees.map((tree) => ({
      label: tree.label,
      files: tree.files,
      folders: tree.folders,
      figures: tree.figures.map((measured) => ({
        figure: measured.figure,
        engines: mapped(measured.samples, (own, engine) => {
          return { ...summarise(own), ratio: ratioToFirst(measured, first.id, engine) };
        }),
        percentiles: DRAWN.includes(measured.figure.name) ? mapped(measured.samples, distribution) : null,
      })),
      traces: tree.traces.map(({ strokes, samples }) => ({
        strokes,
        medians: mapped(samples, (own) => own.map((values) => (values.length === 0 ? null : rounded(median(values))))),
      })),
      verdicts: verdictsOf(tree),
      queries: tree.queries.map(({ query, samples }) => ({
        query: [...query].slice(0, MOST_QUERY_LETTERS).join(''),
        medians: mapped(samples, (own) => rounded(median(own))),
      })),
    })),
  };
}

const distribution = (samples: readonly number[]): number[] =>
  RANKS.map((rank) => rounded(percentile(samples, rank / 100)));

/** Four digits are more than a time is good for. */
const rounded = (value: number): number => Number(value.toPrecision(4));

function mapped<A, B>(record: Readonly<Record<string, A>>, map: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

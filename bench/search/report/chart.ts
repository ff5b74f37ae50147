/** One plot of times, logarithmic because engines are orders of magnitude apart. */
import UPlot, { type Axis, type Scale } from 'uplot';
import { element, type PageElement } from './elements.ts';

export interface ChartLine {
  readonly label: string;
  readonly colour: string;
  /** One for each x; null where there is none. */
  readonly y: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly xLogarithmic: boolean;
  /** Marks at each x instead of round numbers. */
  readonly xNames: readonly string[] | null;
  readonly lines: readonly ChartLine[];
}

const HEIGHT = 320;
const MOST_WIDTH = 760;
/** Nothing is faster than this, and a logarithm needs something above 0. */
const LEAST_MS = 0.001;

export function drawChart(parent: PageElement, { title, x, xLabel, xLogarithmic, xNames, lines }: Chart): void {
  const place = element('div', 'chart');
  parent.append(place);
  const names = xNames;
  const xAxis: Axis =
    names === null
      ? { label: xLabel }
      : {
          label: xLabel,
          splits: () => x,
          filter: (_, at) => at,
          values: (_, at) => at.map((value) => names[x.indexOf(value)] ?? null),
        };
  const xScale: Scale = xLogarithmic ? { time: false, distr: 3, range: wider } : { time: false };
  const options = {
    title,
    width: Math.min(MOST_WIDTH, place.clientWidth || MOST_WIDTH),
    height: HEIGHT,
    scales: { x: xScale, y: { distr: 3, range: decades } },
    series: [
      { label: xLabel, value: (_: unknown, value: number | null) => nameAt(names, x, value) },
      ...lines.map(({ label, colour }) => ({
        label,
        stroke: colour,
        width: 2,
        spanGaps: true,
        points: { show: x.length < 20, size: 7 },
        value: (_: unknown, value: number | null) => (value === null ? '-' : `${shownMs(value)} ms`),
      })),
    ],
    axes: [xAxis, { label: 'milliseconds', size: 70, values: (_: unknown, at: readonly number[]) => at.map(markAt) }],
  } as const;
  const data = [x, ...lines.map(({ y }) => y.map((value) => (value === null ? null : Math.max(value, LEAST_MS))))];
  new UPlot(options, data, place);
}

const nameAt = (names: readonly string[] | null, x: readonly number[], value: number | null): string =>
  value === null ? '-' : (names?.[x.indexOf(value)] ?? value.toLocaleString('en-US'));

const shownMs = (value: number): string => String(Number(value.toPrecision(3)));

/** Only powers of ten are named. */
const markAt = (value: number): string | null =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? shownMs(value) : null;

/** Room at both sides, also around a single value. */
const wider = (_: unknown, min: number, max: number): [number, number] => [min / 1.5, max * 1.5];

/** Whole powers of ten around all values, so that no curve looks steeper than it is. */
const decades = (_: unknown, min: number, max: number): [number, number] => [
  10 ** Math.floor(Math.log10(Math.max(min, LEAST_MS))),
  10 ** Math.ceil(Math.log10(Math.max(max, LEAST_MS * 10)) + 1e-9),
];

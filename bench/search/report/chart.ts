/** One plot, logarithmic because engines are orders of magnitude apart. */
import UPlot, { type Axis, type Scale } from 'uplot';
import { element, type PageElement } from './elements.ts';
import type { Theme } from './theme.ts';

export interface ChartLine {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  /** One for each x; null where there is none. */
  readonly y: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  readonly unit: 'ms' | 'MB';
  readonly x: readonly number[];
  readonly xLabel: string;
  /** What a value of x is called in the legend. */
  readonly xName: string;
  readonly xLogarithmic: boolean;
  /** Marks at each x instead of round numbers. */
  readonly xNames: readonly string[] | null;
  readonly lines: readonly ChartLine[];
}

/** Makes the plot as wide as its place is now. */
export type FitChart = () => void;

const HEIGHT = 300;
const LEAST_WIDTH = 280;
/** Nothing is less than this, and a logarithm needs something above 0. */
const LEAST = 0.001;
const UNITS: Readonly<Record<Chart['unit'], string>> = { ms: 'milliseconds (log)', MB: 'megabytes (log)' };

export function drawChart(parent: PageElement, chart: Chart, theme: Theme): FitChart {
  const place = element('div', 'chart');
  parent.append(place);
  const { title, x, xName, xNames, unit } = chart;
  const lines = chart.lines.filter(({ y }) => y.some((value) => value !== null));
  if (lines.length === 0) {
    place.append(element('div', 'u-title', title), element('p', 'muted', 'Nothing was measured.'));
    return () => undefined;
  }
  const size = (): { width: number; height: number } => ({
    width: Math.max(LEAST_WIDTH, place.clientWidth),
    height: HEIGHT,
  });
  const options = {
    title,
    ...size(),
    scales: { x: xScaleOf(chart), y: { distr: 3, range: decades } },
    series: [
      { label: xName, value: (_: unknown, value: number | null) => nameAt(xNames, x, value) },
      ...lines.map(({ label, colour, dash }) => ({
        label,
        stroke: colour,
        dash,
        width: 2,
        spanGaps: true,
        points: { show: x.length < 20, size: 6, fill: colour },
        value: (_: unknown, value: number | null) => (value === null ? '' : `${shown(value)} ${unit}`),
      })),
    ],
    axes: axesOf(chart, theme),
  } as const;
  const data = [x, ...lines.map(({ y }) => y.map((value) => (value === null ? null : Math.max(value, LEAST))))];
  const plot = new UPlot(options, data, place);
  return () => plot.setSize(size());
}

function axesOf({ x, xLabel, xNames, unit }: Chart, { text, grid }: Theme): Axis[] {
  const colours = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const named: Partial<Axis> =
    xNames === null
      ? {}
      : {
          splits: () => x,
          filter: (_, at) => at,
          values: (_, at) => spaced(at.map((value) => xNames[x.indexOf(value)] ?? null)),
        };
  const values = (_: unknown, at: readonly number[]): (string | null)[] => at.map(markAt);
  return [
    { ...colours, label: xLabel, ...named },
    { ...colours, label: UNITS[unit], size: 64, values },
  ];
}

const MOST_NAMES = 24;
/** So many names that they do not run into each other. */
const spaced = (names: readonly (string | null)[]): (string | null)[] => {
  const every = Math.ceil(names.length / MOST_NAMES);
  return names.map((name, index) => (index % every === 0 ? name : null));
};

const xScaleOf = ({ xLogarithmic }: Chart): Scale =>
  xLogarithmic ? { time: false, distr: 3, range: wider } : { time: false };

const nameAt = (names: readonly string[] | null, x: readonly number[], value: number | null): string =>
  value === null ? '' : (names?.[x.indexOf(value)] ?? value.toLocaleString('en-US'));

const shown = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en-US');

/** Only powers of ten are named. */
const markAt = (value: number): string | null =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? shown(value) : null;

/** Room at both sides, also around a single value. */
const wider = (_: unknown, min: number, max: number): [number, number] => [min / 1.5, max * 1.5];

/** Whole powers of ten around all values, so that no curve looks steeper than it is. */
const decades = (_: unknown, min: number, max: number): [number, number] => [
  10 ** Math.floor(Math.log10(Math.max(min, LEAST))),
  10 ** Math.ceil(Math.log10(Math.max(max, LEAST * 10)) + 1e-9),
];

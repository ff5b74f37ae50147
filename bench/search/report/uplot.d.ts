// The package's own types need those of a browser; this is the part of it that the page uses.
declare module 'uplot' {
  export interface Scale {
    readonly time?: boolean;
    /** 3 is logarithmic. */
    readonly distr?: 1 | 3;
    readonly range?: (plot: unknown, min: number, max: number) => readonly [number, number];
  }

  export interface Series {
    readonly label?: string;
    readonly stroke?: string;
    readonly width?: number;
    readonly dash?: readonly number[];
    readonly spanGaps?: boolean;
    readonly points?: { readonly show: boolean; readonly size?: number; readonly fill?: string };
    readonly value?: (plot: unknown, value: number | null) => string;
  }

  export interface LineStyle {
    readonly stroke: string;
    readonly width: number;
  }

  export interface Axis {
    readonly label?: string;
    /** Of the texts. */
    readonly stroke?: string;
    readonly grid?: LineStyle;
    readonly ticks?: LineStyle;
    readonly size?: number;
    /** Where lines are drawn. */
    readonly splits?: () => readonly number[];
    /** Which of them are named; for logarithms by default those at round numbers. */
    readonly filter?: (plot: unknown, splits: readonly number[]) => readonly (number | null)[];
    /** What is written at the lines; null for nothing. */
    readonly values?: (plot: unknown, splits: readonly number[]) => readonly (string | null)[];
  }

  export interface Options {
    readonly title: string;
    readonly width: number;
    readonly height: number;
    readonly scales: { readonly x: Scale; readonly y: Scale };
    readonly series: readonly Series[];
    readonly axes: readonly Axis[];
  }

  class UPlot {
    /** The first list is x, the others y of one series each. */
    constructor(options: Options, data: readonly (readonly (number | null)[])[], target: object);
    setSize(size: { readonly width: number; readonly height: number }): void;
  }

  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export { UPlot as default };
}

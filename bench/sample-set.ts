import type { Samples, Series } from './figure.ts';

/** Collects samples by whose they are. */
export class SampleSet {
  readonly #series = new Map<Series, number[]>();

  add(series: Series, values: readonly number[]): void {
    const own = this.#series.get(series);
    if (own === undefined) this.#series.set(series, [...values]);
    else own.push(...values);
  }

  /** null, for what could not be seen, is left out. */
  addKnown(series: Series, value: number | null): void {
    if (value !== null) this.add(series, [value]);
  }

  get samples(): Samples {
    return Object.fromEntries(this.#series);
  }
}

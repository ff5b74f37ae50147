/** Collects what was measured in one tree. */
import { FIGURES, type FigureName, type SearchFigure } from './figures.ts';

export interface TreeFacts {
  /** How the tree is called in reports: no path of the machine. */
  readonly label: string;
  readonly files: number;
  readonly folders: number;
}

/** Samples by engine. */
type EngineSamples = Readonly<Record<string, readonly number[]>>;

export interface MeasuredFigure {
  readonly figure: SearchFigure;
  readonly samples: EngineSamples;
}

/** How long each key stroke of a typed query took: by engine, for each stroke its samples. */
interface Trace {
  readonly strokes: readonly string[];
  readonly samples: Readonly<Record<string, readonly (readonly number[])[]>>;
}

export interface TreeResult extends TreeFacts {
  readonly figures: readonly MeasuredFigure[];
  readonly traces: readonly Trace[];
  /** Warm times of each query. */
  readonly queries: readonly { readonly query: string; readonly samples: EngineSamples }[];
}

export class TreeSamples {
  readonly #figures = new Lists<FigureName>();
  readonly #queries = new Lists<string>();
  readonly #traces = new Map<string, { readonly strokes: readonly string[]; readonly perStroke: Lists<number> }>();

  add(figure: FigureName, engine: string, values: readonly number[]): void {
    this.#figures.add(figure, engine, values);
  }

  addQuery(query: string, engine: string, ms: number): void {
    this.#queries.add(query, engine, [ms]);
  }

  addTrace(strokes: readonly string[], engine: string, ms: readonly number[]): void {
    const key = strokes.join('\n');
    const trace = this.#traces.get(key) ?? { strokes, perStroke: new Lists<number>() };
    this.#traces.set(key, trace);
    for (const [index, value] of ms.entries()) trace.perStroke.add(index, engine, [value]);
  }

  result(facts: TreeFacts): TreeResult {
    const names = Object.keys(FIGURES).filter((name): name is FigureName => name in FIGURES);
    return {
      ...facts,
      figures: names.flatMap((name) => {
        const samples = this.#figures.of(name);
        return Object.keys(samples).length === 0 ? [] : [{ figure: FIGURES[name], samples }];
      }),
      traces: [...this.#traces.values()].map(({ strokes, perStroke }) => ({
        strokes,
        samples: perStroke.columns(strokes),
      })),
      queries: this.#queries.keys.map((query) => ({ query, samples: this.#queries.of(query) })),
    };
  }
}

/** Lists of numbers by two keys. */
class Lists<Key> {
  readonly #lists = new Map<Key, Map<string, number[]>>();

  get keys(): Key[] {
    return [...this.#lists.keys()];
  }

  add(key: Key, engine: string, values: readonly number[]): void {
    if (values.length === 0) return;
    const engines = this.#lists.get(key) ?? new Map<string, number[]>();
    this.#lists.set(key, engines);
    const list = engines.get(engine);
    if (list === undefined) engines.set(engine, [...values]);
    else list.push(...values);
  }

  of(key: Key): EngineSamples {
    return Object.fromEntries(this.#lists.get(key) ?? []);
  }

  /** For keys that count from 0: by engine, one list for each of `rows`. */
  columns(this: Lists<number>, rows: readonly unknown[]): Trace['samples'] {
    const engines = new Set(this.keys.flatMap((key) => Object.keys(this.of(key))));
    return Object.fromEntries([...engines].map((engine) => [engine, rows.map((_, row) => this.of(row)[engine] ?? [])]));
  }
}

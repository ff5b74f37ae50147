/** The tables of the page. In: what was measured. Out: elements. */
import type { PageData, PageFigure, PageTree } from './data.ts';
import { element, headRow, type PageElement, swatch, table } from './elements.ts';
import { engineColour, type Theme } from './theme.ts';

const HOW_RUN = {
  server: 'server, JSON-RPC by lines',
  lines: 'program that stays, a line each way',
  filter: 'program started for each query',
} as const;

/** What somebody who looks once wants to know. */
const GLANCE: readonly (readonly [figure: string, title: string, statistic: 'median' | 'p99' | 'max'])[] = [
  ['cold', 'cold', 'median'],
  ['warm', 'warm', 'median'],
  ['warm', 'warm', 'p99'],
  ['keys', 'key stroke', 'median'],
  ['burst', 'burst', 'median'],
  ['lag', 'freshness', 'max'],
  ['other', 'other request', 'p99'],
  ['stall', 'main thread', 'max'],
  ['growth', 'memory', 'median'],
];
const STATISTICS = { median: 'p50', p99: 'p99', max: 'max' } as const;
const MOST_QUERIES = 100;

const shownValue = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

const idsOf = ({ head }: PageData): string[] => head.engines.map(({ id }) => id);

function named(engine: string, index: number, theme: Theme): PageElement {
  return element('td', '', swatch(engineColour(theme, index)), engine);
}

const none = (): PageElement => element('td', 'none', '–');

/** Absent engines too, with the reason. */
export function enginesTable({ head }: PageData, theme: Theme): PageElement {
  const there = head.engines.map(({ id, version, kind }, index) =>
    element('tr', 'first', named(id, index, theme), element('td', '', version), element('td', '', HOW_RUN[kind])),
  );
  const absent = head.absent.map(({ id, reason }) =>
    element('tr', 'first muted', element('td', '', id), element('td', '', 'absent'), element('td', 'wrap', reason)),
  );
  return table(3, headRow('engine', 'version', 'how it is run'), ...there, ...absent);
}

export function glanceTable(data: PageData, tree: PageTree, theme: Theme): PageElement {
  const columns = GLANCE.flatMap(([name, title, statistic]) => {
    const found = tree.figures.find(({ figure }) => figure.name === name);
    const head = element('th', '', title, element('br', ''), `${STATISTICS[statistic]} [${found?.figure.unit}]`);
    return found === undefined ? [] : [{ head, found, statistic }];
  });
  const rows = idsOf(data).map((engine, index) => {
    const cells = columns.map(({ found, statistic }) => {
      const value = found.engines[engine]?.[statistic];
      if (value === undefined) return none();
      const values = Object.values(found.engines).map((own) => own[statistic]);
      const isBest = values.length > 1 && value === Math.min(...values) && values.some((other) => other > value);
      return element('td', isBest ? 'best' : '', shownValue(value));
    });
    return element('tr', 'first', named(engine, index, theme), ...cells);
  });
  return table(1, element('tr', '', element('th', '', 'engine'), ...columns.map(({ head }) => head)), ...rows);
}

/** Null when Shardex is held to nothing in such a tree, or took no part. */
export function targetsTable({ verdicts }: PageTree): PageElement | null {
  if (verdicts.length === 0) return null;
  const rows = verdicts.map(({ met, text }) => {
    const word = met === null ? 'not compared' : met ? 'met' : 'missed';
    const mark = element('td', met === null ? 'none' : word, word);
    return element('tr', 'first', mark, element('td', 'wrap', text));
  });
  return table(2, headRow('target', 'what Shardex is held to'), ...rows);
}

function figureRows(engines: readonly string[], { figure, engines: measured }: PageFigure): PageElement[] {
  return engines.map((engine, index) => {
    const title = element('td', '', index === 0 ? `${figure.title} [${figure.unit}]` : '');
    const own = measured[engine];
    const numbers =
      own === undefined
        ? ['', '', '', '', ''].map(none)
        : [String(own.n), ...[own.median, own.p95, own.p99, own.max].map(shownValue)].map((text) =>
            element('td', '', text),
          );
    const ratio = own?.ratio ?? null;
    const last = element('td', 'ratio', ratio === null ? '' : `${shownValue(ratio)} ×`);
    return element('tr', index === 0 ? 'first' : '', title, element('td', '', engine), ...numbers, last);
  });
}

export function figuresTable(data: PageData, tree: PageTree): PageElement {
  const engines = idsOf(data);
  const head = headRow('figure', 'engine', 'n', 'p50', 'p95', 'p99', 'max', `to ${engines[0] ?? ''}`);
  return table(2, head, ...tree.figures.flatMap((figure) => figureRows(engines, figure)));
}

/** The slowest first, by the first engine that was asked. */
export function queriesTable(data: PageData, { queries }: PageTree): PageElement {
  const engines = idsOf(data);
  const [first = ''] = engines;
  const sorted = [...queries].sort((a, b) => (b.medians[first] ?? 0) - (a.medians[first] ?? 0));
  const rows = sorted.slice(0, MOST_QUERIES).map(({ query, medians }) => {
    const cells = engines.map((engine) => {
      const value = medians[engine];
      return value === undefined ? none() : element('td', '', shownValue(value));
    });
    return element('tr', 'first', element('td', 'query', query), ...cells);
  });
  return table(1, headRow('query', ...engines.map((engine) => `${engine} [ms]`)), ...rows);
}

/** The program of the report's page, run in a browser: draws tables and plots from the data that the page holds. */

import { type Chart, type ChartLine, drawChart, type FitChart } from './chart.ts';
import type { PageData, PageTree } from './data.ts';
import { element, elementById, onResize, type PageElement, textById, withAttribute } from './elements.ts';
import { enginesTable, figuresTable, glanceTable, queriesTable, targetsTable } from './tables.ts';
import { currentTheme, engineColour, engineDash, onThemeChange, type Theme } from './theme.ts';

const data: PageData = JSON.parse(textById('data'));
const engines = data.head.engines.map(({ id }) => id);
const count = (value: number): string => value.toLocaleString('en-US');
/** Figures of which it is drawn how they grow with the tree. */
const GROWING = ['cold', 'warm', 'keys', 'growth'];

/** One drawing of the page, thrown away when the theme changes. */
interface Drawing {
  readonly main: PageElement;
  readonly theme: Theme;
  readonly fits: FitChart[];
}

const linesOf = (theme: Theme, values: Readonly<Record<string, readonly (number | null)[]>>): ChartLine[] =>
  engines.flatMap((engine, index) => {
    const y = values[engine];
    if (y === undefined) return [];
    return [{ label: engine, colour: engineColour(theme, index), dash: engineDash(index), y }];
  });

function section(main: PageElement, title: string, id: string): PageElement {
  const made = element('section', '', withAttribute(element('h2', '', title), 'id', id));
  main.append(made);
  return made;
}

function drawCharts({ theme, fits }: Drawing, place: PageElement, charts: readonly Chart[]): void {
  const grid = element('div', 'charts');
  place.append(grid);
  for (const chart of charts) fits.push(drawChart(grid, chart, theme));
}

function chartsOf(tree: PageTree, theme: Theme): Chart[] {
  const distributions = tree.figures.flatMap(({ figure, percentiles }): Chart[] => {
    if (percentiles === null) return [];
    const common = {
      unit: 'ms',
      xLabel: '% of samples are at most',
      xName: 'percent',
      xLogarithmic: false,
      xNames: null,
    } as const;
    const lines = linesOf(theme, percentiles);
    return [{ title: `${figure.title}: distribution`, x: data.ranks, ...common, lines }];
  });
  const traces = tree.traces.map(({ strokes, medians }): Chart => {
    const x = strokes.map((_, index) => index + 1);
    const xNames = strokes.map((typed) => [...typed].at(-1)?.replace(' ', '␣') ?? '');
    const common = { unit: 'ms', xLabel: 'key', xName: 'key', xLogarithmic: false, xNames } as const;
    return { title: `Typing “${strokes.at(-1) ?? ''}”: median`, x, ...common, lines: linesOf(theme, medians) };
  });
  return [...distributions, ...traces];
}

function drawTree(drawing: Drawing, tree: PageTree, index: number): void {
  const { main, theme } = drawing;
  const place = section(main, `${count(tree.files)} files`, `tree-${index}`);
  place.append(element('p', 'muted', `${tree.label}, ${count(tree.folders)} folders`), glanceTable(data, tree, theme));
  const targets = targetsTable(tree);
  if (targets !== null) place.append(element('h3', '', 'Targets'), targets);
  place.append(element('h3', '', 'Distributions and key strokes'));
  drawCharts(drawing, place, chartsOf(tree, theme));
  place.append(element('h3', '', 'All figures'), figuresTable(data, tree));
  if (tree.queries.length === 0) return;
  const title = `${tree.queries.length} queries, medians of warm times, the slowest first`;
  place.append(element('details', '', element('summary', '', title), queriesTable(data, tree)));
}

/** Medians of one figure in all trees, from the smallest to the largest. */
function growthChart(name: string, theme: Theme): Chart[] {
  const trees = [...data.trees].sort((a, b) => a.files - b.files);
  const figures = trees.map(({ figures: own }) => own.find(({ figure }) => figure.name === name));
  const figure = figures.find((own) => own !== undefined)?.figure;
  if (figure === undefined) return [];
  const medians = engines.map(
    (engine) => [engine, figures.map((own) => own?.engines[engine]?.median ?? null)] as const,
  );
  const x = trees.map(({ files }) => files);
  const common = { xLabel: 'files (log)', xName: 'files', xLogarithmic: true, xNames: x.map(count) };
  const unit = figure.unit === 'MB' ? 'MB' : 'ms';
  return [{ title: `${figure.title}: median`, unit, x, ...common, lines: linesOf(theme, Object.fromEntries(medians)) }];
}

function drawHead({ main, theme }: Drawing): void {
  const { machine, measuredAt, version, commit, notes, rounds, budgetMs, seed, queries } = data.head;
  const { processor, processors, memoryGb, platform, kernel, arch, node } = machine;
  const how = `${rounds} rounds, ${budgetMs / 1000} s for a step, seed ${seed}, queries ${queries}`;
  const where = `${processor}, ${processors} processors, ${memoryGb} GB, ${platform} ${kernel} ${arch}, Node ${node}`;
  main.append(
    element('h1', '', 'File search'),
    element(
      'p',
      'muted',
      `${measuredAt.replace('T', ' ').slice(0, 16)} UTC, Shardex ${version ?? 'unknown'}, commit ${commit ?? 'unknown'}; ${how}`,
    ),
    element('p', 'muted', where),
    enginesTable(data, theme),
  );
  if (notes.length > 0) {
    const items = notes.map((text) => element('li', '', text));
    main.append(element('h3', 'missed', 'What went wrong'), element('ul', '', ...items));
  }
  if (data.trees.length < 2) return;
  const links = data.trees.map(({ files }, index) =>
    element('li', '', withAttribute(element('a', '', `${count(files)} files`), 'href', `#tree-${index}`)),
  );
  main.append(element('ul', '', ...links));
}

function drawMeanings({ main }: Drawing): void {
  const seen = new Map(data.trees.flatMap(({ figures }) => figures.map(({ figure }) => [figure.title, figure.means])));
  const items = [...seen].flatMap(([title, means]) => [element('dt', '', title), element('dd', '', means)]);
  section(main, 'What the figures mean', 'meanings').append(element('dl', '', ...items));
}

function draw(main: PageElement): FitChart[] {
  const drawing: Drawing = { main, theme: currentTheme(), fits: [] };
  main.replaceChildren();
  drawHead(drawing);
  const growth = section(main, 'Time against number of files', 'growth');
  if (data.trees.length > 1) {
    const charts = GROWING.flatMap((name) => growthChart(name, drawing.theme));
    drawCharts(drawing, growth, charts);
  } else {
    growth.append(element('p', 'muted', 'One tree was measured. Several make a line: --files 1000,10000,100000'));
  }
  for (const [index, tree] of data.trees.entries()) drawTree(drawing, tree, index);
  drawMeanings(drawing);
  return drawing.fits;
}

const main = elementById('page');
if (main !== null) {
  let fits = draw(main);
  onThemeChange(() => {
    fits = draw(main);
  });
  onResize(() => {
    for (const fitChart of fits) fitChart();
  });
}

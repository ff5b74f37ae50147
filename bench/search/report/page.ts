/** The program of the report's page, run in a browser: draws tables and plots from the data that the page holds. */

import { type Chart, type ChartLine, drawChart } from './chart.ts';
import type { PageData, PageFigure, PageTree } from './data.ts';
import { element, type PageElement, pageBody, textById } from './elements.ts';

/** Told apart also by people who do not see all colours (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

const data: PageData = JSON.parse(textById('data'));
const engines = data.head.engines.map(({ id }) => id);
const body = pageBody();

const colourOf = (engine: string): string => COLOURS[engines.indexOf(engine) % COLOURS.length] ?? '#000000';
const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

const linesOf = (values: Readonly<Record<string, readonly (number | null)[]>>): ChartLine[] =>
  engines.flatMap((engine) => {
    const y = values[engine];
    return y === undefined ? [] : [{ label: engine, colour: colourOf(engine), y }];
  });

function section(title: string): PageElement {
  const made = element('section', '', element('h2', '', title));
  body.append(made);
  return made;
}

function row(cell: 'td' | 'th', cells: readonly string[]): PageElement {
  return element('tr', '', ...cells.map((text) => element(cell, '', text)));
}

function figureRows({ figure, engines: measured }: PageFigure): PageElement[] {
  return engines.map((engine, index) => {
    const title = index === 0 ? `${figure.title} [${figure.unit}]` : '';
    const own = measured[engine];
    if (own === undefined) return row('td', [title, engine, '', '-', '', '', '', '']);
    const numbers = [own.median, own.p95, own.p99, own.max].map(shown);
    return row('td', [title, engine, String(own.n), ...numbers, own.ratio === null ? '' : shown(own.ratio)]);
  });
}

function drawTree(tree: PageTree): void {
  const size = `${tree.files.toLocaleString('en-US')} files in ${tree.folders.toLocaleString('en-US')} folders`;
  const place = section(`${tree.label}: ${size}`);
  const head = row('th', ['figure', 'engine', 'n', 'p50', 'p95', 'p99', 'max', `x ${engines[0] ?? ''}`]);
  place.append(element('table', '', head, ...tree.figures.flatMap(figureRows)));
  const verdicts = tree.verdicts.map(({ met, text }) => {
    return element('li', met === false ? 'missed' : '', `${met === null ? '?' : met ? 'met' : 'missed'}: ${text}`);
  });
  if (verdicts.length > 0) place.append(element('ul', '', ...verdicts));
  for (const { figure, percentiles } of tree.figures) {
    if (percentiles === null) continue;
    const common = { xLabel: 'percent of samples at most', xLogarithmic: false, xNames: null };
    drawChart(place, { title: `${figure.title}: distribution`, x: data.ranks, ...common, lines: linesOf(percentiles) });
  }
  for (const { strokes, medians } of tree.traces) {
    const x = strokes.map((_, index) => index + 1);
    const common = { xLabel: 'typed', xLogarithmic: false, xNames: strokes.map((typed) => [...typed].at(-1) ?? '') };
    drawChart(place, { title: `Typing “${strokes.at(-1) ?? ''}”`, x, ...common, lines: linesOf(medians) });
  }
}

/** Medians of one figure in all trees, from the smallest to the largest. */
function growthChart(name: string): Chart {
  const trees = [...data.trees].sort((a, b) => a.files - b.files);
  const figures = trees.map(({ figures: own }) => own.find(({ figure }) => figure.name === name));
  const medians = engines.map(
    (engine) => [engine, figures.map((own) => own?.engines[engine]?.median ?? null)] as const,
  );
  return {
    title: `${figures.find((own) => own !== undefined)?.figure.title ?? name}: median`,
    x: trees.map(({ files }) => files),
    xLabel: 'files',
    xLogarithmic: true,
    xNames: trees.map(({ files }) => files.toLocaleString('en-US')),
    lines: linesOf(Object.fromEntries(medians)),
  };
}

function drawHead(): void {
  const { machine, measuredAt, version, absent, notes, rounds, seed, queries } = data.head;
  const { processor, processors, memoryGb, platform, kernel, arch, node } = machine;
  const lines = [
    `${measuredAt}, Shardex ${version ?? 'unknown'}, ${rounds} rounds, seed ${seed}, queries ${queries}`,
    `${processor}, ${processors} processors, ${memoryGb} GB, ${platform} ${kernel} ${arch}, Node ${node}`,
    ...data.head.engines.map((engine) => `${engine.id}: ${engine.version}`),
    ...absent.map(({ id, reason }) => `${id}: absent (${reason})`),
    ...notes.map((text) => `Note: ${text}`),
  ];
  body.append(element('h1', '', 'File search'), element('ul', 'head', ...lines.map((text) => element('li', '', text))));
}

function drawMeanings(): void {
  const seen = new Map(data.trees.flatMap(({ figures }) => figures.map(({ figure }) => [figure.title, figure.means])));
  const place = section('What the figures mean');
  place.append(
    element('dl', '', ...[...seen].flatMap(([title, means]) => [element('dt', '', title), element('dd', '', means)])),
  );
}

drawHead();
const growth = section('Time against number of files');
if (data.trees.length < 2)
  growth.append(element('p', '', 'One tree was measured; more make a line: --files 1000,10000,100000'));
for (const name of ['warm', 'cold']) drawChart(growth, growthChart(name));
for (const tree of data.trees) drawTree(tree);
drawMeanings();

/** The report for people: one row for each figure and series, with ratios and what became of the targets. Pure. */
import { type Measured, ratioTo, type Series, type Target, type Verdict, verdictsOf } from './figure.ts';
import { summarise } from './statistics.ts';

const SERIES: readonly Series[] = ['ours', 'reference', 'node'];
const HEAD = ['figure', 'of', 'n', 'median', 'p95', 'p99', 'max', 'ours / it'];
const LABELS: Readonly<Record<Series, string>> = { ours: 'ours', reference: 'reference', node: 'node -e 0' };

/** Three significant digits below a hundred, none behind the point above. */
export function shownNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3).replace(/e.*$/, '');
}

const shownRatio = (ratio: number): string => `${ratio.toFixed(2)}x`;

/** `absent` names series that were meant to be measured and could not be. */
export function renderTable(results: readonly Measured[], absent: readonly Series[]): string {
  const rows = results.flatMap((measured) => rowsOf(measured, absent));
  const verdicts = results.flatMap((measured) => verdictsOf(measured).map((verdict) => verdictLine(measured, verdict)));
  return [...aligned([HEAD, ...rows], 2), '', ...verdicts].join('\n');
}

function rowsOf(measured: Measured, absent: readonly Series[]): string[][] {
  const { figure, samples } = measured;
  const title = `${figure.title} [${figure.unit}]`;
  const shown = SERIES.filter((series) => samples[series] !== undefined || absent.includes(series));
  return shown.map((series, index) => {
    const own = samples[series];
    const head = [index === 0 ? title : '', LABELS[series]];
    if (own === undefined || own.length === 0) return [...head, '', 'absent', '', '', '', ''];
    const { n, median, p95, p99, max } = summarise(own);
    const ratio = series === 'ours' ? null : ratioTo(measured, series);
    return [...head, String(n), ...[median, p95, p99, max].map(shownNumber), ratio === null ? '' : shownRatio(ratio)];
  });
}

function verdictLine({ figure }: Measured, { target, value, met }: Verdict): string {
  const shown = value === null ? 'not compared' : 'to' in target ? shownRatio(value) : shownNumber(value);
  const word = met === null ? '?     ' : met ? 'met   ' : 'MISSED';
  return `${word}  ${figure.title}: ${shown} (target ${shownTarget(target)})`;
}

function shownTarget(target: Target): string {
  const sign = target.kind === 'atMost' || target.kind === 'ratioAtMost' ? '<=' : '>=';
  return 'to' in target
    ? `${sign} ${target.limit}x ${LABELS[target.to]}`
    : `${sign} ${target.limit.toLocaleString('en-US')}`;
}

/** Pads columns to one width: the first so many are texts and go to the left, the others numbers and go to the right. */
export function aligned(rows: readonly (readonly string[])[], textColumns: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < textColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** The report for people on a terminal: for each tree one row for each figure and engine. Pure. */
import { summarise } from '../statistics.ts';
import { aligned, shownNumber } from '../table.ts';
import type { MeasuredFigure, TreeResult } from './results.ts';
import { verdictsOf } from './targets.ts';

/** `engines` in the order of the rows; ratios are to the first one. */
export function renderTree(result: TreeResult, engines: readonly string[]): string {
  const [first = ''] = engines;
  const head = ['figure', 'engine', 'n', 'p50', 'p95', 'p99', 'max', `x ${first}`];
  const rows = result.figures.flatMap((measured) => rowsOf(measured, engines));
  const verdicts = verdictsOf(result).map(
    ({ text, met }) => `${met === null ? '?     ' : met ? 'met   ' : 'MISSED'}  ${text}`,
  );
  const size = `${result.files.toLocaleString('en-US')} files in ${result.folders.toLocaleString('en-US')} folders`;
  return [`${result.label}: ${size}`, '', ...aligned([head, ...rows], 2), '', ...verdicts].join('\n').trimEnd();
}

/** How many times an engine's number is the first engine's; null when one of them is absent or nothing. */
export function ratioToFirst({ figure, samples }: MeasuredFigure, first: string, engine: string): number | null {
  const [base, own] = [samples[first], samples[engine]];
  if (base === undefined || own === undefined || first === engine) return null;
  const ratio = summarise(own)[figure.statistic] / summarise(base)[figure.statistic];
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}

function rowsOf(measured: MeasuredFigure, engines: readonly string[]): string[][] {
  const { figure, samples } = measured;
  const [first = ''] = engines;
  return engines.map((engine, index) => {
    const head = [index === 0 ? `${figure.title} [${figure.unit}]` : '', engine];
    const own = samples[engine];
    if (own === undefined) return [...head, '', '-', '', '', '', ''];
    const { n, median, p95, p99, max } = summarise(own);
    const ratio = ratioToFirst(measured, first, engine);
    return [...head, String(n), ...[median, p95, p99, max].map(shownNumber), ratio === null ? '' : shownNumber(ratio)];
  });
}

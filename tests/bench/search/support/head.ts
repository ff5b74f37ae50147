import { readMachine } from '../../../../bench/machine.ts';
import type { SearchReportHead } from '../../../../bench/search/report/data.ts';

/** The head of a report on `shardex` beside one other engine, with a third one absent. */
export const headWith = (
  other: SearchReportHead['engines'][number],
  notes: readonly string[] = [],
): SearchReportHead => ({
  measuredAt: '2026-01-02T03:04:05.000Z',
  machine: readMachine(),
  version: '1.0.0',
  commit: '0123456789ab',
  packages: {},
  engines: [{ id: 'shardex', version: '1.0.0', kind: 'server' }, other],
  absent: [{ id: 'fzf-binary', reason: 'no fzf on PATH' }],
  seed: 1,
  rounds: 2,
  budgetMs: 1000,
  queries: 'from a file',
  notes,
});

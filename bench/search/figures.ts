/** What is measured, in the order in which it is shown. */
import type { Summary } from '../statistics.ts';

export interface SearchFigure {
  /** Short and stable: the key in the JSON report. */
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | 'MB' | 'count' | '%';
  /** Which number of the samples is compared. */
  readonly statistic: Exclude<keyof Summary, 'n'>;
  /** One sentence for reports. */
  readonly means: string;
}

const figure = (
  name: string,
  title: string,
  means: string,
  { unit = 'ms', statistic = 'median' }: Partial<Pick<SearchFigure, 'unit' | 'statistic'>> = {},
): SearchFigure => ({ name, title, unit, statistic, means });

export const FIGURES = {
  start: figure('start', 'start', 'Spawn of the process until it answers its first request, which is no search.'),
  cold: figure(
    'cold',
    'cold first answer',
    'First query of a new process, written to answered; the page cache is warm.',
  ),
  wire: figure(
    'wire',
    'wire: smallest request',
    'Round trip of a request that searches nothing: what every other figure contains.',
  ),
  warm: figure('warm', 'warm query', 'A single query, written to answered, after the first answer.'),
  keys: figure(
    'keys',
    'key stroke',
    'Each prefix of a query as it is typed, the next one sent when the last is answered.',
  ),
  burst: figure(
    'burst',
    'burst to last answer',
    'All prefixes of a query written at once with one token, until the last is answered.',
  ),
  create: figure('create', 'created file to right answer', 'A file is created; until an answer has it.'),
  rename: figure(
    'rename',
    'renamed file to right answer',
    'A file is renamed; until an answer has the new name and not the old one.',
  ),
  delete: figure('delete', 'deleted file to right answer', 'A file is deleted; until an answer does not have it.'),
  lag: figure(
    'lag',
    'freshness lag',
    'From any of these changes to the start of the first query that is answered right.',
    {
      statistic: 'max',
    },
  ),
  other: figure(
    'other',
    'another request meanwhile',
    'A small request every 5 ms from the first search of a new process on, while searches, key strokes, a burst and changes run.',
    {
      statistic: 'p99',
    },
  ),
  stall: figure(
    'stall',
    'main thread held up',
    'The largest gap between ticks of a 5 ms timer in the main thread meanwhile; programs of Node only.',
    {
      statistic: 'max',
    },
  ),
  memory: figure(
    'memory',
    'memory of the index',
    'Growth of the resident set after garbage collection, from a search in an empty folder to one in the tree, less 0.9 KB a watch.',
    {
      unit: 'MB',
    },
  ),
  growth: figure('growth', 'memory, watches included', 'The same growth as the system sees it.', { unit: 'MB' }),
  watches: figure('watches', 'watches', 'Folders or files that are watched.', { unit: 'count' }),
  apart: figure(
    'apart',
    'top 10 apart from the first engine',
    'Of the first ten files of the first engine, how many are not among the first ten of this one.',
    {
      unit: '%',
    },
  ),
} as const satisfies Readonly<Record<string, SearchFigure>>;

export type FigureName = keyof typeof FIGURES;

/** The models known without a request. Slugs, order and efforts are those of codex app-server 0.94.0; the texts are our own. */
import type { ReasoningEffort } from '../protocol/policies.ts';
import type { ModelEntry } from './entry.ts';
import { familyOf } from './families.ts';

const EFFORTS: Readonly<Record<ReasoningEffort, string>> = {
  none: 'Answers without reasoning first',
  minimal: 'Barely reasons; fastest for simple requests',
  low: 'Reasons briefly and answers fast',
  medium: 'Weighs speed against depth for everyday work',
  high: 'Takes its time for hard problems',
  xhigh: 'Reasons as long as it takes; slowest and most thorough',
};

interface Row {
  readonly slug: string;
  readonly visibility: 'list' | 'hide';
  readonly efforts: readonly ReasoningEffort[];
  readonly description: string;
}

const ROWS: readonly Row[] = [
  {
    slug: 'gpt-5.2-codex',
    visibility: 'list',
    efforts: ['low', 'medium', 'high', 'xhigh'],
    description: 'Strongest at long coding tasks with tools.',
  },
  {
    slug: 'gpt-5.2',
    visibility: 'list',
    efforts: ['low', 'medium', 'high', 'xhigh'],
    description: 'General model with wide knowledge, for coding and everything around it.',
  },
  {
    slug: 'gpt-5.1-codex-max',
    visibility: 'list',
    efforts: ['low', 'medium', 'high', 'xhigh'],
    description: 'Coding model for deep work that lasts.',
  },
  {
    slug: 'gpt-5.1-codex',
    visibility: 'hide',
    efforts: ['low', 'medium', 'high'],
    description: 'Earlier coding model.',
  },
  {
    slug: 'gpt-5.1-codex-mini',
    visibility: 'list',
    efforts: ['medium', 'high'],
    description: 'Small coding model: cheaper and quicker, for simpler tasks.',
  },
  {
    slug: 'gpt-5.1',
    visibility: 'hide',
    efforts: ['low', 'medium', 'high'],
    description: 'Earlier general model.',
  },
  {
    slug: 'gpt-5-codex',
    visibility: 'hide',
    efforts: ['low', 'medium', 'high'],
    description: 'First coding model of its generation.',
  },
  {
    slug: 'gpt-5',
    visibility: 'hide',
    efforts: ['minimal', 'low', 'medium', 'high'],
    description: 'First general model of its generation.',
  },
  {
    slug: 'gpt-5-codex-mini',
    visibility: 'hide',
    efforts: ['medium', 'high'],
    description: 'First small coding model of its generation.',
  },
];

/** Unlike families, bundled entries name a default effort and have no personality. */
export const BUNDLED_MODELS: readonly ModelEntry[] = ROWS.map(({ slug, visibility, efforts, description }, index) => ({
  ...familyOf(slug),
  template: null,
  defaultEffort: 'medium',
  slug,
  displayName: slug,
  description,
  efforts: efforts.map((effort) => ({ effort, description: EFFORTS[effort] })),
  visibility,
  supportedInApi: true,
  priority: index + 1,
}));

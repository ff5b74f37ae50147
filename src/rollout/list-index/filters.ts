/** Which stored threads a list shows. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ListFilters } from '../../contract/thread-query.ts';
import type { SessionSource, ThreadSourceKind } from '../../protocol/threads.ts';
import type { StoredSource } from '../entries.ts';
import { sourceOf } from '../thread.ts';
import type { ListedHead } from './listed-file.ts';
import { textMatcher } from './text-match.ts';

export interface FilterContext {
  readonly defaultProvider: string;
  readonly processCwd: string;
  /** Names that people gave to threads, by id; asked for only when a search needs them. */
  readonly names: () => ReadonlyMap<string, string>;
}

export type Matcher = (head: ListedHead) => boolean;

const INTERACTIVE: readonly ThreadSourceKind[] = ['cli', 'vscode'];

/** Relative folders are taken from the process's; a link stands for its target too. */
export function matcherOf(filters: ListFilters, context: FilterContext): Matcher {
  const { defaultProvider, processCwd, names } = context;
  const matchers = [
    providerMatcher(filters.modelProviders ?? [defaultProvider], defaultProvider),
    sourceMatcher(filters.sourceKinds ?? []),
    ...(filters.cwd === null ? [] : [folderMatcher(resolve(processCwd, filters.cwd))]),
    ...searchMatchers(filters.searchTerm ?? '', names),
  ];
  return (head) => head.isListable && matchers.every((matches) => matches(head));
}

/** Goes by the last head of a file, as on codex app-server 0.94.0: a fork is filtered by what it was forked from. */
function providerMatcher(providers: readonly string[], defaultProvider: string): Matcher {
  if (providers.length === 0) return () => true;
  return ({ lastMeta }) => providers.includes(lastMeta.model_provider ?? defaultProvider);
}

/**
 * Interactive kinds go by the last head and, when they were asked for, by the first one too; with any other kind among
 * them, all go by the first alone. Observed on codex app-server 0.94.0 with forks.
 */
function sourceMatcher(kinds: readonly ThreadSourceKind[]): Matcher {
  const isShown = (source: StoredSource): boolean => kinds.some((kind) => isOfKind(sourceOf(source), kind));
  if (kinds.some((kind) => !INTERACTIVE.includes(kind))) return ({ meta }) => isShown(meta.source);
  if (kinds.length > 0) return ({ meta, lastMeta }) => isShown(lastMeta.source) && isShown(meta.source);
  return ({ lastMeta }) => INTERACTIVE.some((kind) => kind === lastMeta.source);
}

function isOfKind(source: SessionSource, kind: ThreadSourceKind): boolean {
  if (typeof source === 'string') return source === kind;
  if (kind === 'subAgent') return true;
  const { subAgent } = source;
  if (typeof subAgent === 'string') return kind === (subAgent === 'review' ? 'subAgentReview' : 'subAgentCompact');
  return kind === ('thread_spawn' in subAgent ? 'subAgentThreadSpawn' : 'subAgentOther');
}

function searchMatchers(term: string, names: FilterContext['names']): Matcher[] {
  const isFoundIn = textMatcher(term);
  if (isFoundIn === null) return [];
  const known = names();
  return [({ meta, preview }) => isFoundIn([known.get(meta.id.toLowerCase()) ?? '', preview ?? ''])];
}

function folderMatcher(folder: string): Matcher {
  const target = realPathOf(folder);
  return ({ meta }) => {
    const cwd = resolve(meta.cwd);
    return cwd === folder || cwd === target;
  };
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

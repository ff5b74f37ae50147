/** Which stored threads a list shows. */
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SessionSource, ThreadSourceKind } from '../protocol/threads.ts';
import type { StoredSource } from '../rollout/entries.ts';
import type { ThreadSummary } from '../rollout/head.ts';
import { sourceOf } from '../rollout/thread.ts';

export interface ListFilters {
  /** null: the server's own provider; empty: all. */
  readonly modelProviders: readonly string[] | null;
  /** null or empty: those that people open. */
  readonly sourceKinds: readonly ThreadSourceKind[] | null;
  /** Words that must all occur in the preview, in any case; null or blank: no matter. */
  readonly searchTerm: string | null;
  /** The folder that threads were started in; null: any. */
  readonly cwd: string | null;
}

export interface FilterContext {
  readonly defaultProvider: string;
  readonly processCwd: string;
}

export type Matcher = (thread: ThreadSummary) => boolean;

const INTERACTIVE: readonly ThreadSourceKind[] = ['cli', 'vscode'];

/** Relative folders are taken from the process's; a link stands for its target too. */
export async function matcherOf(filters: ListFilters, context: FilterContext): Promise<Matcher> {
  const matchers = [
    providerMatcher(filters.modelProviders ?? [context.defaultProvider], context.defaultProvider),
    sourceMatcher(filters.sourceKinds ?? []),
    textMatcher(filters.searchTerm ?? ''),
    ...(filters.cwd === null ? [] : [await folderMatcher(resolve(context.processCwd, filters.cwd))]),
  ];
  return (thread) => thread.isListable && matchers.every((matches) => matches(thread));
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

function textMatcher(searchTerm: string): Matcher {
  const words = searchTerm
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return () => true;
  return ({ preview }) => {
    const text = (preview ?? '').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

async function folderMatcher(folder: string): Promise<Matcher> {
  const target = await realpath(folder).catch(() => folder);
  return ({ meta }) => {
    const cwd = resolve(meta.cwd);
    return cwd === folder || cwd === target;
  };
}

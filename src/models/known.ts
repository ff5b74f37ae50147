/** Merges bundled and fetched models. Pure. */
import type { Model, ModelListResponse } from '../protocol/models.ts';
import { BUNDLED_MODELS } from './bundled.ts';
import type { ModelEntry } from './entry.ts';
import { type PageRequest, pageOf } from './page.ts';

/** All known models, by priority. */
export interface KnownModels {
  readonly entries: readonly ModelEntry[];
}

/** A fetched entry replaces the bundled one of the same name. Sorted by priority, then in the given order. */
export function mergeModels(fetched: readonly ModelEntry[]): KnownModels {
  const bySlug = new Map(BUNDLED_MODELS.map((entry) => [entry.slug, entry]));
  for (const entry of fetched) bySlug.set(entry.slug, entry);
  return { entries: [...bySlug.values()].sort((a, b) => a.priority - b.priority) };
}

/** Models offered to this account; some are for ChatGPT logins only. */
const offered = ({ entries }: KnownModels, signedInWithChatgpt: boolean): readonly ModelEntry[] =>
  entries.filter((entry) => signedInWithChatgpt || entry.supportedInApi);

const isListed = (entry: ModelEntry): boolean => entry.visibility === 'list';

const defaultEntry = (entries: readonly ModelEntry[]): ModelEntry | undefined => entries.find(isListed) ?? entries[0];

/** The default model of a thread; undefined if no model is offered. */
export const defaultModel = (known: KnownModels, signedInWithChatgpt: boolean): string | undefined =>
  defaultEntry(offered(known, signedInWithChatgpt))?.slug;

/** The result of `model/list`. Throws PageError. */
export function listModels(known: KnownModels, signedInWithChatgpt: boolean, page: PageRequest): ModelListResponse {
  const entries = offered(known, signedInWithChatgpt);
  const first = defaultEntry(entries);
  const { items, nextCursor } = pageOf(entries.filter(isListed), page, 'models');
  return { data: items.map((entry) => toModel(entry, entry === first)), nextCursor };
}

const toModel = (entry: ModelEntry, isDefault: boolean): Model => ({
  id: entry.slug,
  model: entry.slug,
  displayName: entry.displayName,
  description: entry.description ?? '',
  supportedReasoningEfforts: entry.efforts.map(({ effort, description }) => ({ reasoningEffort: effort, description })),
  defaultReasoningEffort: entry.defaultEffort ?? 'none',
  supportsPersonality: entry.template?.supportsPersonality ?? false,
  isDefault,
});

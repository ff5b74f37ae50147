/** Stored conversations, page by page and one by one. */
import { resolve } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { osErrorText } from '../../base/os-error.ts';
import { readSummary } from '../../rollout/head.ts';
import { noRollout, parseThreadId } from '../../threads/errors.ts';
import type { ThreadListing } from '../../threads/listing.ts';
import type { StoredThreads } from '../../threads/stored-threads.ts';
import { defineHandlers } from '../define.ts';
import { summaryOf } from './conversation-values.ts';

export interface ConversationListDeps {
  readonly listing: ThreadListing;
  readonly stored: Pick<StoredThreads, 'find'>;
  readonly codexHome: string;
  /** Shown for stored threads that name no provider. */
  readonly defaultProvider: string;
}

export function conversationListHandlers(deps: ConversationListDeps) {
  const { listing, stored, codexHome, defaultProvider } = deps;
  return defineHandlers({
    listConversations: async ({ pageSize, cursor, modelProviders }, { signal }) => {
      const query = {
        cursor: cursor ?? null,
        limit: pageSize ?? null,
        modelProviders: modelProviders ?? null,
        sortKey: 'updated_at',
        direction: 'desc',
        archived: false,
        sourceKinds: null,
        searchTerm: null,
        cwd: null,
      } as const;
      const page = await listing.page(query, signal);
      return { items: page.threads.map((each) => summaryOf(each, defaultProvider)), nextCursor: page.nextCursor };
    },
    getConversationSummary: async (params) => {
      const path =
        'rolloutPath' in params
          ? resolve(codexHome, params.rolloutPath)
          : await pathOf(parseThreadId(params.conversationId), stored);
      return { summary: summaryOf(await read(path), defaultProvider) };
    },
  });
}

async function pathOf(id: string, stored: ConversationListDeps['stored']): Promise<string> {
  const path = await stored.find(id);
  if (path === null) throw noRollout(id, 'conversation');
  return path;
}

async function read(path: string) {
  try {
    return await readSummary(path);
  } catch (error) {
    const message = `failed to load conversation summary from ${path}: ${osErrorText(error)}`;
    throw new AppError('rollout-unreadable', message, { cause: error });
  }
}

/** The list of stored threads without a thread of its own, for tests that ask it directly. */
import { join } from 'node:path';
import { AppError } from '../../src/base/errors.ts';
import { failureText } from '../../src/base/os-error.ts';
import { NameBook } from '../../src/rollout/list-index/name-book.ts';
import { ThreadIndex, type ThreadIndexOptions } from '../../src/rollout/list-index/thread-index.ts';
import { NAMES_FILE } from '../../src/rollout/thread-names.ts';
import type { ThreadLister } from '../../src/threads/thread-lister.ts';

export const indexOf = (codexHome: string, options: Partial<ThreadIndexOptions> = {}): ThreadIndex =>
  new ThreadIndex({
    codexHome,
    processCwd: '/',
    defaultProvider: 'local',
    names: new NameBook(join(codexHome, NAMES_FILE)),
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    ...options,
  });

export function listerOf(codexHome: string, index = indexOf(codexHome)): Pick<ThreadLister, 'page'> {
  return {
    page: async (form, query, signal) => {
      signal.throwIfAborted();
      try {
        const page = await index.page(query, { busyPaths: [], isCancelled: () => signal.aborted });
        return { kind: form, id: 0, ...page } as never;
      } catch (error) {
        throw new AppError('io-failed', `failed to list threads: ${failureText(error)}`);
      }
    },
  };
}

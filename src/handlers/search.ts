/** File search on the wire: one request at a time, or sessions that follow the typing. */
import { resolve } from 'node:path';
import type { FileSearch } from '../search-pool/file-search.ts';
import type { BoundNotice } from '../search-pool/notices.ts';
import type { SearchPool } from '../search-pool/search-pool.ts';
import type { SearchSessions } from '../search-pool/sessions.ts';
import { defineHandlers } from './define.ts';

/** What a client is told when a search of a root does not show everything. */
export function boundWarning({ root, bound }: BoundNotice): { readonly summary: string; readonly details: string } {
  return { summary: `File search does not show everything below ${root}: ${BOUNDS[bound]}.`, details: BOUND_DETAILS };
}

const BOUNDS: Readonly<Record<BoundNotice['bound'], string>> = {
  time: 'there was not enough time to look at all of it',
  depth: 'folders are nested too deeply',
  'path-length': 'paths are longer than the system allows',
  descriptors: 'no more files could be opened, so some folders are left out or not up to date',
  dead: 'its file system does not answer',
  rules: 'an ignore file is too large, or has rules that are too long or too many',
};

const BOUND_DETAILS = 'Search results are what was found up to there. A search of a smaller folder shows all of it.';

export interface SearchHandlerDeps {
  readonly pool: SearchPool;
  readonly searchSessions: SearchSessions;
  readonly processCwd: string;
  readonly ranking: FileSearch['ranking'];
}

export function searchHandlers({ pool, searchSessions, processCwd, ranking }: SearchHandlerDeps) {
  const rootsOf = (roots: readonly string[]): FileSearch['roots'] =>
    roots.map((given) => ({ given, absolute: resolve(processCwd, given) }));

  return defineHandlers({
    fuzzyFileSearch: async ({ query, roots, cancellationToken }, { signal, readMs: askedMs }) => {
      const request = { query, roots: rootsOf(roots), cancellationToken: cancellationToken ?? null, ranking, askedMs };
      return { files: await pool.search(request, signal) };
    },
    'fuzzyFileSearch/sessionStart': ({ sessionId, roots }) => {
      searchSessions.start(sessionId, rootsOf(roots));
      return {};
    },
    'fuzzyFileSearch/sessionUpdate': ({ sessionId, query }, { afterReply }) => {
      const { search } = searchSessions.prepare(sessionId);
      afterReply(() => search(query));
      return {};
    },
    'fuzzyFileSearch/sessionStop': ({ sessionId }) => {
      searchSessions.stop(sessionId);
      return {};
    },
  });
}

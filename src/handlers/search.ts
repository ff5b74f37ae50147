/** File search on the wire: one request at a time, or sessions that follow the typing. */
import { resolve } from 'node:path';
import type { FileSearch, SearchPool } from '../pool/search-pool.ts';
import type { SearchSessions } from '../pool/search-sessions.ts';
import type { HandlerTable } from '../rpc/application.ts';

export interface SearchHandlerDeps {
  readonly pool: SearchPool;
  readonly searchSessions: SearchSessions;
  readonly processCwd: string;
  readonly ranking: FileSearch['ranking'];
}

type SearchMethod =
  | 'fuzzyFileSearch'
  | 'fuzzyFileSearch/sessionStart'
  | 'fuzzyFileSearch/sessionUpdate'
  | 'fuzzyFileSearch/sessionStop';

export function searchHandlers({
  pool,
  searchSessions,
  processCwd,
  ranking,
}: SearchHandlerDeps): Pick<HandlerTable, SearchMethod> {
  const rootsOf = (roots: readonly string[]): FileSearch['roots'] =>
    roots.map((given) => ({ given, absolute: resolve(processCwd, given) }));

  return {
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
  };
}

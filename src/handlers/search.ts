/** File search on the wire. */
import { resolve } from 'node:path';
import type { SearchPool } from '../pool/search-pool.ts';
import type { HandlerTable } from '../rpc/application.ts';

export interface SearchHandlerDeps {
  readonly pool: SearchPool;
  readonly processCwd: string;
  readonly ranking: 'path' | 'fzf';
}

export function searchHandlers({
  pool,
  processCwd,
  ranking,
}: SearchHandlerDeps): Pick<HandlerTable, 'fuzzyFileSearch'> {
  return {
    fuzzyFileSearch: async ({ query, roots, cancellationToken }, { signal }) => {
      const named = roots.map((given) => ({ given, absolute: resolve(processCwd, given) }));
      const request = { query, roots: named, cancellationToken: cancellationToken ?? null, ranking };
      return { files: await pool.search(request, signal) };
    },
  };
}

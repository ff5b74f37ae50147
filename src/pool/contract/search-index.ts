/** What the indexer's thread is started with; plain data. Its messages are declared by `search/indexer.ts`. */
import type { UserFolders } from '../../search/git-files.ts';

export interface IndexWorkerData {
  readonly userFolders: UserFolders;
  /** Most watches, if fewer than the system allows. */
  readonly maxWatches?: number;
}

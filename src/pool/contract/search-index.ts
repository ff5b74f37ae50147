/** What the indexer's thread is started with; plain data. Its messages are declared by `search/indexer.ts`. */
import type { CallMemory } from '../../search/current-call.ts';
import type { UserFolders } from '../../search/git-files.ts';

export interface IndexWorkerData {
  readonly userFolders: UserFolders;
  /** Where it notes which call of the file system it is in. */
  readonly calls: CallMemory;
  /** Most watches, if fewer than the system allows. */
  readonly maxWatches?: number;
}

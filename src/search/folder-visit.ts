/** The options and the work items of a tree of folders. */
import type { SearchBound } from '../contract/search-messages.ts';
import type { Disk } from './disk.ts';
import type { FolderNode, OnFolderHint } from './folder-node.ts';

export interface FolderTreeOptions {
  /** Absolute and normalised. */
  readonly root: string;
  readonly disk: Disk;
  readonly nowMs: () => number;
  readonly nextVersion: () => number;
  readonly onAdded: (node: FolderNode) => void;
  readonly onRead: (node: FolderNode) => void;
  readonly onRemoved: (node: FolderNode) => void;
  /** The folder's path leads to another folder than when it was read. */
  readonly onReplaced: (node: FolderNode) => void;
  readonly onHint: OnFolderHint;
  /** Something was left out. */
  readonly onBound: (bound: SearchBound) => void;
}

/** A folder to read. */
export interface Visit {
  readonly node: FolderNode;
  /** Whether everything below must be read again as well. */
  readonly deep: boolean;
}

/** A read in steps. Returns the folders to read because of it. */
export type ReadSteps = Generator<void, readonly Visit[]>;

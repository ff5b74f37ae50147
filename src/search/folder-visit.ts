/** What a tree of folders is asked to read, and what it tells meanwhile. */
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
  /** Something is left out. */
  readonly onBound: (bound: SearchBound) => void;
}

/** A folder to read. */
export interface Visit {
  readonly node: FolderNode;
  /** Whether everything below is to be read anew as well. */
  readonly deep: boolean;
}

/** What is read in steps, and what is to be read because of it. */
export type Reading = Generator<void, readonly Visit[]>;

/** Messages of file search between threads: requests and replies of the indexer and of the search threads. Plain data and shared memory. */
import type { MessagePort } from 'node:worker_threads';

/** Folders where git looks for a user's settings. */
export interface UserFolders {
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `.config` in the home folder. */
  readonly config: string;
}

/** Memory that one thread writes and others read. */
export type CallMemory = SharedArrayBuffer;

/** The limit that stopped the search of a root. Files beyond it are not found. */
export type SearchBound = 'time' | 'depth' | 'path-length' | 'rules' | 'descriptors' | 'dead';

/** A file among the best. */
export interface RankedFile extends Contender {
  /** Positions of matched units, ascending and unique. */
  readonly indices: readonly number[];
}

/** A file that better ones may still displace. */
export interface Contender {
  readonly rootIndex: number;
  /** Relative to the root, `/` between components. */
  readonly path: string;
  readonly score: number;
  /** Length of the path in units. */
  readonly length: number;
}

/** The order of files: that of the reference, or that of the `fzf` package. */
type RankingName = 'path' | 'fzf';

/** A folder to search. */
export interface SearchRoot {
  /** As the client wrote it; results repeat it. */
  readonly given: string;
  /** Absolute and normalised. */
  readonly absolute: string;
}

/** A search request; plain data. */
export interface SearchRequest {
  readonly query: string;
  readonly roots: readonly SearchRoot[];
  readonly ranking: RankingName;
  /** Maximum number of files in the result. */
  readonly limit: number;
  readonly userFolders: UserFolders;
  /** Time limit; the result contains what was seen by then. */
  readonly maxMs: number;
}

/** A version of an index; plain data and shared memory. */
export interface Snapshot {
  /** The folder that was indexed; absolute. */
  readonly root: string;
  /** Higher for each version of each root. */
  readonly version: number;
  /** Whether the whole tree has been walked. */
  readonly complete: boolean;
  readonly chunks: readonly SharedArrayBuffer[];
  /** `TABLE_FIELDS` integers for each folder. */
  readonly table: SharedArrayBuffer;
  /** Folders at which slices of about equal size start, followed by the number of folders. */
  readonly slices: Int32Array;
  readonly fileCount: number;
  /** Upper bound of file numbers, exclusive. */
  readonly numberCount: number;
}

/** An index to search, and the root that it stands for. */
export interface ScanPart {
  readonly snapshot: Snapshot;
  readonly rootIndex: number;
  /** Given roots inside this one; their files are reported under them. */
  readonly inner: readonly InnerRoot[];
  /** One bit per file: only these can match, known from a query that this one extends. */
  readonly among: SharedArrayBuffer | undefined;
  /** One bit per file, set for those that match. */
  readonly matched: SharedArrayBuffer | undefined;
}

export interface InnerRoot {
  /** Relative to the outer root, ending in a slash. */
  readonly folder: string;
  readonly rootIndex: number;
}

/** What to search; plain data and shared memory. */
export interface ScanRequest {
  readonly query: string;
  readonly ranking: RankingName;
  readonly limit: number;
  readonly parts: readonly ScanPart[];
  /** One integer: the next slice that no thread has taken. Slices are numbered across all parts. */
  readonly nextSlice: SharedArrayBuffer;
}

/** Requests to the indexer. Roots are absolute and normalised. */
export type IndexerRequest =
  /** Requests snapshots that include everything that happened before a time, by `sharedSteadyMs`. */
  | { readonly kind: 'refresh'; readonly id: number; readonly roots: readonly string[]; readonly beforeMs: number }
  /** Requests snapshots of what is indexed now. */
  | { readonly kind: 'peek'; readonly id: number; readonly roots: readonly string[] }
  /** Builds an index that is likely to be needed. */
  | { readonly kind: 'warm'; readonly root: string }
  /** Requests updates for a root. */
  | { readonly kind: 'follow'; readonly root: string }
  | { readonly kind: 'unfollow'; readonly root: string }
  /** Sets the maximum number of files in all indexes together; unlimited by default. */
  | { readonly kind: 'limit'; readonly maxFiles: number }
  /** Sets the paths to skip, including everything below them, because they do not respond. */
  | { readonly kind: 'avoid'; readonly unreadable: readonly string[] }
  /** The helper threads no longer respond. */
  | { readonly kind: 'helpers-lost' }
  /** Adds a thread that helps to read folders. */
  | { readonly kind: 'helper'; readonly port: MessagePort };

/** Messages from the indexer. */
export type IndexerReply =
  /** `versions` has undefined for roots that are too large to index. */
  | { readonly kind: 'refreshed'; readonly id: number; readonly versions: readonly (number | undefined)[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** A snapshot is sent before the first reply that names its version. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly followed: boolean }
  | { readonly kind: 'dropped'; readonly root: string }
  /** Requests threads that help to read folders. */
  | { readonly kind: 'help' }
  /** Not all folders can be watched. */
  | { readonly kind: 'unwatched' }
  /** Something below the root was left out. */
  | { readonly kind: 'bounded'; readonly root: string; readonly bound: SearchBound };

/** One 32-bit integer: 0 while the search runs, any other value cancels it. */
interface Cancellable {
  readonly cancel: SharedArrayBuffer;
}

/** A search without an index: the worker walks the roots. */
export interface WalkJob extends SearchRequest, Cancellable {
  readonly kind: 'walk';
  readonly calls: CallMemory;
  /** Paths to skip. */
  readonly unreadable: readonly string[];
}

/** A share of a search in indexes. */
export interface ScanJob extends ScanRequest, Cancellable {
  readonly kind: 'scan';
}

/** Starts a thread for the next job; with a port, as a helper of the indexer at its other end. */
interface ReadyJob {
  readonly kind: 'ready';
  readonly port: MessagePort | undefined;
  readonly calls: CallMemory;
}

export type SearchJob = WalkJob | ScanJob | ReadyJob;

/** The worker's answer; roots are given by index. */
export interface SearchAnswer {
  readonly files: readonly RankedFile[];
  /** Whether the search was cancelled before it had seen everything. */
  readonly cancelled: boolean;
  /** Indexes of roots that ran out of time. */
  readonly overdue?: readonly number[];
  /** Indexes of roots that could not be read completely for lack of descriptors. */
  readonly unread?: readonly number[];
}

export interface IndexWorkerData {
  readonly userFolders: UserFolders;
  /** Memory for its current file system call. */
  readonly calls: CallMemory;
  /** Maximum number of watches, if lower than the system's. */
  readonly maxWatches?: number;
}

/** File search across threads: what is asked of the indexer and of the threads that search, and what they answer. Plain data and shared memory. */
import type { MessagePort } from 'node:worker_threads';

/** Folders where git looks for a user's settings. */
export interface UserFolders {
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `.config` in the home folder. */
  readonly config: string;
}

/** Memory that one thread writes to and others read. */
export type CallMemory = SharedArrayBuffer;

/** What a search of a root stopped at: what is beyond is not found. */
export type SearchBound = 'time' | 'depth' | 'path-length' | 'rules' | 'descriptors' | 'dead';

/** A file among the best. */
export interface RankedFile extends Contender {
  /** Positions of matched units, ascending and each once. */
  readonly indices: readonly number[];
}

/** A file that may yet be pushed out by better ones. */
export interface Contender {
  readonly rootIndex: number;
  /** Relative to the root, `/` between components. */
  readonly path: string;
  readonly score: number;
  /** Length of the path in units. */
  readonly length: number;
}

/** Whose order of files: the reference's, or that of the `fzf` package. */
type RankingName = 'path' | 'fzf';

/** A folder to search. */
export interface SearchRoot {
  /** As the client wrote it; results repeat it. */
  readonly given: string;
  /** Absolute and normalised. */
  readonly absolute: string;
}

/** What to search for; plain data. */
export interface SearchRequest {
  readonly query: string;
  readonly roots: readonly SearchRoot[];
  readonly ranking: RankingName;
  /** Highest number of files in the answer. */
  readonly limit: number;
  readonly userFolders: UserFolders;
  /** How long it may take; what has been seen by then is the answer. */
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
  /** `FIELDS` integers for each folder. */
  readonly table: SharedArrayBuffer;
  /** Folders at which slices of about equal size start, and the number of folders. */
  readonly slices: Int32Array;
  readonly fileCount: number;
  /** Numbers given to files are lower than this. */
  readonly numberCount: number;
}

/** An index to search, and as what. */
export interface ScanPart {
  readonly snapshot: Snapshot;
  readonly rootIndex: number;
  /** Given roots that lie in this one: their files are shown as theirs. */
  readonly inner: readonly InnerRoot[];
  /** One bit per file: only these can match, as is known from a query that this one continues. */
  readonly among: SharedArrayBuffer | undefined;
  /** One bit per file, set for those that match. */
  readonly matched: SharedArrayBuffer | undefined;
}

export interface InnerRoot {
  /** Relative to the outer root, with a slash at its end. */
  readonly folder: string;
  readonly rootIndex: number;
}

/** What to search; plain data and shared memory. */
export interface ScanRequest {
  readonly query: string;
  readonly ranking: RankingName;
  readonly limit: number;
  readonly parts: readonly ScanPart[];
  /** One integer: the next slice that no thread has taken. Slices of all parts are numbered through. */
  readonly nextSlice: SharedArrayBuffer;
}

/** What the indexer is asked. Roots are absolute and normalised. */
export type IndexerRequest =
  /** Asks for a reply with snapshots that are right for all that happened before a time, by `sharedSteadyMs`. */
  | { readonly kind: 'refresh'; readonly id: number; readonly roots: readonly string[]; readonly beforeMs: number }
  /** Asks for a reply with snapshots of what there is by now. */
  | { readonly kind: 'peek'; readonly id: number; readonly roots: readonly string[] }
  /** Makes an index that is likely to be needed. */
  | { readonly kind: 'warm'; readonly root: string }
  /** Asks for news about a root. */
  | { readonly kind: 'follow'; readonly root: string }
  | { readonly kind: 'unfollow'; readonly root: string }
  /** Says how many files all indexes together may have at most; without it there is no limit. */
  | { readonly kind: 'limit'; readonly maxFiles: number }
  /** Says which paths are not to be touched, nor anything below them, because they do not answer. */
  | { readonly kind: 'avoid'; readonly unreadable: readonly string[] }
  /** The threads that help do not answer any more. */
  | { readonly kind: 'helpers-lost' }
  /** Brings a thread that helps with reading folders. */
  | { readonly kind: 'helper'; readonly port: MessagePort };

/** What the indexer says. */
export type IndexerReply =
  /** `roots` that have no index are too large for one. */
  | { readonly kind: 'refreshed'; readonly id: number; readonly versions: readonly (number | undefined)[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** A snapshot comes before the first reply that names its version. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly followed: boolean }
  | { readonly kind: 'dropped'; readonly root: string }
  /** Asks for threads that help with reading folders. */
  | { readonly kind: 'help' }
  /** Not all folders can be watched. */
  | { readonly kind: 'unwatched' }
  /** Something below the root is left out. */
  | { readonly kind: 'bounded'; readonly root: string; readonly bound: SearchBound };

/** One 32-bit integer: 0 while the search is wanted, anything else once it is to stop. */
interface Cancellable {
  readonly cancel: SharedArrayBuffer;
}

/** A search without an index: the worker walks the roots. */
export interface WalkJob extends SearchRequest, Cancellable {
  readonly kind: 'walk';
  readonly calls: CallMemory;
  /** Paths that are not to be touched. */
  readonly unreadable: readonly string[];
}

/** A share of a search in indexes. */
export interface ScanJob extends ScanRequest, Cancellable {
  readonly kind: 'scan';
}

/** To be there when the next job comes; with a port, to read folders for whoever is at its other end. */
interface ReadyJob {
  readonly kind: 'ready';
  readonly port: MessagePort | undefined;
  readonly calls: CallMemory;
}

export type SearchJob = WalkJob | ScanJob | ReadyJob;

/** What the worker answers; the roots are known by their place. */
export interface SearchAnswer {
  readonly files: readonly RankedFile[];
  /** Whether the search was stopped before it had seen everything. */
  readonly cancelled: boolean;
  /** Roots, by their place, that there was not enough time for. */
  readonly overdue?: readonly number[];
  /** Roots, by their place, of which some could not be read for want of descriptors. */
  readonly unread?: readonly number[];
}

export interface IndexWorkerData {
  readonly userFolders: UserFolders;
  /** Where it notes which call of the file system it is in. */
  readonly calls: CallMemory;
  /** Most watches, if fewer than the system allows. */
  readonly maxWatches?: number;
}

/**
 * What the bench asks of the process that measures, over comlink. All times in milliseconds, taken in that process. One
 * engine at a time.
 */
import type { EngineSpec } from '../engines/spec.ts';

export interface EngineStart {
  readonly spec: EngineSpec;
  /** The folder that is searched; absolute. */
  readonly root: string;
  /** What tells more about a Node program or lets it be told more; programs of another kind are started without it. */
  readonly preload: Preload | null;
}

export interface SearchesRequest {
  readonly queries: readonly string[];
  /** No further query is begun after this time, but `least` are made in any case. */
  readonly budgetMs: number;
  readonly least: number;
}

export interface SearchesResult {
  /** Query written to answer read, for the first so many of the queries. */
  readonly ms: readonly number[];
  /** The best paths of each answer. */
  readonly best: readonly (readonly string[])[];
}

export type ChangeKind = 'create' | 'rename' | 'delete';

export interface ChangesRequest {
  /** Folders in which a file comes and goes, relative to the root. */
  readonly folders: readonly string[];
  readonly budgetMs: number;
}

/** What became of one change. */
export interface SeenChange {
  readonly kind: ChangeKind;
  /** Null when no answer was right within the limit. */
  readonly seen: {
    /** From the change to the start of the first query that was answered right. */
    readonly lagMs: number;
    /** From the change to that answer. */
    readonly answerMs: number;
  } | null;
}

/** Everything that is done with an engine, one thing after the other: searches, key strokes, a burst, and a change. */
export interface BusyRequest extends SearchesRequest {
  readonly strokes: readonly string[];
  readonly burst: readonly string[];
  /** Where a file comes and goes, relative to the root; null for an engine that does not follow changes. */
  readonly changedFolder: string | null;
  /** How often the other request is sent. */
  readonly everyMs: number;
}

export interface BusyResult {
  /** Round trips of the other request. */
  readonly pingMs: readonly number[];
  /** The largest gap between ticks of a timer in the engine's main thread meanwhile; null where that cannot be known. */
  readonly stallMs: number | null;
}

/** A module that is loaded into the engine before its own program, which must be one of Node. */
type Preload = 'collector' | 'ticker';

export interface MemoryRequest {
  /** A folder with nothing in it. */
  readonly emptyFolder: string;
  readonly query: string;
  /** How long the engine is left alone after each search. */
  readonly settlingMs: number;
}

export interface MemoryResult {
  /** Growth of the resident set from the search in the empty folder to the one in the root, in MB of 2^20 bytes. */
  readonly growthMb: number;
  /** Folders or files watched at the end. */
  readonly watches: number;
}

export interface SearchClient {
  /** From the spawn until the engine answers. An engine that is started for each query is not started here. */
  start(request: EngineStart): Promise<number>;
  stop(): Promise<void>;
  /** Round trips of the smallest request there is. */
  pings(count: number): Promise<readonly number[]>;
  search(request: SearchesRequest): Promise<SearchesResult>;
  /** All queries written at once, with one token: from the first write to the answer to the last query. */
  burst(queries: readonly string[]): Promise<number>;
  changes(request: ChangesRequest): Promise<readonly SeenChange[]>;
  /** Sends another request all the time while the engine is kept busy, and stops the engine at the end. */
  keepBusy(request: BusyRequest): Promise<BusyResult>;
  /** Null where it cannot be seen. */
  memory(request: MemoryRequest): Promise<MemoryResult | null>;
}

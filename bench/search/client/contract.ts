/**
 * What the bench asks of the process that measures, over comlink. All times in milliseconds, taken in that process. One
 * engine at a time.
 */
import type { EngineSpec } from '../engines/spec.ts';

export interface EngineStart {
  readonly spec: EngineSpec;
  /** The folder that is searched; absolute. */
  readonly root: string;
  /** Whether the engine must be able to collect its garbage when told, which a Node program is started differently for. */
  readonly collectable: boolean;
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

export interface BusyRequest extends SearchesRequest {
  readonly burst: readonly string[];
  /** How often the other request is sent. */
  readonly everyMs: number;
}

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
  /** Round trips of another request, sent all the time while searches and a burst of them run. */
  pingsWhileBusy(request: BusyRequest): Promise<readonly number[]>;
  /** Null where it cannot be seen. */
  memory(request: MemoryRequest): Promise<MemoryResult | null>;
}

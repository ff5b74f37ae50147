/** Fuzzy file search, as one request or as a session that follows the typing. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';

/** Params of `fuzzyFileSearch`. */
export const FuzzyFileSearchParams = t.struct('FuzzyFileSearchParams', {
  query: t.string,
  /** Folders to search in. */
  roots: t.list(t.string),
  /** A new search with the same token ends the earlier one. */
  cancellationToken: t.opt(t.string),
});
export type FuzzyFileSearchParams = t.Infer<typeof FuzzyFileSearchParams>;

/** A file that fits the query. */
export const FuzzyFileSearchResult = t.struct('FuzzyFileSearchResult', {
  root: t.string,
  /** Relative to `root`. */
  path: t.string,
  file_name: t.string,
  score: t.uint32,
  /** Positions of the matched characters in `path`. */
  indices: t.orNull(t.list(t.uint32)),
});
export type FuzzyFileSearchResult = t.Infer<typeof FuzzyFileSearchResult>;

/** Answers `fuzzyFileSearch`, best match first. */
export const FuzzyFileSearchResponse = t.struct('FuzzyFileSearchResponse', { files: t.list(FuzzyFileSearchResult) });
export type FuzzyFileSearchResponse = t.Infer<typeof FuzzyFileSearchResponse>;

/** Params of `fuzzyFileSearch/sessionStart`. */
export const FuzzyFileSearchSessionStartParams = t.struct('FuzzyFileSearchSessionStartParams', {
  /** The client chooses it. */
  sessionId: t.string,
  roots: t.list(t.string),
});
export type FuzzyFileSearchSessionStartParams = t.Infer<typeof FuzzyFileSearchSessionStartParams>;

/** Answers `fuzzyFileSearch/sessionStart`; it has no members. */
export const FuzzyFileSearchSessionStartResponse = t.struct('FuzzyFileSearchSessionStartResponse', {});
export type FuzzyFileSearchSessionStartResponse = t.Infer<typeof FuzzyFileSearchSessionStartResponse>;

/** The new query of a session. */
export const FuzzyFileSearchSessionUpdateParams = t.struct('FuzzyFileSearchSessionUpdateParams', {
  sessionId: t.string,
  query: t.string,
});
export type FuzzyFileSearchSessionUpdateParams = t.Infer<typeof FuzzyFileSearchSessionUpdateParams>;

/** Answers `fuzzyFileSearch/sessionUpdate`; it has no members. */
export const FuzzyFileSearchSessionUpdateResponse = t.struct('FuzzyFileSearchSessionUpdateResponse', {});
export type FuzzyFileSearchSessionUpdateResponse = t.Infer<typeof FuzzyFileSearchSessionUpdateResponse>;

/** Names the session to stop. */
export const FuzzyFileSearchSessionStopParams = t.struct('FuzzyFileSearchSessionStopParams', { sessionId: t.string });
export type FuzzyFileSearchSessionStopParams = t.Infer<typeof FuzzyFileSearchSessionStopParams>;

/** Answers `fuzzyFileSearch/sessionStop`; it has no members. */
export const FuzzyFileSearchSessionStopResponse = t.struct('FuzzyFileSearchSessionStopResponse', {});
export type FuzzyFileSearchSessionStopResponse = t.Infer<typeof FuzzyFileSearchSessionStopResponse>;

/** Params of `fuzzyFileSearch/sessionUpdated`. */
export const FuzzyFileSearchSessionUpdatedNotification = t.struct('FuzzyFileSearchSessionUpdatedNotification', {
  sessionId: t.string,
  /** The query that the files fit. */
  query: t.string,
  files: t.list(FuzzyFileSearchResult),
});
export type FuzzyFileSearchSessionUpdatedNotification = t.Infer<typeof FuzzyFileSearchSessionUpdatedNotification>;

/** Params of `fuzzyFileSearch/sessionCompleted`. */
export const FuzzyFileSearchSessionCompletedNotification = t.struct('FuzzyFileSearchSessionCompletedNotification', {
  sessionId: t.string,
});
export type FuzzyFileSearchSessionCompletedNotification = t.Infer<typeof FuzzyFileSearchSessionCompletedNotification>;

/** Messages of the file search. */
export const searchMessages = [
  /** Finds files whose paths fit a query. */
  request('fuzzyFileSearch', FuzzyFileSearchParams, FuzzyFileSearchResponse, {
    folder: '',
  }),
  /** Opens a search session that follows what the user types. */
  request('fuzzyFileSearch/sessionStart', FuzzyFileSearchSessionStartParams, FuzzyFileSearchSessionStartResponse),
  /** Changes the query of a search session. */
  request('fuzzyFileSearch/sessionUpdate', FuzzyFileSearchSessionUpdateParams, FuzzyFileSearchSessionUpdateResponse),
  /** Closes a search session. */
  request('fuzzyFileSearch/sessionStop', FuzzyFileSearchSessionStopParams, FuzzyFileSearchSessionStopResponse),
  /** Carries the files that a session has found so far. */
  notification('fuzzyFileSearch/sessionUpdated', FuzzyFileSearchSessionUpdatedNotification),
  /** Reports that a session has searched everything for its query. */
  notification('fuzzyFileSearch/sessionCompleted', FuzzyFileSearchSessionCompletedNotification),
] as const;

/** Fuzzy file search, as one request or as a session that follows the typing. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';

export const FuzzyFileSearchParams = t.struct('FuzzyFileSearchParams', {
  query: t.string,
  roots: t.list(t.string),
  cancellationToken: t.opt(t.string),
});
export type FuzzyFileSearchParams = t.Infer<typeof FuzzyFileSearchParams>;

export const FuzzyFileSearchResult = t.struct('FuzzyFileSearchResult', {
  root: t.string,
  path: t.string,
  file_name: t.string,
  score: t.uint32,
  indices: t.orNull(t.list(t.uint32)),
});
export type FuzzyFileSearchResult = t.Infer<typeof FuzzyFileSearchResult>;

export const FuzzyFileSearchResponse = t.struct('FuzzyFileSearchResponse', { files: t.list(FuzzyFileSearchResult) });
export type FuzzyFileSearchResponse = t.Infer<typeof FuzzyFileSearchResponse>;

export const FuzzyFileSearchSessionStartParams = t.struct('FuzzyFileSearchSessionStartParams', {
  sessionId: t.string,
  roots: t.list(t.string),
});
export type FuzzyFileSearchSessionStartParams = t.Infer<typeof FuzzyFileSearchSessionStartParams>;

export const FuzzyFileSearchSessionStartResponse = t.struct('FuzzyFileSearchSessionStartResponse', {});
export type FuzzyFileSearchSessionStartResponse = t.Infer<typeof FuzzyFileSearchSessionStartResponse>;

export const FuzzyFileSearchSessionUpdateParams = t.struct('FuzzyFileSearchSessionUpdateParams', {
  sessionId: t.string,
  query: t.string,
});
export type FuzzyFileSearchSessionUpdateParams = t.Infer<typeof FuzzyFileSearchSessionUpdateParams>;

export const FuzzyFileSearchSessionUpdateResponse = t.struct('FuzzyFileSearchSessionUpdateResponse', {});
export type FuzzyFileSearchSessionUpdateResponse = t.Infer<typeof FuzzyFileSearchSessionUpdateResponse>;

export const FuzzyFileSearchSessionStopParams = t.struct('FuzzyFileSearchSessionStopParams', { sessionId: t.string });
export type FuzzyFileSearchSessionStopParams = t.Infer<typeof FuzzyFileSearchSessionStopParams>;

export const FuzzyFileSearchSessionStopResponse = t.struct('FuzzyFileSearchSessionStopResponse', {});
export type FuzzyFileSearchSessionStopResponse = t.Infer<typeof FuzzyFileSearchSessionStopResponse>;

export const FuzzyFileSearchSessionUpdatedNotification = t.struct('FuzzyFileSearchSessionUpdatedNotification', {
  sessionId: t.string,
  query: t.string,
  files: t.list(FuzzyFileSearchResult),
});
export type FuzzyFileSearchSessionUpdatedNotification = t.Infer<typeof FuzzyFileSearchSessionUpdatedNotification>;

export const FuzzyFileSearchSessionCompletedNotification = t.struct('FuzzyFileSearchSessionCompletedNotification', {
  sessionId: t.string,
});
export type FuzzyFileSearchSessionCompletedNotification = t.Infer<typeof FuzzyFileSearchSessionCompletedNotification>;

export const fuzzyFileSearch = request('fuzzyFileSearch', FuzzyFileSearchParams, FuzzyFileSearchResponse, {
  folder: '',
});
export const fuzzyFileSearchSessionStart = request(
  'fuzzyFileSearch/sessionStart',
  FuzzyFileSearchSessionStartParams,
  FuzzyFileSearchSessionStartResponse,
);
export const fuzzyFileSearchSessionUpdate = request(
  'fuzzyFileSearch/sessionUpdate',
  FuzzyFileSearchSessionUpdateParams,
  FuzzyFileSearchSessionUpdateResponse,
);
export const fuzzyFileSearchSessionStop = request(
  'fuzzyFileSearch/sessionStop',
  FuzzyFileSearchSessionStopParams,
  FuzzyFileSearchSessionStopResponse,
);
export const fuzzyFileSearchSessionUpdated = notification(
  'fuzzyFileSearch/sessionUpdated',
  FuzzyFileSearchSessionUpdatedNotification,
);
export const fuzzyFileSearchSessionCompleted = notification(
  'fuzzyFileSearch/sessionCompleted',
  FuzzyFileSearchSessionCompletedNotification,
);

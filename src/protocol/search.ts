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

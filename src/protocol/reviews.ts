/** Reviews, which are turns with a target. */
import { request } from './define.ts';
import * as t from './schema/types.ts';
import { Turn } from './turns.ts';

/** What a review looks at. */
export const ReviewTarget = t.tagged('ReviewTarget', 'type', {
  uncommittedChanges: {},
  baseBranch: {
    /** The review covers the changes since this branch. */
    branch: t.string,
  },
  commit: { sha: t.string, title: t.orNull(t.string) },
  custom: { instructions: t.string },
});
export type ReviewTarget = t.Infer<typeof ReviewTarget>;

/** Whether a review runs in its thread or in a new one. */
export const ReviewDelivery = t.words('ReviewDelivery', ['inline', 'detached']);
export type ReviewDelivery = t.Infer<typeof ReviewDelivery>;

/** Params of `review/start`. */
export const ReviewStartParams = t.struct('ReviewStartParams', {
  threadId: t.string,
  target: ReviewTarget,
  delivery: t.omitted(ReviewDelivery),
});
export type ReviewStartParams = t.Infer<typeof ReviewStartParams>;

/** Answers `review/start`. */
export const ReviewStartResponse = t.struct('ReviewStartResponse', {
  turn: Turn,
  /** The thread that the review runs in. */
  reviewThreadId: t.string,
});
export type ReviewStartResponse = t.Infer<typeof ReviewStartResponse>;

/** Messages about reviews. */
export const reviewMessages = [
  /** Starts a review as a turn. */
  request('review/start', ReviewStartParams, ReviewStartResponse),
] as const;

/** Reviews, which are turns with a target. */
import { request } from './define.ts';
import * as t from './schema/types.ts';
import { Turn } from './turns.ts';

export const ReviewTarget = t.tagged('ReviewTarget', 'type', {
  uncommittedChanges: {},
  baseBranch: { branch: t.string },
  commit: { sha: t.string, title: t.orNull(t.string) },
  custom: { instructions: t.string },
});
export type ReviewTarget = t.Infer<typeof ReviewTarget>;

export const ReviewDelivery = t.words('ReviewDelivery', ['inline', 'detached']);
export type ReviewDelivery = t.Infer<typeof ReviewDelivery>;

export const ReviewStartParams = t.struct('ReviewStartParams', {
  threadId: t.string,
  target: ReviewTarget,
  delivery: t.omitted(ReviewDelivery),
});
export type ReviewStartParams = t.Infer<typeof ReviewStartParams>;

export const ReviewStartResponse = t.struct('ReviewStartResponse', { turn: Turn, reviewThreadId: t.string });
export type ReviewStartResponse = t.Infer<typeof ReviewStartResponse>;

export const reviewStart = request('review/start', ReviewStartParams, ReviewStartResponse);

/** Feedback to the vendor. */
import { request } from './define.ts';
import * as t from './schema/types.ts';

export const FeedbackUploadParams = t.struct('FeedbackUploadParams', {
  classification: t.string,
  reason: t.opt(t.string),
  threadId: t.opt(t.string),
  includeLogs: t.boolean,
});
export type FeedbackUploadParams = t.Infer<typeof FeedbackUploadParams>;

export const FeedbackUploadResponse = t.struct('FeedbackUploadResponse', { threadId: t.string });
export type FeedbackUploadResponse = t.Infer<typeof FeedbackUploadResponse>;

export const feedbackUpload = request('feedback/upload', FeedbackUploadParams, FeedbackUploadResponse);

/** Feedback to the vendor. */
import { request } from './define.ts';
import * as t from './schema/types.ts';

/** Feedback of the user. */
export const FeedbackUploadParams = t.struct('FeedbackUploadParams', {
  classification: t.string,
  reason: t.opt(t.string),
  threadId: t.opt(t.string),
  /** Whether logs of the server are attached. */
  includeLogs: t.boolean,
});
export type FeedbackUploadParams = t.Infer<typeof FeedbackUploadParams>;

/** Answers `feedback/upload`. */
export const FeedbackUploadResponse = t.struct('FeedbackUploadResponse', {
  /** The id under which the vendor finds the feedback. */
  threadId: t.string,
});
export type FeedbackUploadResponse = t.Infer<typeof FeedbackUploadResponse>;

/** Messages about feedback. */
export const feedbackMessages = [
  /** Sends feedback to the vendor. */
  request('feedback/upload', FeedbackUploadParams, FeedbackUploadResponse),
] as const;

/** What can be wrong with a request about a thread. The wire's codes for them are in rpc/errors.ts. */
import type { ErrorCode } from '../base/error-codes.ts';
import { AppError } from '../base/errors.ts';
import { parseUuid } from '../base/ids.ts';

export const threadNotFound = (threadId: string): AppError =>
  new AppError('thread-not-found', `thread not found: ${threadId}`);

export const conversationNotFound = (id: string): AppError =>
  new AppError('thread-not-found', `conversation not found: ${id}`);

export const threadNotLoaded = (threadId: string): AppError =>
  new AppError('thread-not-loaded', `thread not loaded: ${threadId}`);

const invalidThreadId = (why: string): AppError => new AppError('invalid-input', `invalid thread id: ${why}`);

/** `noun`: what threads are called where the request comes from. */
export const noRollout = (threadId: string, noun: 'thread' | 'conversation' = 'thread'): AppError =>
  new AppError('not-found', `no rollout found for ${noun} id ${threadId}`);

/** Any spelling of a UUID, normalised. Throws AppError. */
export function parseThreadId(text: string): string {
  const parsed = parseUuid(text);
  if (!parsed.ok) throw invalidThreadId(parsed.message);
  return parsed.value;
}

/** A failure that came as data from a shard. */
export const shardFailure = (code: ErrorCode, message: string): AppError => new AppError(code, message);

/** Threads as clients see them, from their files, encoded where they are read. */
import { osErrorText } from '../base/os-error.ts';
import type { StoredThreadRequest, TurnPage, TurnPageRequest } from '../pool/contract/turn-shard.ts';
import type { Thread } from '../protocol/threads.ts';
import type { RolloutEntry } from '../rollout/format.ts';
import { readSummary } from '../rollout/head.ts';
import { loadRollout } from '../rollout/read.ts';
import { threadOf } from '../rollout/thread.ts';
import { pageOf } from '../rollout/turn-page.ts';
import { turnsOf } from '../rollout/turns.ts';
import { OpenFailure } from './open-failure.ts';

const encoder = new TextEncoder();

export const encodeThread = (thread: Thread): Uint8Array => encoder.encode(JSON.stringify(thread));

/** The stored events, in order. */
export const encodeMessages = (entries: readonly RolloutEntry[]): Uint8Array =>
  encoder.encode(JSON.stringify(entries.flatMap((entry) => (entry.type === 'event_msg' ? [entry.payload] : []))));

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function describeStored(request: StoredThreadRequest, runningTurnId: string | null): Promise<Uint8Array> {
  return reading(async () => {
    const summary = await readSummary(request.path);
    const turns = request.includeTurns ? turnsOf(await loadRollout(request.path), runningTurnId) : [];
    return encodeThread(threadOf(summary, { defaultProvider: request.fallbackProvider, turns }));
  });
}

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export const messagesOf = (path: string): Promise<Uint8Array> =>
  reading(async () => encodeMessages(await loadRollout(path)));

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function pageOfStored(request: TurnPageRequest, runningTurnId: string | null): Promise<TurnPage> {
  return reading(async () => {
    const page = pageOf(turnsOf(await loadRollout(request.path), runningTurnId), request);
    const { nextCursor, backwardsCursor } = page;
    return { turns: encoder.encode(JSON.stringify(page.turns)), nextCursor, backwardsCursor };
  });
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

/** Threads as clients see them, from their files, encoded where they are read. */
import { osErrorText } from '../base/os-error.ts';
import type { StoredThreadRequest } from '../pool/contract/turn-shard.ts';
import type { Thread } from '../protocol/threads.ts';
import { readSummary } from '../rollout/head.ts';
import { loadRollout } from '../rollout/read.ts';
import { threadOf } from '../rollout/thread.ts';
import { turnsOf } from '../rollout/turns.ts';
import { OpenFailure } from './open-failure.ts';

const encoder = new TextEncoder();

export const encodeThread = (thread: Thread): Uint8Array => encoder.encode(JSON.stringify(thread));

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export async function describeStored(request: StoredThreadRequest, runningTurnId: string | null): Promise<Uint8Array> {
  try {
    const summary = await readSummary(request.path);
    const turns = request.includeTurns ? turnsOf(await loadRollout(request.path), runningTurnId) : [];
    return encodeThread(threadOf(summary, { defaultProvider: request.fallbackProvider, turns }));
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

/**
 * Threads as clients see them, from their files, encoded where they are read: in pieces, so that nothing of a long thread is
 * ever one text.
 */
import { osErrorText } from '../base/os-error.ts';
import type { EncodedPieces, StoredThreadRequest, TurnPage, TurnPageRequest } from '../pool/contract/turn-shard.ts';
import type { Thread } from '../protocol/threads.ts';
import { readSummary } from '../rollout/head.ts';
import { checkRollout } from '../rollout/read.ts';
import { markTurns, withTurns } from '../rollout/stored-turns.ts';
import { threadOf } from '../rollout/thread.ts';
import { type DrawOptions, drawTurn, type MarkedTurn } from '../rollout/turn-marks.ts';
import { pageOf } from '../rollout/turn-page.ts';
import { JsonPieces } from './json-pieces.ts';
import { OpenFailure } from './open-failure.ts';

const encoder = new TextEncoder();
const NO_TURNS = '"turns":[]}';

export const encodeThread = (thread: Thread): Uint8Array => encoder.encode(JSON.stringify(thread));

/** Marked turns, and the file they are in. */
export interface TurnsInFile {
  readonly path: string;
  readonly turns: readonly MarkedTurn[];
  readonly runningTurnId: string | null;
}

/** The thread with these turns. Rejects with the file system's error. */
export async function encodeWithTurns(thread: Thread, shown: TurnsInFile): Promise<EncodedPieces> {
  const text = JSON.stringify({ ...thread, turns: [] } satisfies Thread);
  // The turns are the last member.
  const begin = text.slice(0, text.length - NO_TURNS.length);
  const { path, turns, runningTurnId } = shown;
  return withTurns(path, turns, (all, lineOf) =>
    encodeTurns(all, { runningTurnId, view: 'full', lineOf }, { begin: `${begin}"turns":`, end: '}' }),
  );
}

/** The stored events, in order. Rejects with RolloutError and the file system's error. */
export async function encodeMessages(path: string): Promise<EncodedPieces> {
  const list = new JsonPieces();
  await checkRollout(path, (line) => {
    if (line.shape.kind === 'history' || line.shape.kind === 'turnContext' || line.shape.kind === 'ownItem') return;
    const entry = line.entry();
    if (entry?.type === 'event_msg') list.add(entry.payload);
  });
  return list.finish();
}

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function describeStored(request: StoredThreadRequest, runningTurnId: string | null): Promise<EncodedPieces> {
  const { path, includeTurns, fallbackProvider: defaultProvider } = request;
  return reading(async () => {
    const thread = threadOf(await readSummary(path), { defaultProvider });
    if (!includeTurns) return [encodeThread(thread)];
    return encodeWithTurns(thread, { path, turns: await markTurns(path), runningTurnId });
  });
}

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export const messagesOf = (path: string): Promise<EncodedPieces> => reading(() => encodeMessages(path));

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function pageOfStored(request: TurnPageRequest, runningTurnId: string | null): Promise<TurnPage> {
  const { path, view } = request;
  return reading(async () =>
    withTurns(path, await markTurns(path), async (all, lineOf) => {
      const { turns, nextCursor, backwardsCursor } = pageOf(all, request);
      return { turns: await encodeTurns(turns, { runningTurnId, view, lineOf }), nextCursor, backwardsCursor };
    }),
  );
}

async function encodeTurns(
  turns: readonly MarkedTurn[],
  options: DrawOptions,
  { begin, end }: { readonly begin: string; readonly end: string } = { begin: '', end: '' },
): Promise<EncodedPieces> {
  const list = new JsonPieces(begin);
  for (const turn of turns) {
    const isFull = list.add(drawTurn(turn, options));
    if (isFull) await nextTick(); // other threads of this shard go on meanwhile
  }
  return list.finish(end);
}

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

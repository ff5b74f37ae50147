/**
 * Threads as clients see them, from their files, encoded where they are read: in pieces, so that nothing of a long thread is
 * ever one text.
 */
import { osErrorText } from '../base/os-error.ts';
import type { EncodedPieces, StoredThreadRequest, TurnPage, TurnPageRequest } from '../contract/turn-shard.ts';
import type { Thread } from '../protocol/threads.ts';
import { readSummary } from '../rollout/head.ts';
import type { LineShape } from '../rollout/line-shape.ts';
import { legacyMessagesOf as messagesIn } from '../rollout/plain-copy.ts';
import { checkRollout } from '../rollout/read.ts';
import { markTurns, withTurns } from '../rollout/stored-turns.ts';
import { threadOf } from '../rollout/thread.ts';
import { type ThreadText, threadText } from '../rollout/thread-text.ts';
import { type DrawOptions, drawTurn, type MarkedTurn } from '../rollout/turn-marks.ts';
import { turnPageOf } from '../rollout/turn-page.ts';
import { JsonPieces } from './json-pieces.ts';
import { OpenFailure } from './open-failure.ts';

const encoder = new TextEncoder();
const NO_TURNS = '"turns":[]}';
/** Lines of these shapes hold no stored event. */
const NO_MESSAGES: ReadonlySet<LineShape['kind']> = new Set(['history', 'turnContext', 'ownItem', 'copy']);

export const encodeThread = (thread: Thread): Uint8Array => encoder.encode(JSON.stringify(thread));

/** Marked turns, and the text they are in. */
export interface TurnsInFile {
  readonly text: ThreadText;
  readonly turns: readonly MarkedTurn[];
  readonly runningTurnId: string | null;
}

/** The thread with these turns. Rejects with the file system's error. */
export async function encodeWithTurns(thread: Thread, shown: TurnsInFile): Promise<EncodedPieces> {
  const text = JSON.stringify({ ...thread, turns: [] } satisfies Thread);
  // The turns are the last member.
  const begin = text.slice(0, text.length - NO_TURNS.length);
  const { text: lines, turns, runningTurnId } = shown;
  return withTurns(lines, turns, (all, lineOf) =>
    encodeTurns(all, { runningTurnId, view: 'full', lineOf }, { begin: `${begin}"turns":`, end: '}' }),
  );
}

/** The stored events, in order. Rejects with RolloutError and the file system's error. */
export async function encodeMessages(path: string): Promise<EncodedPieces> {
  const list = new JsonPieces();
  await checkRollout(threadText(path), (line) => {
    if (NO_MESSAGES.has(line.shape.kind)) return;
    const entry = line.entry();
    for (const message of entry === null ? [] : messagesIn(entry)) list.add(message);
  });
  return list.finish();
}

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function describeStored(request: StoredThreadRequest, runningTurnId: string | null): Promise<EncodedPieces> {
  const { path, includeTurns, fallbackProvider: defaultProvider } = request;
  return reading(async () => {
    const thread = threadOf(await readSummary(path), { defaultProvider });
    if (!includeTurns) return [encodeThread(thread)];
    const text = threadText(path);
    return encodeWithTurns(thread, { text, turns: await markTurns(text), runningTurnId });
  });
}

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export const messagesOf = (path: string): Promise<EncodedPieces> => reading(() => encodeMessages(path));

/** Rejects with an `OpenFailure` whose message is the cause alone. */
export function pageOfStored(request: TurnPageRequest, runningTurnId: string | null): Promise<TurnPage> {
  const { path, view } = request;
  return reading(async () => {
    const text = threadText(path);
    return withTurns(text, await markTurns(text), async (all, lineOf) => {
      const { turns, nextCursor, backwardsCursor } = turnPageOf(all, request);
      return { turns: await encodeTurns(turns, { runningTurnId, view, lineOf }), nextCursor, backwardsCursor };
    });
  });
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

/**
 * Runs one conversation with both servers and says where they differ first.
 *
 * In: a conversation. Out: null, or a text with the first difference of each lane. Owns both sessions while they run.
 */
import { isDeepStrictEqual } from 'node:util';
import { leftOpen, steeredTexts, withoutDecided, withoutLateCompletions } from './decided.ts';
import { storedTurns } from './history.ts';
import type { Mask } from './masks.ts';
import { type Block, fileBlocks, Normaliser, rolloutBlocks, upstreamBlocks, wireBlocks } from './normal.ts';
import { type Entry, type Loose, type Recording, Session, type SetUp, type SideName } from './session.ts';

export interface Conversation {
  readonly name: string;
  readonly setUp?: SetUp;
  /** Called when the folders exist and the server does not run yet. */
  readonly prepare?: (session: Session) => void;
  readonly talk: (session: Session) => Promise<void>;
  /** Changes a block before it is compared, or drops it. */
  readonly mask?: Mask;
}

async function record(side: SideName, conversation: Conversation): Promise<Recording> {
  await using session = await Session.open(side, conversation.setUp);
  conversation.prepare?.(session);
  await session.start();
  await conversation.talk(session);
  await session.stop();
  return session.recording();
}

/** The differences, as text; null when there are none. */
export async function difference(conversation: Conversation): Promise<string | null> {
  const [theirs, ours] = await Promise.all([record('reference', conversation), record('ours', conversation)]);
  return compareRecordings(theirs, ours, conversation.mask);
}

function compareRecordings(theirs: Recording, ours: Recording, mask: Mask = (block) => block): string | null {
  const [theirEntries, ourEntries] = [decided(theirs), decided(ours)];
  const ourRest = withoutLateCompletions(ourEntries, leftOpen(theirEntries));
  const left = blocksOf(theirs, theirEntries, mask);
  const right = blocksOf(ours, ourRest, mask);
  const lanes = [...new Set([...left, ...right].map(({ lane }) => lane))];
  const found = lanes.flatMap((lane) => firstDifference(lane, ofLane(left, lane), ofLane(right, lane)) ?? []);
  if (ours.exitCode !== 0) found.push(`our exit code: ${ours.exitCode}`); // the reference may stay until it is killed
  return found.length === 0 ? null : found.join('\n');
}

const ofLane = (blocks: readonly Block[], lane: string): Block[] => blocks.filter((block) => block.lane === lane);

const decided = (recording: Recording): Entry[] => withoutDecided(structuredClone(recording.transcript));

function blocksOf(recording: Recording, entries: readonly Entry[], mask: Mask): Block[] {
  const normal = new Normaliser(recording);
  const shown = entries.map(({ from, message }) => ({ from, message: withStoredTurns(from, message) }));
  const blocks = [
    ...wireBlocks(shown, normal),
    ...upstreamBlocks(recording, normal),
    ...rolloutBlocks(recording, steeredTexts(recording.transcript), normal),
    ...fileBlocks(recording, normal),
  ];
  return blocks.flatMap((block) => mask(block) ?? []);
}

function withStoredTurns(from: Entry['from'], message: Loose): Loose {
  if (from !== 'server') return message;
  const reduced = (holder: Loose): Loose => {
    const turns = holder?.thread?.turns;
    return Array.isArray(turns) ? { ...holder, thread: { ...holder.thread, turns: storedTurns(turns) } } : holder;
  };
  if (message.method === 'thread/started') return { ...message, params: reduced(message.params) };
  return message.result === undefined ? message : { ...message, result: reduced(message.result) };
}

const SHOWN_CHARS = 700;
const SHOWN_TITLES = 4;

function firstDifference(lane: string, left: readonly Block[], right: readonly Block[]): string | null {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [theirs, ours] = [left[at], right[at]];
    if (theirs?.title === ours?.title && isDeepStrictEqual(plain(theirs?.value), plain(ours?.value))) continue;
    if (theirs === undefined || ours === undefined || theirs.title !== ours.title) {
      const titles = (blocks: readonly Block[]) => blocks.slice(at, at + SHOWN_TITLES).map(({ title }) => title);
      const show = (block: Block | undefined) => JSON.stringify(block?.value ?? null).slice(0, SHOWN_CHARS);
      return [
        `[${lane}] #${at}`,
        `  - ${titles(left).join(', ') || '(end)'}\n      ${show(theirs)}`,
        `  + ${titles(right).join(', ') || '(end)'}\n      ${show(ours)}`,
      ].join('\n');
    }
    return [`[${lane}] #${at} ${theirs.title}`, ...leaves(plain(theirs.value), plain(ours.value), '')].join('\n');
  }
  return null;
}

const plain = (value: Loose): Loose => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** The places where two values differ, each with both values; empty when they are equal. */
export function leaves(theirs: Loose, ours: Loose, path: string): string[] {
  if (isDeepStrictEqual(theirs, ours)) return [];
  const bothRecords = isRecord(theirs) && isRecord(ours) && Array.isArray(theirs) === Array.isArray(ours);
  if (!bothRecords) {
    const show = (value: Loose) => (JSON.stringify(value) ?? '(absent)').slice(0, SHOWN_CHARS);
    const [a, b] = aroundDifference(show(theirs), show(ours));
    return [`  at ${path}`, `    - ${a}`, `    + ${b}`];
  }
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return keys.flatMap((key) => leaves(theirs[key], ours[key], `${path}/${key}`)).slice(0, 12);
}

const isRecord = (value: Loose): boolean => typeof value === 'object' && value !== null;

/** Long equal beginnings hide what differs. */
function aroundDifference(left: string, right: string): [string, string] {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const from = at > 120 ? at - 60 : 0;
  return [left.slice(from), right.slice(from)];
}

/** What a thread brings along: the lines of its file, or of the one it is a fork of; and the file it goes on in. */
import { join } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import type { OpenThread } from '../contract/turn-shard.ts';
import { RolloutWriter } from '../rollout/append.ts';
import { type CompactionRules, rebuildContext, type StoredContext } from '../rollout/context.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import { kindOf, type RolloutKind } from '../rollout/kind.ts';
import { type RawLine, scanLines } from '../rollout/line-scan.ts';
import { rolloutPathParts } from '../rollout/name.ts';
import { OrdinalScan } from '../rollout/ordinals.ts';
import { PlainCopy } from '../rollout/plain-copy.ts';
import { checkRollout } from '../rollout/read.ts';
import { ContextReader } from '../rollout/stored-context.ts';
import { markTurns } from '../rollout/stored-turns.ts';
import { ownOffset, type ThreadText, threadText } from '../rollout/thread-text.ts';
import type { MarkedTurn } from '../rollout/turn-marks.ts';
import { OpenFailure } from './open-failure.ts';
import type { EngineServices } from './services.ts';
import { storageFailure } from './storage-failure.ts';
import type { WriterLock } from './writer-lock.ts';

/** Lines that one write takes. */
const COPIED_AT_ONCE = 64;

/** What a thread continues or is a copy of. */
export interface SourceFile {
  readonly text: ThreadText;
  readonly kind: RolloutKind;
  /** Of the next line, where lines are numbered. */
  readonly nextOrdinal: number;
  /** Where it ended when it was read: what is appended meanwhile is not taken over. */
  readonly endOffset: number;
  /** Empty when nobody wants to see them. */
  readonly turns: readonly MarkedTurn[];
}

export interface Past {
  readonly threadId: string;
  /** null for a new thread. */
  readonly source: SourceFile | null;
  readonly stored: StoredContext;
  /** null for an ephemeral thread. */
  readonly writer: RolloutWriter | null;
  /** null for an ephemeral thread, and for one that is locked later: see `thread-lock.ts`. */
  readonly lock: WriterLock | null;
}

/** Rejects with `OpenFailure`. */
export async function openPast(request: OpenThread, services: EngineServices, rules: CompactionRules): Promise<Past> {
  const { origin, threadId } = request;
  if (origin.kind === 'new' || origin.kind === 'history') {
    const stored = rebuildContext([], rules);
    const writer = request.ephemeral ? null : await createFile(threadId, services);
    return { threadId, source: null, stored, writer, lock: null };
  }
  if (origin.kind === 'rollout') return continued(request, origin.path, services, rules);
  const { source, stored } = await read(origin.path, request.includeTurns, rules);
  requireKnown(source, stored, 'copied');
  return { threadId, source, stored, writer: await createFile(threadId, services), lock: null };
}

/** The lock comes before the file is read: what is read is what nobody else goes on with. */
async function continued(
  request: OpenThread,
  path: string,
  services: EngineServices,
  rules: CompactionRules,
): Promise<Past> {
  // What a dead shard left to be stored cannot wait: the process may be about to end, and had the lock a moment ago.
  const isUrgent = request.lost !== null && request.lost.length > 0;
  const lock = isUrgent ? null : await services.locks.lock(request.threadId);
  try {
    const { source, stored } = await read(path, request.includeTurns, rules);
    requireKnown(source, stored, 'continued');
    const threadId = stored.meta?.id ?? request.threadId;
    return { threadId, source, stored, writer: await openFile(path, threadId, source, services), lock };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** What is not understood is not touched: whoever wrote it may refuse it afterwards. */
function requireKnown({ kind }: SourceFile, { meta }: StoredContext, done: string): void {
  if (kind !== 'unknown') return;
  const isKnownMode = kindOf(meta, true) !== 'unknown';
  const reason = isKnownMode
    ? 'its lines are numbered too high'
    : `it is stored in a form that this version does not know (\`${meta?.history_mode}\`)`;
  const message = `${reason}: it can be read, not ${done}`;
  throw new OpenFailure('rollout-unreadable', message);
}

/** Piece by piece, line by line: a copy may be as long as its source. Rejects with the file system's error. */
export async function copyInto(writer: RolloutWriter, { text, endOffset }: SourceFile): Promise<void> {
  const copy = new PlainCopy();
  let entries: RolloutEntry[] = [];
  const write = (): void => {
    writer.write(entries);
    entries = [];
  };
  await scanLines(text, (line) => {
    const entry = line.offset < endOffset ? line.entry() : null;
    if (entry !== null) entries.push(...copy.take(entry));
    if (entries.length >= COPIED_AT_ONCE) write();
  });
  entries.push(...copy.end());
  write();
}

async function read(
  path: string,
  withTurns: boolean,
  rules: CompactionRules,
): Promise<{ source: SourceFile; stored: StoredContext }> {
  try {
    const text = threadText(path);
    const reader = new ContextReader(rules, ownOffset(text));
    const ordinals = new OrdinalScan(ownOffset(text));
    let endOffset = 0;
    const take = (line: RawLine): void => {
      endOffset = line.offset + line.sizeBytes;
      reader.take(line);
      ordinals.take(line);
    };
    const turns = withTurns ? await markTurns(text, take) : await checkRollout(text, take).then(() => []);
    const stored = reader.finish(text);
    const kind = ordinals.isBeyond ? 'unknown' : kindOf(stored.meta, ordinals.isNumbered);
    return { source: { text, kind, nextOrdinal: ordinals.next, endOffset, turns }, stored };
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

async function openFile(
  path: string,
  threadId: string,
  { kind, nextOrdinal }: SourceFile,
  { clock }: EngineServices,
): Promise<RolloutWriter> {
  try {
    const numbering = kind === 'paginated' ? { threadId, next: nextOrdinal } : null;
    return await RolloutWriter.open(path, { nowMs: () => clock.nowMs() }, numbering);
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

async function createFile(threadId: string, { clock, codexHome }: EngineServices): Promise<RolloutWriter> {
  const path = join(codexHome, ...rolloutPathParts(clock.nowMs(), threadId));
  try {
    return await RolloutWriter.create(path, { nowMs: () => clock.nowMs() });
  } catch (error) {
    throw storageFailure(error, codexHome);
  }
}

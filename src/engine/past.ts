/** What a thread brings along: the lines of its file, or of the one it is a fork of; and the file it goes on in. */
import { join } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import type { OpenThread } from '../pool/contract/turn-shard.ts';
import { RolloutWriter } from '../rollout/append.ts';
import { type CompactionRules, rebuildContext, type StoredContext } from '../rollout/context.ts';
import type { RolloutEntry } from '../rollout/format.ts';
import { type RawLine, scanLines } from '../rollout/line-scan.ts';
import { rolloutPathParts } from '../rollout/name.ts';
import { checkRollout } from '../rollout/read.ts';
import { ContextReader } from '../rollout/stored-context.ts';
import { markTurns } from '../rollout/stored-turns.ts';
import type { MarkedTurn } from '../rollout/turn-marks.ts';
import { OpenFailure } from './open-failure.ts';
import type { EngineServices } from './services.ts';
import { storageFailure } from './storage-failure.ts';

/** Lines that one write takes. */
const COPIED_AT_ONCE = 64;

/** The file that a thread continues or is a copy of. */
export interface SourceFile {
  readonly path: string;
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
}

/** Rejects with `OpenFailure`. */
export async function openPast(request: OpenThread, services: EngineServices, rules: CompactionRules): Promise<Past> {
  const { origin, threadId } = request;
  if (origin.kind === 'new' || origin.kind === 'history') {
    const stored = rebuildContext([], rules);
    return { threadId, source: null, stored, writer: request.ephemeral ? null : createFile(threadId, services) };
  }
  const { source, stored } = await read(origin.path, request.includeTurns, rules);
  if (origin.kind === 'fork') return { threadId, source, stored, writer: createFile(threadId, services) };
  return { threadId: stored.meta?.id ?? threadId, source, stored, writer: openFile(origin.path, services) };
}

/** Piece by piece, line by line: a copy may be as long as its source. Rejects with the file system's error. */
export async function copyInto(writer: RolloutWriter, { path, endOffset }: SourceFile): Promise<void> {
  let entries: RolloutEntry[] = [];
  const write = (): void => {
    writer.write(entries);
    entries = [];
  };
  await scanLines(path, (line) => {
    const entry = line.offset < endOffset ? line.entry() : null;
    if (entry !== null) entries.push(entry);
    if (entries.length >= COPIED_AT_ONCE) write();
  });
  write();
}

async function read(
  path: string,
  withTurns: boolean,
  rules: CompactionRules,
): Promise<{ source: SourceFile; stored: StoredContext }> {
  const reader = new ContextReader(rules);
  let endOffset = 0;
  const take = (line: RawLine): void => {
    endOffset = line.offset + line.sizeBytes;
    reader.take(line);
  };
  try {
    const turns = withTurns ? await markTurns(path, take) : await checkRollout(path, take).then(() => []);
    return { source: { path, endOffset, turns }, stored: reader.finish(path) };
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

function openFile(path: string, { clock }: EngineServices): RolloutWriter {
  try {
    return RolloutWriter.open(path, { nowMs: () => clock.nowMs() });
  } catch (error) {
    throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
  }
}

function createFile(threadId: string, { clock, codexHome }: EngineServices): RolloutWriter {
  const path = join(codexHome, ...rolloutPathParts(clock.nowMs(), threadId));
  try {
    return RolloutWriter.create(path, { nowMs: () => clock.nowMs() });
  } catch (error) {
    throw storageFailure(error, codexHome);
  }
}

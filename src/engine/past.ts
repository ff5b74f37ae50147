/** What a thread brings along: the lines of its file, or of the one it is a fork of; and the file it goes on in. */
import { join } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import type { OpenThread } from '../pool/contract/turn-shard.ts';
import { RolloutWriter } from '../rollout/append.ts';
import type { RolloutEntry, SessionMeta } from '../rollout/format.ts';
import { rolloutPathParts } from '../rollout/name.ts';
import { loadRollout } from '../rollout/read.ts';
import { OpenFailure } from './open-failure.ts';
import type { EngineServices } from './services.ts';
import { storageFailure } from './storage-failure.ts';

export interface Past {
  readonly threadId: string;
  /** Empty for a new thread. */
  readonly entries: readonly RolloutEntry[];
  /** The first head among them. */
  readonly meta: SessionMeta | null;
  /** null for an ephemeral thread. */
  readonly writer: RolloutWriter | null;
}

/** Rejects with `OpenFailure`. */
export async function openPast(request: OpenThread, services: EngineServices): Promise<Past> {
  const { origin, threadId } = request;
  if (origin.kind === 'new' || origin.kind === 'history') {
    return { threadId, entries: [], meta: null, writer: request.ephemeral ? null : createFile(threadId, services) };
  }
  const entries = await load(origin.path);
  const meta = headOf(entries);
  if (origin.kind === 'fork') return { threadId, entries, meta, writer: createFile(threadId, services) };
  return { threadId: meta?.id ?? threadId, entries, meta, writer: openFile(origin.path, services) };
}

/** The first head: whose file it is. */
export function headOf(entries: readonly RolloutEntry[]): SessionMeta | null {
  for (const entry of entries) if (entry.type === 'session_meta') return entry.payload;
  return null;
}

async function load(path: string): Promise<RolloutEntry[]> {
  try {
    return await loadRollout(path);
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

/** A stored thread as clients see it. Pure. */
import type { SessionSource as LegacySource } from '../protocol/legacy/core.ts';
import type { SessionSource, Thread } from '../protocol/threads.ts';
import type { StoredGit, StoredSource } from './entries.ts';
import type { ThreadSummary } from './head.ts';

export interface ThreadOptions {
  /** Shown for files that name no provider. */
  readonly defaultProvider: string;
}

/** Without its turns. Members in the order of the wire. Times in whole Unix seconds. */
export function threadOf(summary: ThreadSummary, { defaultProvider }: ThreadOptions): Thread {
  const { meta } = summary;
  return {
    id: meta.id,
    preview: summary.preview ?? '',
    modelProvider: meta.model_provider ?? defaultProvider,
    createdAt: unixSeconds(meta.timestamp),
    updatedAt: Math.floor(summary.updatedAtMs / 1000),
    path: summary.path,
    cwd: meta.cwd,
    cliVersion: meta.cli_version,
    source: sourceOf(meta.source),
    gitInfo: meta.git === undefined ? null : gitInfoOf(meta.git),
    turns: [],
  };
}

export interface UnstoredThread {
  readonly id: string;
  readonly modelProvider: string;
  readonly cwd: string;
  readonly cliVersion: string;
  readonly nowMs: number;
}

/** A thread without a file: never stored, or its file is gone. */
export function unstoredThread({ id, modelProvider, cwd, cliVersion, nowMs }: UnstoredThread): Thread {
  const nowSec = Math.floor(nowMs / 1000);
  return {
    id,
    preview: '',
    modelProvider,
    createdAt: nowSec,
    updatedAt: nowSec,
    path: null,
    cwd,
    cliVersion,
    source: 'vscode',
    gitInfo: null,
    turns: [],
  };
}

/** Stored spelling to that of threads. */
export function sourceOf(source: StoredSource): SessionSource {
  if (source === 'mcp') return 'appServer';
  return typeof source === 'string' ? source : { subAgent: source.subagent };
}

/** Stored spelling to that of conversations: the same. */
export const legacySourceOf = (source: StoredSource): LegacySource =>
  typeof source === 'string' ? source : { subagent: source.subagent };

const gitInfoOf = (git: StoredGit): NonNullable<Thread['gitInfo']> => ({
  sha: git.commit_hash ?? null,
  branch: git.branch ?? null,
  originUrl: git.repository_url ?? null,
});

/** 0 for texts that are no time. */
export function unixSeconds(timestamp: string): number {
  const ms = Date.parse(timestamp);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

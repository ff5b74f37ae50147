/** What a shard lends to its sessions: the world outside the engine, each part replaceable in tests. */

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { GroupControl } from '../base/process-groups.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { ModelList } from '../contract/turn-shard.ts';
import type { RootMemory } from '../exec/roots.ts';
import type { SandboxAvailability } from '../exec/sandbox.ts';
import type { UserShell } from '../exec/shell.ts';
import type { LocalImages } from '../images/local-image.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { CompactRequest, SamplingRequest, UpstreamEvent } from '../upstream/types.ts';
import type { WriterLocks } from './writer-lock.ts';

/** A model provider's endpoint. Turns see `UpstreamError`, or the signal's reason. */
interface Upstream {
  stream(request: SamplingRequest, signal: AbortSignal): AsyncIterable<UpstreamEvent>;
  compact(request: CompactRequest, signal: AbortSignal): Promise<ResponseItem[]>;
  /** Rejects with whatever went wrong. */
  models(provider: ProviderConfig, auth: AuthSnapshot, signal: AbortSignal): Promise<ModelList>;
}

/** Credentials; the main thread owns them. */
export interface AuthSource {
  current(): AuthSnapshot;
  /** Credentials for one request; waits for newer ones when these are old. Rejects with a `TurnFailure` when they are gone, or the signal's reason. */
  lease(signal: AbortSignal): Promise<AuthLease>;
}

export interface AuthLease {
  readonly snapshot: AuthSnapshot;
  /**
   * Upstream refused them. Resolves when the next lease has others; null when nobody has any. Rejects with a
   * `TurnFailure` that says why they could not be renewed, or with the signal's reason.
   */
  renewed(signal: AbortSignal): Promise<NewerLogin | null>;
}

export interface NewerLogin {
  /** They come from the store only: if they are refused too, they can still be renewed. */
  readonly reloaded: boolean;
}

interface GroupNotices {
  /** One is about to start; `pipe` is what its members will have as standard output. */
  expected(pipe: string | null): void;
  started(groupId: number, pipe: string | null): void;
  ended(groupId: number): void;
}

export interface EngineServices {
  readonly upstream: Upstream;
  readonly auth: AuthSource;
  /** The server's environment; never changed. */
  readonly env: Readonly<Record<string, string>>;
  readonly processCwd: string;
  readonly codexHome: string;
  readonly originator: string;
  readonly images: LocalImages;
  readonly shell: UserShell;
  readonly sandbox: () => Promise<SandboxAvailability>;
  /** Where the folders were that policies opened when the client named them. */
  readonly roots: RootMemory;
  /** Path of the program that applies a patch in a process of its own. */
  readonly patchProgram: string;
  /** Told of every process group, so that none outlives the server. */
  readonly processes: GroupNotices;
  /** How the processes of a command are ended. */
  readonly groups: GroupControl;
  /** Something to wait for while the client does not read; null when work may go on. */
  readonly flow: () => Promise<void> | null;
  /** Has the call made before the next event leaves the shard; it must not throw. */
  readonly beforeEvents: (store: () => void) => void;
  /** Keeps other programs from writing to the same threads. */
  readonly locks: Pick<WriterLocks, 'lock'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Logger;
}

/**
 * All turn shards. A thread belongs to the shard that its id names, for as long as the server runs.
 *
 * In: commands by thread, credentials for everyone. Out: every shard's events, and deaths. Nothing is started before the
 * first command.
 */

import type { Remote } from 'comlink';
import { aborted } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import { groupControl } from '../base/process-groups.ts';
import type { AuthState } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type {
  ClientAnswer,
  EncodedPieces,
  ModelList,
  OpenedThread,
  OpenThread,
  Outcome,
  ShardSettings,
  StoredThreadRequest,
  ThreadCommand,
  TurnPage,
  TurnPageRequest,
  TurnShard,
} from '../contract/turn-shard.ts';
import { EventSlices } from './event-slices.ts';
import { type ForwardedEvent, ShardHost } from './shard-host.ts';

export interface TurnShardsOptions {
  readonly count: number;
  readonly script: URL;
  readonly settings: () => ShardSettings;
  readonly auth: () => AuthState;
  readonly log: Logger;
  readonly onEvent: (event: ForwardedEvent) => void;
  readonly drained: () => Promise<void> | null;
  /** A shard is gone, with every thread for which `isOn` holds. */
  readonly onDeath: (isOn: (threadId: string) => boolean, reason: string) => void;
}

export class TurnShards {
  readonly #hosts: readonly ShardHost[];
  readonly #log: Logger;

  constructor(options: TurnShardsOptions) {
    this.#log = options.log;
    const slices = new EventSlices(() => performance.now());
    this.#hosts = Array.from({ length: options.count }, (_, index) => {
      const configure = async (shard: Remote<TurnShard>): Promise<void> => {
        await shard.configure(options.settings());
        await shard.setAuth(options.auth());
      };
      return new ShardHost({
        script: options.script,
        log: options.log,
        configure,
        onEvent: options.onEvent,
        killGroup: (groupId) => groupControl(options.settings().env).kill(groupId),
        slices,
        drained: options.drained,
        onDeath: (reason) => options.onDeath((threadId) => this.#indexOf(threadId) === index, reason),
      });
    });
  }

  open(request: OpenThread): Promise<Outcome<OpenedThread>> {
    return this.#host(request.threadId).call(async (shard) => shard.open(request));
  }

  /** Resolves when the shard has the command; its outcome is a `reply` event. A shard too busy for an interrupt is ended. */
  submit(command: ThreadCommand): Promise<void> {
    const host = this.#host(command.threadId);
    const submit = (shard: Remote<TurnShard>): Promise<void> => shard.submit(command);
    return command.kind === 'interrupt' ? host.callUrgently(submit) : host.call(submit);
  }

  /** An answer for a thread whose shard has died meanwhile has nobody to go to. */
  answer(threadId: string, requestKey: string, answer: ClientAnswer): void {
    const host = this.#host(threadId);
    if (host.isRunning) this.#background(host.call((shard) => shard.answer(threadId, requestKey, answer)));
  }

  readStored(threadId: string, request: StoredThreadRequest): Promise<Outcome<EncodedPieces>> {
    return this.#host(threadId).call(async (shard) => shard.readStored(request));
  }

  /** The stored events of a rollout as a UTF-8 JSON list. */
  readMessages(threadId: string, path: string): Promise<Outcome<EncodedPieces>> {
    return this.#host(threadId).call(async (shard) => shard.readMessages(path));
  }

  listTurns(threadId: string, request: TurnPageRequest): Promise<Outcome<TurnPage>> {
    return this.#host(threadId).call(async (shard) => shard.listTurns(request));
  }

  /** Asked by a shard that runs already, if there is one. */
  fetchModels(provider: ProviderConfig): Promise<Outcome<ModelList>> {
    const host = this.#hosts.find(({ isRunning }) => isRunning) ?? this.#hosts[0];
    if (host === undefined) throw new Error('there is no turn shard');
    return host.call(async (shard) => shard.fetchModels(provider));
  }

  showRawItems(threadId: string): Promise<void> {
    const host = this.#host(threadId);
    return host.isRunning ? host.call((shard) => shard.showRawItems(threadId)) : Promise.resolve();
  }

  close(threadId: string): Promise<void> {
    const host = this.#host(threadId);
    return host.isRunning ? host.call((shard) => shard.close(threadId)) : Promise.resolve();
  }

  /** Sends credentials to every running shard; shards that start later ask for the newest. */
  broadcastAuth(state: AuthState): void {
    for (const host of this.#hosts) {
      if (host.isRunning) this.#background(host.call((shard) => shard.setAuth(state)));
    }
  }

  /** Interrupts every turn, flushes every file and ends the workers; at once when `deadline` is aborted. */
  async closeAll(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#hosts.map((host) => this.#closeHost(host, deadline)));
  }

  #closeHost(host: ShardHost, deadline: AbortSignal): Promise<void> {
    return host.close(() => {
      const closed = host.call((shard) => shard.closeAll()).catch(() => undefined);
      return Promise.race([closed, aborted(deadline)]);
    });
  }

  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#log.warn('shard', 'a command was lost', { error }));
  }

  #host(threadId: string): ShardHost {
    const host = this.#hosts[this.#indexOf(threadId)];
    if (host === undefined) throw new Error('there is no turn shard');
    return host;
  }

  /** The end of an id is random in every version of UUID that is in use. */
  #indexOf(threadId: string): number {
    const tail = Number.parseInt(threadId.slice(-8), 16);
    return (Number.isNaN(tail) ? 0 : tail) % this.#hosts.length;
  }
}

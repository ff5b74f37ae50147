/** Listeners of the older protocol by the id that the client knows them by. Owns which thread each belongs to. */
import { randomUUID } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import type { TurnShards } from '../../shards/turn-shards.ts';
import type { Delivery } from '../delivery.ts';
import type { LoadedThread } from '../loaded-thread.ts';

export interface SubscriptionsOptions {
  readonly shards: Pick<TurnShards, 'showRawItems'>;
  readonly delivery: Pick<Delivery, 'catchUp'>;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #threads = new Map<string, LoadedThread>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Gives an id, and what begins the listening: first with everything that nobody has heard yet. */
  async add(thread: LoadedThread, raw: boolean): Promise<{ readonly id: string; readonly begin: () => void }> {
    if (raw && !thread.rawItems) {
      thread.rawItems = true;
      await this.#options.shards.showRawItems(thread.id);
    }
    const id = randomUUID();
    this.#threads.set(id, thread);
    const begin = (): void => {
      if (this.#threads.get(id) !== thread) return; // removed in the meantime
      const isFirst = thread.listeners.audience === null;
      thread.listeners.add(id, raw);
      if (isFirst) this.#options.delivery.catchUp(thread);
    };
    return { id, begin };
  }

  /** Throws AppError when there is none of that id. */
  remove(id: string): void {
    const thread = this.#threads.get(id);
    if (thread === undefined) throw new AppError('not-found', `subscription not found: ${id}`);
    this.#threads.delete(id);
    thread.listeners.remove(id);
  }
}

/** The process groups of a shard's commands, so that none outlives the server. */
import type { GroupControl } from '../base/process-groups.ts';

/** Notified of groups as long as any of their processes lives. */
export interface GroupWatch {
  started(groupId: number, pipe: string | null): void;
  ended(groupId: number): void;
}

/** Tracks the groups that were started, so that none outlives the server. */
export class ProcessGroups {
  readonly #ids = new Set<number>();
  readonly #control: GroupControl;
  readonly #watch: GroupWatch | null;

  constructor(control: GroupControl, watch: GroupWatch | null = null) {
    this.#control = control;
    this.#watch = watch;
  }

  started(groupId: number, pipe: string | null = null): void {
    this.#watch?.started(groupId, pipe); // first, because this process may be killed at any moment
    this.#forgetEmpty();
    this.#ids.add(groupId);
  }

  /** The group's leader has ended; the group is dropped unless a background process is left. */
  ended(groupId: number): void {
    if (!this.#control.isAlive(groupId)) this.#forget(groupId);
  }

  get size(): number {
    this.#forgetEmpty();
    return this.#ids.size;
  }

  // The system reuses the number of an empty group sooner or later.
  #forgetEmpty(): void {
    for (const id of this.#ids) if (!this.#control.isAlive(id)) this.#forget(id);
  }

  #forget(id: number): void {
    this.#ids.delete(id);
    this.#watch?.ended(id);
  }
}

/** What the user has allowed in one thread for as long as it is loaded. The thread's session owns it. */
import type { ExecPolicy } from '../execpolicy/policy.ts';

export class Grants {
  readonly #accepted = new Set<string>();
  #policy: ExecPolicy;

  constructor(policy: ExecPolicy) {
    this.#policy = policy;
  }

  /** The rules for commands, with those that answers of the user have added. */
  get policy(): ExecPolicy {
    return this.#policy;
  }

  allowPrefix(prefix: readonly string[]): void {
    this.#policy = this.#policy.allowing(prefix);
  }

  /** `key` names a command or a path together with all that the user was shown of it. */
  accept(key: string): void {
    this.#accepted.add(key);
  }

  isAccepted(key: string): boolean {
    return this.#accepted.has(key);
  }
}

/** What is known of the client on the other end, from its `initialize` on. One per connection; only `accept` changes it. */

/** Who we say we are in requests to the model service. */
export interface Identity {
  readonly originator: string;
  readonly userAgent: string;
}

export interface ClientDetails {
  readonly name: string;
  readonly version: string;
  readonly identity: Identity;
  /** Notifications the client does not want: exact methods, or `codex/event/*` for the whole family. */
  readonly optOut: readonly string[];
}

const EVENT_FAMILY = 'codex/event/';

export class ClientState {
  readonly #before: Identity;
  #details: ClientDetails | undefined;
  #optOut: ReadonlySet<string> = new Set();
  #wantsEventFamily = true;

  /** `before` is the identity until the client has said its name. */
  constructor(before: Identity) {
    this.#before = before;
  }

  get initialized(): boolean {
    return this.#details !== undefined;
  }

  /** Name and version as the client gave them; undefined before `initialize`. */
  get details(): ClientDetails | undefined {
    return this.#details;
  }

  get identity(): Identity {
    return this.#details?.identity ?? this.#before;
  }

  accept(details: ClientDetails): void {
    this.#details = details;
    this.#optOut = new Set(details.optOut);
    this.#wantsEventFamily = !this.#optOut.has(`${EVENT_FAMILY}*`);
  }

  /** Replaces the identity when more is known of the terminal. */
  identify(identity: Identity): void {
    if (this.#details !== undefined) this.#details = { ...this.#details, identity };
  }

  /** Whether the client wants notifications of this method; producers ask before they build costly ones. */
  wants(method: string): boolean {
    if (this.#optOut.size === 0) return true;
    return !this.#optOut.has(method) && (this.#wantsEventFamily || !method.startsWith(EVENT_FAMILY));
  }
}

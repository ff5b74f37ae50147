/**
 * The client of this connection, as known from its `initialize`. One per connection; `accept` and `identify` change
 * it.
 */

/** How the server identifies itself in requests to the model service. */
export interface ClientIdentity {
  readonly originator: string;
  readonly userAgent: string;
}

export interface ClientDetails {
  readonly name: string;
  readonly version: string;
  readonly identity: ClientIdentity;
  /** Notifications the client opted out of: exact methods, or `codex/event/*` for the whole family. */
  readonly optOut: readonly string[];
}

const EVENT_FAMILY = 'codex/event/';

export class ClientState {
  readonly #before: ClientIdentity;
  #details: ClientDetails | undefined;
  #optOut: ReadonlySet<string> = new Set();
  #wantsEventFamily = true;

  /** `before` is the identity until the client has sent its name. */
  constructor(before: ClientIdentity) {
    this.#before = before;
  }

  get initialized(): boolean {
    return this.#details !== undefined;
  }

  /** Name and version as the client sent them; undefined before `initialize`. */
  get details(): ClientDetails | undefined {
    return this.#details;
  }

  get identity(): ClientIdentity {
    return this.#details?.identity ?? this.#before;
  }

  accept(details: ClientDetails): void {
    this.#details = details;
    this.#optOut = new Set(details.optOut);
    this.#wantsEventFamily = !this.#optOut.has(`${EVENT_FAMILY}*`);
  }

  /** Replaces the identity when more is known about the terminal. */
  identify(identity: ClientIdentity): void {
    if (this.#details !== undefined) this.#details = { ...this.#details, identity };
  }

  /** Whether the client wants notifications of this method. Check it before building costly ones. */
  wants(method: string): boolean {
    if (this.#optOut.size === 0) return true;
    return !this.#optOut.has(method) && (this.#wantsEventFamily || !method.startsWith(EVENT_FAMILY));
  }
}

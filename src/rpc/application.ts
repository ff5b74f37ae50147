/**
 * What the wire needs of everything behind it. The application is loaded after `initialize` has been answered, so this
 * file holds types only.
 */
import type { ConfigWarningNotification } from '../protocol/config.ts';
import type { Outbound } from '../protocol/outbound.ts';
import type { ClientMethod, ParamsOf, ResultOf } from '../protocol/registry.ts';
import type { ClientState } from './client-state.ts';
import type { Lane } from './lanes.ts';

/** One per request. */
export interface RequestContext {
  /** Aborted when the server shuts down before the answer. */
  readonly signal: AbortSignal;
  readonly client: ClientState;
  /** When the request was read, by `sharedSteadyMs`. */
  readonly readMs: number;
  /** Runs `run` when the result's line has been queued, before any other line can be. Not when the request fails. */
  afterReply(run: () => void): void;
  /** Lets later requests of the same lanes start before this one is answered: for answers that an event brings. */
  leaveLanes(): void;
}

/** Answers one method. Throws RpcError, or an AppError that rpc/errors.ts knows. */
type Handler<M extends ClientMethod> = {
  // A method signature, so that the router may hold handlers of all methods in one table; it decodes before it calls.
  handle(params: ParamsOf<M>, context: RequestContext): Outbound<ResultOf<M>> | Promise<Outbound<ResultOf<M>>>;
}['handle'];

/** `initialize` is answered before there is an application. */
export type ApplicationMethod = Exclude<ClientMethod, 'initialize'>;
export type HandlerTable = { readonly [M in ApplicationMethod]: Handler<M> };

export interface Application {
  readonly handlers: HandlerTable;
  /** Lanes of a decoded request, e.g. `thread:<id>`, `account`, `config`; requests of the same one keep their order. */
  lanesOf(method: ApplicationMethod, params: unknown): readonly Lane[];
  /**
   * Makes sure of what the method needs of the machine; gives what is to be called when its handler has ended. Rejects with
   * AppError when there is no room for it.
   */
  makeRoom(method: ApplicationMethod): Promise<() => void>;
  /** Sent once, right after the answer to `initialize`. */
  readonly startupWarnings: readonly ConfigWarningNotification[];
  /** Ends turns, flushes files, stops workers. `deadline` is aborted when there is no time left. */
  close(deadline: AbortSignal): Promise<void>;
}

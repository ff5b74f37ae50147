/**
 * What the wire needs of everything behind it. The application is loaded after `initialize` has been answered, so this
 * file holds types only.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import type { Outbound } from '../protocol/outbound.ts';
import type { ClientMethod, ParamsOf, ResultOf } from '../protocol/registry.ts';
import type { ClientState } from './client-state.ts';
import type { Lane } from './lanes.ts';
import type { Outgoing } from './outgoing.ts';

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

export interface ConfigWarning {
  readonly summary: string;
  readonly details: string | null;
  readonly path?: string;
  /** 1-based. */
  readonly range?: {
    readonly start: { readonly line: number; readonly column: number };
    readonly end: { readonly line: number; readonly column: number };
  };
}

/** One `-c key=value`: the key as written (dots part it), the value as text, to be read as TOML. */
type ConfigOverride = readonly [key: string, rawValue: string];

export interface ApplicationDeps {
  readonly log: Logger;
  readonly clock: Clock;
  /** The environment of this process and of what it starts, `$CODEX_HOME/.env` included. */
  readonly env: Env;
  readonly codexHome: string;
  /** Folder that relative paths of requests are resolved against. */
  readonly cwd: string;
  /** Folder of the built programs: workers are started from there. */
  readonly programs: URL;
  readonly overrides: readonly ConfigOverride[];
  readonly analyticsDefaultEnabled: boolean;
  readonly client: ClientState;
  readonly outgoing: Outgoing;
}

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
  readonly startupWarnings: readonly ConfigWarning[];
  /** Ends turns, flushes files, stops workers. `deadline` is aborted when there is no time left. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Throws StartupError when the server cannot run with this configuration at all. */
export type OpenApplication = (deps: ApplicationDeps) => Promise<Application>;

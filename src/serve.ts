/**
 * The life of one server. In: streams, environment, options. Out: answers until the input ends. Owns the connection and the
 * one application, which is loaded after `initialize` has been answered, so that the first answer does not wait for it.
 */
import { deferred, settledWithin } from './base/abort.ts';
import type { Clock } from './base/clock.ts';
import { isOutOfDescriptors, tooManyFilesText } from './base/descriptors.ts';
import { AppError } from './base/errors.ts';
import type { Logger } from './base/log.ts';
import type { Env } from './base/paths.ts';
import type { ServeOptions } from './cli.ts';
import { acceptClient, decodeInitialize } from './handlers/initialize.ts';
import type { IdentitySource } from './identity/identity.ts';
import type { Application } from './rpc/application.ts';
import { ClientState } from './rpc/client-state.ts';
import { Connection } from './rpc/connection.ts';
import { shuttingDown } from './rpc/errors.ts';
import { createOutgoing, type Outgoing } from './rpc/outgoing.ts';
import { type RequestDecoder, Router } from './rpc/router.ts';
import type { ByteSink, ByteSource } from './transport/bytes.ts';

/** What the application is opened with. */
export interface ApplicationDeps extends ServeOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** The environment of this process and of what it starts, `$CODEX_HOME/.env` included. */
  readonly env: Env;
  readonly codexHome: string;
  /** Folder that relative paths of requests are resolved against. */
  readonly cwd: string;
  /** Folder of the built programs: workers are started from there. */
  readonly programs: URL;
  readonly client: ClientState;
  readonly outgoing: Outgoing;
}

/** Throws StartupError when the server cannot run with this configuration at all. */
export type OpenApplication = (deps: ApplicationDeps) => Promise<Application>;

export interface ServeDeps extends Omit<ApplicationDeps, 'client' | 'outgoing'> {
  readonly source: ByteSource;
  readonly sink: ByteSink;
  readonly identity: IdentitySource;
  loadDecoder(): Promise<RequestDecoder>;
  loadApplication(): Promise<OpenApplication>;
  /** Called with requests that are read before there is an application; what they need may start. Never rejects. */
  onEarlyRequest(method: string, params: unknown): Promise<void>;
  /** The application could not be opened after `initialize` had been answered. */
  onFatal(error: unknown): void;
  /** The input has ended: time to call `shutdown`. */
  onEnd(): void;
}

/** A client waits two seconds before it kills; the steps add up to less, with room for a busy machine. */
const ANSWER_LIMIT_MS = 700;
/** Of the time to close: what has not come to its end by then is cut off. */
const GRACE_MS = 450;
const CLOSE_LIMIT_MS = 600;
const LAST_ANSWERS_LIMIT_MS = 100;
const FLUSH_LIMIT_MS = 200;

/**
 * Most clients ask for something right after `initialize`. What that is, is worth knowing before the application is loaded,
 * which reads no more until it is done.
 */
const FIRST_REQUEST_LIMIT_MS = 10;

export class Server {
  readonly #deps: ServeDeps;
  readonly #client: ClientState;
  readonly #connection: Connection;
  readonly #router: Router;
  readonly #initialized: Promise<void>;
  #markInitialized: () => void = () => undefined;
  readonly #firstRequest = deferred();
  #headStart: Promise<void> | undefined;
  #decoder: Promise<RequestDecoder> | undefined;
  #application: Promise<Application> | undefined;
  #opened: Application | undefined;
  #shutdown: Promise<void> | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(deps: ServeDeps) {
    this.#deps = deps;
    this.#client = new ClientState(deps.identity.before);
    this.#initialized = new Promise((resolve) => {
      this.#markInitialized = resolve;
    });
    this.#connection = new Connection({
      source: deps.source,
      sink: deps.sink,
      log: deps.log,
      onRequest: (request, admitted) => this.#router.answer(request, admitted),
      onEnd: () => deps.onEnd(),
    });
    this.#router = this.#createRouter();
  }

  /**
   * Begins to serve. With options on the command line the application is opened first: when they make no sense nothing is
   * answered. Rejects with what opening it threw, StartupError among it.
   */
  async start(): Promise<void> {
    if (this.#deps.overrides.length > 0) await this.#open();
    this.#connection.listen();
  }

  /**
   * Answers what was read, ends what runs, and lets the last lines out: every step bounded, the whole within two seconds.
   * Never rejects; a second call waits for the first.
   */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#end();
    return this.#shutdown;
  }

  /** After `shutdown`: resolves when every thread has ended, which may be never. Does not reject. */
  ended(): Promise<void> {
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#connection.stopReading();
    this.#connection.closeRequests(); // nobody is left to answer them, and turns may wait for them
    await settledWithin(this.#connection.allAnswered(), ANSWER_LIMIT_MS);
    this.#router.stop();
    await this.#closeApplication();
    await settledWithin(this.#connection.allAnswered(), LAST_ANSWERS_LIMIT_MS);
    this.#connection.answerRest(shuttingDown());
    await settledWithin(this.#connection.flushed(), FLUSH_LIMIT_MS);
  }

  #createRouter(): Router {
    const { log, identity } = this.#deps;
    return new Router({
      log,
      client: this.#client,
      pressure: this.#connection.pressure,
      afterReply: (requestId, run) => this.#connection.afterReply(requestId, run),
      decoder: () => this.#loadDecoder(),
      application: async () => {
        await this.#initialized;
        return this.#open();
      },
      onRequestRead: (method, params) => this.#onRequestRead(method, params),
      initialize: {
        decode: async (params) => {
          const decoded = await decodeInitialize(params);
          return () => acceptClient({ client: this.#client, identity }, decoded);
        },
        answered: () => this.#answeredInitialize(),
      },
    });
  }

  #answeredInitialize(): void {
    if (this.#opened !== undefined) {
      this.#warn(this.#opened); // at once, so that nothing comes between
      this.#markInitialized();
      return;
    }
    this.#openAfterAnswer().catch((error: unknown) => {
      if (!isOutOfDescriptors(error)) return this.#deps.onFatal(error);
      this.#deps.log.error('server', 'not opened yet', { error });
      this.#markInitialized(); // each request tries again, and is answered with the failure
    });
  }

  #onRequestRead(method: string, params: unknown): Promise<void> | undefined {
    if (this.#opened !== undefined || !this.#client.initialized) return undefined;
    this.#headStart = this.#deps.onEarlyRequest(method, params);
    this.#firstRequest.resolve();
    return this.#headStart;
  }

  async #openAfterAnswer(): Promise<void> {
    await this.#connection.flushed();
    await settledWithin(this.#firstRequest.promise, FIRST_REQUEST_LIMIT_MS);
    await this.#headStart;
    if (this.#shutdown !== undefined && !this.#connection.busy) return; // nobody will ask for anything
    await this.#open();
    this.#markInitialized();
  }

  #loadDecoder(): Promise<RequestDecoder> {
    this.#decoder ??= this.#deps.loadDecoder().catch((error: unknown) => {
      this.#decoder = undefined;
      throw error;
    });
    return this.#decoder;
  }

  #open(): Promise<Application> {
    this.#application ??= this.#openNow().catch((error: unknown) => {
      this.#application = undefined; // for want of descriptors it may be possible later; nothing else comes back here
      if (!isOutOfDescriptors(error)) throw error;
      throw new AppError('too-many-files', tooManyFilesText('begin to work'), { cause: error });
    });
    return this.#application;
  }

  async #openNow(): Promise<Application> {
    const { log, clock, env, codexHome, cwd, programs, overrides, analyticsDefaultEnabled } = this.#deps;
    const open = await this.#deps.loadApplication();
    const client = this.#client;
    const outgoing = createOutgoing(this.#connection, client);
    this.#opened = await open({
      log,
      clock,
      env,
      codexHome,
      cwd,
      programs,
      overrides,
      analyticsDefaultEnabled,
      client,
      outgoing,
    });
    if (this.#client.initialized) this.#warn(this.#opened);
    return this.#opened;
  }

  #warn(application: Application): void {
    for (const warning of application.startupWarnings) this.#connection.notify('configWarning', warning);
  }

  async #closeApplication(): Promise<void> {
    if (this.#application === undefined) return;
    const deadline = AbortSignal.timeout(GRACE_MS);
    const closing = this.#application.then((application) => application.close(deadline));
    this.#closing = closing.catch((error: unknown) => this.#deps.log.error('server', 'close-failed', { error }));
    if (!(await settledWithin(this.#closing, CLOSE_LIMIT_MS))) this.#deps.log.warn('server', 'close-timed-out');
  }
}

/**
 * The path of a request: decode -> check the handshake -> wait for its lanes -> handler -> response. In: requests in
 * the order they were read. Out: one reply each. Owns the order between requests and the abort signals of the running
 * ones.
 *
 * Admission is strictly sequential, so that "before" and "after" `initialize`, and the order inside a lane, follow
 * the client's input. Handlers run concurrently.
 */
import { sharedSteadyMs } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { InitializeResponse } from '../protocol/initialize.ts';
import type { ClientRequest } from '../transport/line-reader.ts';
import type { Pressure } from '../transport/write-queue.ts';
import type { Application, ApplicationMethod, RequestContext } from './application.ts';
import type { ClientState } from './client-state.ts';
import type { Reply } from './connection.ts';
import { ALREADY_INITIALIZED, failureOf, INVALID_REQUEST, NOT_INITIALIZED, shuttingDown } from './errors.ts';
import { type LaneSlot, Lanes } from './lanes.ts';

/** Decodes every method but `initialize`. */
export interface RequestDecoder {
  /** Throws RpcError with the text that clients match on: unknown method, bad params. */
  decode(method: string, params: unknown): DecodedRequest;
}

interface DecodedRequest {
  readonly method: ApplicationMethod;
  readonly params: unknown;
}

/** The one method that works without an application. */
interface InitializeStep {
  /**
   * Rejects with RpcError for bad params; otherwise returns the step that makes the client initialized, which may
   * throw RpcError too.
   */
  decode(params: unknown): Promise<() => InitializeResponse | Promise<InitializeResponse>>;
  /** The response has been queued. */
  answered(): void;
}

export interface RouterOptions {
  readonly log: Logger;
  readonly client: ClientState;
  readonly pressure: Pressure;
  readonly initialize: InitializeStep;
  /** Called with each request as it was read; later requests wait for the promise. Never rejects. */
  onRequestRead(method: string, params: unknown): Promise<void> | undefined;
  decoder(): Promise<RequestDecoder>;
  /** Settles after the response to `initialize`. */
  application(): Promise<Application>;
  afterReply(requestId: number, run: () => void): void;
}

type AnyHandler = { handle(params: unknown, context: RequestContext): unknown }['handle'];

/** An admitted request. */
interface AdmittedRequest {
  readonly handler: AnyHandler;
  readonly makeRoom: () => Promise<() => void>;
  readonly params: unknown;
  readonly slot: LaneSlot;
}

const AREA = 'router';

export class Router {
  readonly #options: RouterOptions;
  readonly #lanes = new Lanes();
  readonly #running = new Set<AbortController>();
  #intake: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Answers a request; calls `onAdmitted` when the next one may be admitted. Never rejects. */
  async answer(request: ClientRequest, onAdmitted: () => void): Promise<Reply> {
    const readMs = sharedSteadyMs();
    try {
      const admission = this.#intake.then(() => this.#admit(request));
      this.#intake = admission.catch(() => undefined);
      const next = await admission;
      onAdmitted();
      return 'handler' in next ? await this.#run(request, next, readMs) : next;
    } catch (error) {
      return this.#failed(request, error);
    }
  }

  /** Aborts the signals of all running requests, and of later ones. */
  stop(): void {
    this.#stopped = true;
    for (const running of this.#running) running.abort();
  }

  /** Sequential: everything that must happen in the order of the input. */
  async #admit(request: ClientRequest): Promise<AdmittedRequest | Reply> {
    const { pressure, client } = this.#options;
    if (pressure.high) await pressure.ready();
    if (request.method === 'initialize') return this.#initialize(request);

    await this.#options.onRequestRead(request.method, request.params);
    const decoder = await this.#options.decoder();
    const { method, params } = decoder.decode(request.method, request.params);
    if (!client.initialized) return { error: { code: INVALID_REQUEST, message: NOT_INITIALIZED } };

    const application = await this.#options.application();
    const slot = this.#lanes.enter(application.lanesOf(method, params));
    // After the reply and its callbacks, so that replies inside a lane keep the order too.
    this.#options.afterReply(request.requestId, () => slot.leave());
    const handler: AnyHandler = application.handlers[method];
    return { handler, makeRoom: () => application.makeRoom(method), params, slot };
  }

  async #initialize(request: ClientRequest): Promise<Reply> {
    const { initialize, client } = this.#options;
    const accept = await initialize.decode(request.params);
    if (client.initialized) return { error: { code: INVALID_REQUEST, message: ALREADY_INITIALIZED } };
    const result = await accept();
    this.#options.afterReply(request.requestId, () => initialize.answered());
    return { result };
  }

  async #run(
    request: ClientRequest,
    { handler, makeRoom, params, slot }: AdmittedRequest,
    readMs: number,
  ): Promise<Reply> {
    if (slot.turn !== undefined) await slot.turn;
    if (this.#stopped) return { error: shuttingDown() };
    const controller = new AbortController();
    const after: (() => void)[] = [];
    let leave = (): void => undefined;
    this.#running.add(controller);
    try {
      leave = await makeRoom();
      const result = await handler(params, {
        signal: controller.signal,
        client: this.#options.client,
        readMs,
        afterReply: (run) => after.push(run),
        leaveLanes: () => slot.leave(),
      });
      for (const run of after) this.#options.afterReply(request.requestId, run);
      return { result };
    } catch (error) {
      if (controller.signal.aborted && isAbort(error)) return { error: shuttingDown() };
      throw error;
    } finally {
      this.#running.delete(controller);
      leave();
    }
  }

  #failed(request: ClientRequest, thrown: unknown): Reply {
    const failure = failureOf(thrown);
    if (failure.kind === 'bug')
      this.#options.log.error(AREA, 'handler-failed', { method: request.method, error: thrown });
    return { error: failure.error };
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

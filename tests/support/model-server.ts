/**
 * A Responses API on 127.0.0.1 that answers as it is told.
 *
 *   await using model = await ModelServer.start();
 *   model.script(stream(says('Hello')), status(500, { error: {} }));
 *
 * In: replies, one for each POST to /v1/responses, in order. Out: `received`, everything that was asked. Owns its port
 * and sockets, all closed with it. Events come from `model-events.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { deferred, delay } from '../../src/base/abort.ts';
import type { Json, ModelEvent } from './model-events.ts';
import { PATIENCE_MS } from './patience.ts';

/** What a stream does next: send an event, wait, or send these bytes as they are. */
export type Step = ModelEvent | (() => Promise<void>) | Uint8Array;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A whole body, or the steps of a stream. */
  readonly body: string | readonly Step[];
  /** How the connection goes on after the last step. */
  readonly after: 'end' | 'cut' | 'hang';
  readonly delayMs: number;
}

const SSE = { 'content-type': 'text/event-stream' };
const reply = (fields: Partial<Reply>): Reply => ({
  status: 200,
  headers: SSE,
  body: [],
  after: 'end',
  delayMs: 0,
  ...fields,
});
const flat = (steps: readonly (Step | readonly Step[])[]): Step[] =>
  steps.flatMap((step): readonly Step[] => (isList(step) ? step : [step]));
const isList = (step: Step | readonly Step[]): step is readonly Step[] => Array.isArray(step);

/** Server-sent events, then the end. */
export const stream = (...steps: readonly (Step | readonly Step[])[]): Reply => reply({ body: flat(steps) });
/** The events, then the connection breaks. */
export const cut = (...steps: readonly (Step | readonly Step[])[]): Reply => reply({ body: flat(steps), after: 'cut' });
/** The events, then silence until the client leaves. */
export const hang = (...steps: readonly (Step | readonly Step[])[]): Reply =>
  reply({ body: flat(steps), after: 'hang' });
/** A plain answer; a string goes out as it is. */
export const status = (code: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Reply =>
  reply({
    status: code,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers },
  });
export const json = (body: unknown, headers?: Readonly<Record<string, string>>): Reply => status(200, body, headers);
/** Text sent in a stream's place, in the given pieces. */
export const rawStream = (...pieces: readonly (string | Uint8Array)[]): Reply =>
  reply({ body: pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)) });
export const delayed = (delayMs: number, inner: Reply): Reply => ({ ...inner, delayMs });
export const withHeaders = (headers: Readonly<Record<string, string>>, inner: Reply): Reply => ({
  ...inner,
  headers: { ...inner.headers, ...headers },
});

/** A step that holds a stream: `reached` tells that the stream is there, `open` lets it go on. */
export interface Gate {
  readonly wait: () => Promise<void>;
  readonly reached: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const reached = deferred();
  const opened = deferred();
  return {
    wait: () => {
      reached.resolve();
      return opened.promise;
    },
    reached: reached.promise,
    open: () => opened.resolve(),
  };
}

/** A request body as far as tests look into it. */
interface RequestBody extends Json {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly Json[];
  readonly tools: readonly Json[];
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  /** Decoded JSON; an empty record when it is none. */
  readonly body: RequestBody;
  readonly bytes: Buffer;
  /** Resolves when the answer was sent whole or the client left before. */
  readonly closed: Promise<void>;
}

type Route = Reply | ((request: ReceivedRequest) => Reply);

const RESPONSES = '/v1/responses';
const COMPACT = '/v1/responses/compact';
const EXHAUSTED = status(500, { error: { message: 'the script has no more replies' } });

export class ModelServer implements AsyncDisposable {
  readonly received: ReceivedRequest[] = [];
  /** How many connections were ever made. */
  connections = 0;
  readonly origin: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #replies: Reply[] = [];
  readonly #compactions: Reply[] = [];
  readonly #routes = new Map<string, Route>();
  readonly #stopping = new AbortController();
  #arrived = deferred();

  static async start(): Promise<ModelServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ModelServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#routes.set('GET /v1/models', json({ models: [] }));
    server.on('request', (incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** What goes into a provider's `base_url`. */
  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Adds replies for POST /v1/responses; when they are used up it answers 500. */
  script(...replies: readonly Reply[]): void {
    this.#replies.push(...replies);
  }

  /** Adds replies for POST /v1/responses/compact. */
  compact(...replies: readonly Reply[]): void {
    this.#compactions.push(...replies);
  }

  /** What GET /v1/models answers. */
  models(models: readonly unknown[], etag?: string): void {
    this.route('GET', '/v1/models', json({ models }, etag === undefined ? {} : { etag }));
  }

  /** Adds or replaces the answer to one method and path. */
  route(method: string, path: string, answer: Route): void {
    this.#routes.set(`${method} ${path}`, answer);
  }

  /** The requests to one path. */
  to(path = RESPONSES): ReceivedRequest[] {
    return this.received.filter((request) => request.path === path);
  }

  /** Resolves with the `count`th request to `path` as soon as it is there. */
  async waitForRequest(count = 1, path = RESPONSES, timeoutMs = PATIENCE_MS): Promise<ReceivedRequest> {
    const limit = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const request = this.to(path)[count - 1];
      if (request !== undefined) return request;
      const timedOut = new Promise<never>((_resolve, reject) => {
        const reason = new Error(`no request ${count} to ${path} within ${timeoutMs} ms; had ${this.received.length}`);
        limit.addEventListener('abort', () => reject(reason), { once: true });
      });
      await Promise.race([this.#arrived.promise, timedOut]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const closed = new Promise<void>((resolve) => outgoing.on('close', resolve));
    const request = requestOf(incoming, Buffer.concat(chunks), closed);
    this.received.push(request);
    const answer = this.#choose(request);
    this.#arrived.resolve();
    this.#arrived = deferred();
    await this.#answer(answer, outgoing);
  }

  #choose(request: ReceivedRequest): Reply {
    const key = `${request.method} ${request.path}`;
    const route = this.#routes.get(key);
    if (route !== undefined) return typeof route === 'function' ? route(request) : route;
    if (key === `POST ${RESPONSES}`) return this.#replies.shift() ?? EXHAUSTED;
    if (key === `POST ${COMPACT}`) return this.#compactions.shift() ?? EXHAUSTED;
    return status(404, { error: { message: 'no such route' } });
  }

  async #answer({ status, headers, body, after, delayMs }: Reply, outgoing: ServerResponse): Promise<void> {
    if (delayMs > 0) await delay(delayMs, this.#stopping.signal);
    outgoing.writeHead(status, headers);
    if (typeof body === 'string') {
      outgoing.end(body);
      return;
    }
    outgoing.flushHeaders();
    for (const step of body) {
      if (typeof step === 'function') await step();
      else await write(outgoing, step instanceof Uint8Array ? step : frame(step));
      if (outgoing.destroyed) return;
    }
    if (after === 'end') outgoing.end();
    if (after === 'cut') outgoing.destroy();
  }
}

const frame = (event: ModelEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Waits until the bytes are with the system, so that a break behind them does not overtake them. */
const write = (outgoing: ServerResponse, bytes: string | Uint8Array): Promise<void> =>
  new Promise((resolve) => outgoing.write(bytes, () => resolve()));

function requestOf(incoming: IncomingMessage, bytes: Buffer, closed: Promise<void>): ReceivedRequest {
  const { method = '', url = '/', headers, rawHeaders } = incoming;
  const { pathname, search } = new URL(url, 'http://model.invalid');
  return { method, path: pathname, query: search, headers, rawHeaders, body: decoded(bytes), bytes, closed };
}

function decoded(bytes: Buffer): RequestBody {
  try {
    return JSON.parse(bytes.toString('utf8')) as RequestBody;
  } catch {
    return {} as RequestBody; // compressed or empty: `bytes` has it as it came
  }
}

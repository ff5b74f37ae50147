/**
 * The embedded model: a small Responses API on 127.0.0.1 that carries out prompts of a fixed grammar. In: requests with
 * history and tools. Out: streamed answers. Owns its port and the sockets on it; knows nothing between two requests.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { delay } from '../../base/abort.ts';
import { jsonIn } from '../../base/json/parse.ts';
import { isRecord, type JsonRecord, readOrNull, record } from '../../base/json/schema.ts';
import { answerEvents } from './answer-events.ts';
import { answerTo } from './plan.ts';

export const EMBEDDED_MODEL = 'embedded-demo';

export interface EmbeddedModelOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Pause between two pieces of text, so that a person sees it being written. */
  readonly deltaDelayMs: number;
}

/** A history that does not fit into this is not from a demo. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export class EmbeddedModel implements AsyncDisposable {
  /** What goes into a provider's `base_url`. */
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();

  /** Rejects when the port is taken. */
  static async start(options: EmbeddedModelOptions): Promise<EmbeddedModel> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, '127.0.0.1', resolve);
    });
    return new EmbeddedModel(server, options);
  }

  private constructor(server: Server, options: EmbeddedModelOptions) {
    this.#server = server;
    const address = server.address();
    this.baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : options.port}/v1`;
    server.on('request', (request, response) => {
      this.#serve(request, response, options.deltaDelayMs).catch(() => response.destroy());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, deltaDelayMs: number): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (request.method === 'GET' && path.endsWith('/models')) return reply(response, 200, { models: [], data: [] });
    const text = await bodyOf(request);
    if (text === null) return reply(response, 413, error('the request is too large'));
    const body = readOrNull(record, jsonIn(text));
    if (request.method !== 'POST' || !/\/responses(\/compact)?$/.test(path)) {
      return reply(response, 404, error('this server answers POST /v1/responses only'));
    }
    if (body === null || !Array.isArray(body.input)) return reply(response, 400, error('`input` must be an array'));
    if (path.endsWith('/compact')) return reply(response, 200, compacted(body.input));
    await this.#stream(response, body, text.length, deltaDelayMs);
  }

  async #stream(response: ServerResponse, body: JsonRecord, inputLength: number, deltaDelayMs: number): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const id = randomUUID();
    const answer = answerTo(body);
    const names = {
      responseId: `resp_${id}`,
      messageId: `msg_${id}`,
      callId: `call_${answer.kind === 'call' ? answer.number : 0}_${id.slice(0, 8)}`,
      model: typeof body.model === 'string' ? body.model : EMBEDDED_MODEL,
      inputLength,
    };
    for (const event of answerEvents(answer, names)) {
      if (response.destroyed) return;
      const delta = event.type === 'response.output_text.delta';
      if (delta && deltaDelayMs > 0) await delay(deltaDelayMs, this.#stopping.signal);
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }
}

const error = (message: string): object => ({ error: { type: 'invalid_request_error', message } });

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Null when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return sizeBytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

/** Keeps what was said and drops what was done. */
const compacted = (input: readonly unknown[]): object => ({
  output: input.filter((item) => isRecord(item) && item.type === 'message'),
});

/**
 * Requests for the account: to the issuer, and for the usage. In: URL, headers, body. Out: status and text. Owns its
 * connections, opened on the first request. Does not follow redirects, because its requests are meant for one host
 * only.
 */
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import { timerMs } from '../base/timers.ts';
import type { Connections } from '../upstream/dispatcher.ts';
import { headerBytes } from '../upstream/headers.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** `500 Internal Server Error`. */
  readonly statusText: string;
  readonly contentType: string;
  readonly text: string;
}

export interface HttpParts {
  readonly env: Env;
  readonly log: Logger;
  /** For one request, including its response. */
  readonly limitMs?: number;
}

const LIMIT_MS = 30_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export class Http implements AsyncDisposable {
  readonly #parts: HttpParts;
  #connections: Promise<Connections> | null = null;

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  /** Rejects with AppError `upstream-failed` if there is no complete response, or with the signal's reason. */
  async send({ url, headers: sent, ...request }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { limitMs = LIMIT_MS } = this.#parts;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timerMs(limitMs));
    try {
      const connections = await this.#connect();
      const both = AbortSignal.any([signal, limit.signal]);
      const named = Object.entries(sent).map(([name, value]) => [name, headerBytes(value)] as const);
      const options = { ...request, headers: Object.fromEntries(named), signal: both };
      const { statusCode, headers, body } = await connections.request(url, options);
      const { STATUS_CODES } = await import('node:http');
      const contentType = headers['content-type'];
      return {
        status: statusCode,
        statusText: `${statusCode} ${STATUS_CODES[statusCode] ?? '<unknown status code>'}`,
        contentType: typeof contentType === 'string' ? contentType : '',
        text: await textOf(body),
      };
    } catch (cause) {
      signal.throwIfAborted();
      if (limit.signal.aborted) throw failed(url, `no answer within ${limitMs / 1000} s`);
      throw failed(url, reasonOf(cause));
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connections = await this.#connections?.catch(() => null);
    await connections?.[Symbol.asyncDispose]();
  }

  #connect(): Promise<Connections> {
    const { env, log } = this.#parts;
    this.#connections ??= import('../upstream/dispatcher.ts').then(
      ({ Connections }) => new Connections(env, log),
      (error: unknown) => {
        this.#connections = null; // a later attempt may succeed
        throw error;
      },
    );
    return this.#connections;
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_RESPONSE_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Without query, user and password. */
const addressOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const failed = (url: URL, why: string): AppError =>
  new AppError('upstream-failed', `error sending request for url (${addressOf(url)}): ${why}`);

/** The error code if there is one, because messages of the HTTP library may quote the request. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown error';
  if (cause instanceof AppError) return cause.message;
  const code: unknown = Reflect.get(cause, 'code');
  return typeof code === 'string' ? code : cause.message;
}

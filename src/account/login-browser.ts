/**
 * One login through a browser. In: requests to a port on loopback. Out: tokens for `accept`, and how the login ended.
 *
 *   waiting ──good callback──▶ signed in ──/success, or two seconds──▶ ended well
 *      └──cancel, /cancel, timeout, wrong workspace──▶ ended badly
 *
 * After a failed callback it keeps waiting: the browser may try again. Owns the port until it has ended.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Deferred, deferred } from '../base/abort.ts';
import { AppError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { failureText } from '../base/os-error.ts';
import { timerMs } from '../base/timers.ts';
import { rawPlanOf, readOnboarding } from './claims.ts';
import { CLIENT_ID, type IssuedTokens, type Issuer, percentEncoded } from './issuer.ts';
import { CANCELLED, type Page, problem, type Rendered, render, renderSuccess, SIGNED_IN } from './login-pages.ts';
import { listenForLogin } from './login-port.ts';

/** The whole login has failed, not only this step. */
export class LoginRefused extends AppError {
  constructor(message: string) {
    super('refused', message);
  }
}

export interface BrowserLoginParts {
  readonly issuer: Issuer;
  /** 0: any free port. */
  readonly port: number;
  readonly originator: string;
  readonly workspaceId: string | null;
  readonly log: Logger;
  /** Ten minutes by default. */
  readonly timeoutMs?: number;
  /** Makes the tokens the login. Rejects with `LoginRefused`, or with the error of storing them. */
  readonly accept: (tokens: IssuedTokens, signal: AbortSignal) => Promise<void>;
}

export type LoginEnd = { readonly success: true } | { readonly success: false; readonly error: string };

/** Observed on codex app-server 0.94.0. */
const TIMEOUT_MS = 10 * 60 * 1000;
const SCOPE = 'openid profile email offline_access';
const PLATFORM_URL = 'https://platform.openai.com';
/** A browser that does not follow the redirect must not delay the end of a successful login. */
const SUCCESS_DELAY_MS = 2000;
/** For pending responses when the login ends. */
const CLOSE_DELAY_MS = 1000;

const SERVER_ERROR = 'Login server error: ';
export const NOT_COMPLETED = `${SERVER_ERROR}Login was not completed`;
export const LOGIN_CANCELLED = `${SERVER_ERROR}Login cancelled`;
const TIMED_OUT = 'Login timed out';

const base64url = (sizeBytes: number): string => randomBytes(sizeBytes).toString('base64url');

export class BrowserLogin {
  readonly id = randomUUID();
  readonly #parts: BrowserLoginParts;
  readonly #server: Server;
  readonly #port: number;
  readonly #verifier = base64url(64);
  readonly #state = base64url(32);
  readonly #closing = new AbortController();
  readonly #ended: Deferred<LoginEnd> = deferred();
  #timer: NodeJS.Timeout;
  #callback: Promise<Page | string> | null = null;
  #isSignedIn = false;

  /** Rejects with AppError `io-failed` if the port is not available, or with the signal's reason. */
  static async start(parts: BrowserLoginParts, signal: AbortSignal): Promise<BrowserLogin> {
    const { createServer } = await import('node:http'); // loaded late, so that it does not delay the start-up
    const server = createServer();
    const port = await listenForLogin(server, parts.port, signal);
    return new BrowserLogin(parts, server, port);
  }

  private constructor(parts: BrowserLoginParts, server: Server, port: number) {
    this.#parts = parts;
    this.#server = server;
    this.#port = port;
    this.#timer = setTimeout(
      () => this.#end({ success: false, error: TIMED_OUT }),
      timerMs(parts.timeoutMs ?? TIMEOUT_MS),
    );
    server.on('request', (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        parts.log.error('account', 'login-page-failed', { error });
        response.destroy();
      });
    });
  }

  /** Resolves when the login has ended. */
  get ended(): Promise<LoginEnd> {
    return this.#ended.promise;
  }

  get authUrl(): string {
    const { issuer, originator, workspaceId } = this.#parts;
    const parameters: [string, string][] = [
      ['response_type', 'code'],
      ['client_id', CLIENT_ID],
      ['redirect_uri', this.#redirectUri],
      ['scope', SCOPE],
      ['code_challenge', createHash('sha256').update(this.#verifier).digest('base64url')],
      ['code_challenge_method', 'S256'],
      ['id_token_add_organizations', 'true'],
      ['codex_cli_simplified_flow', 'true'],
      ['state', this.#state],
      ['originator', originator],
    ];
    if (workspaceId !== null) parameters.push(['allowed_workspace_id', workspaceId]);
    return `${issuer.authorizeUrl}?${query(parameters)}`;
  }

  /** Whether the sign-in is pending. */
  get isWaiting(): boolean {
    return !this.#isSignedIn;
  }

  /** Ends the login; with success if the sign-in is complete. */
  cancel(error: string): void {
    this.#end(this.#isSignedIn ? { success: true } : { success: false, error });
  }

  get #redirectUri(): string {
    return `http://localhost:${this.#port}/auth/callback`;
  }

  #end(end: LoginEnd): void {
    clearTimeout(this.#timer);
    this.#ended.resolve(end);
    this.#closing.abort();
    this.#server.close();
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), CLOSE_DELAY_MS).unref();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const accept = request.headers.accept ?? '';
    switch (pathname) {
      case '/auth/callback': {
        const result = await this.#onCallback(searchParams);
        if (typeof result === 'string') redirect(response, result);
        else respond(response, result, render(result, accept));
        return;
      }
      case '/success':
        if (!this.#isSignedIn) return respond(response, NOT_SIGNED_IN, render(NOT_SIGNED_IN, accept));
        return respond(response, SIGNED_IN, renderSuccess(SIGNED_IN), () => this.#end({ success: true }));
      case '/cancel':
        return respond(response, CANCELLED, render(CANCELLED, accept), () => this.cancel(LOGIN_CANCELLED));
      default:
        return respond(response, NOT_FOUND, render(NOT_FOUND, accept));
    }
  }

  /**
   * Returns a URL to redirect the browser to, or a page. Browsers may load an address twice: the code is used once.
   */
  async #onCallback(parameters: URLSearchParams): Promise<Page | string> {
    if (parameters.get('state') !== this.#state) return problem(400, 'State mismatch');
    const code = parameters.get('code') ?? '';
    if (code === '') return problem(400, 'Missing authorization code');
    this.#callback ??= this.#signIn(code).finally(() => {
      if (!this.#isSignedIn) this.#callback = null;
    });
    return this.#callback;
  }

  async #signIn(code: string): Promise<Page | string> {
    const { issuer, accept } = this.#parts;
    const { signal } = this.#closing;
    const exchange = { code, redirectUri: this.#redirectUri, verifier: this.#verifier };
    let tokens: IssuedTokens;
    try {
      tokens = await issuer.exchangeCode(exchange, signal);
    } catch (error) {
      return problem(500, `Token exchange failed: ${signal.aborted ? 'Login cancelled' : messageOf(error)}`);
    }
    try {
      await accept(tokens, signal);
    } catch (error) {
      if (error instanceof LoginRefused) {
        setImmediate(() => this.#end({ success: false, error: SERVER_ERROR + error.message }));
        return { ...problem(200, error.message) };
      }
      return problem(500, `Unable to persist auth file: ${signal.aborted ? 'Login cancelled' : failureText(error)}`);
    }
    this.#isSignedIn = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end({ success: true }), SUCCESS_DELAY_MS);
    return this.#successUrl(tokens);
  }

  #successUrl({ id_token, access_token }: IssuedTokens): string {
    const { needsSetup, organizationId, projectId } = readOnboarding(id_token);
    const parameters: [string, string][] = [
      ['id_token', id_token],
      ['needs_setup', String(needsSetup)],
      ['org_id', organizationId],
      ['project_id', projectId],
      ['plan_type', rawPlanOf(access_token)],
      ['platform_url', PLATFORM_URL],
    ];
    return `http://localhost:${this.#port}/success?${query(parameters)}`;
  }
}

const NOT_FOUND = problem(404, 'Not Found');
const NOT_SIGNED_IN = problem(400, 'Nobody has signed in yet');

const query = (parameters: readonly (readonly [string, string])[]): string =>
  parameters.map(([name, value]) => `${name}=${percentEncoded(value)}`).join('&');

function respond(response: ServerResponse, { status }: Page, rendered: Rendered, then?: () => void): void {
  if (then !== undefined) response.on('close', then);
  response.writeHead(status, { ...rendered.headers, connection: 'close' });
  response.end(rendered.body);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, connection: 'close', 'cache-control': 'no-store' });
  response.end();
}

/**
 * The service that issues ChatGPT tokens. In: codes and refresh tokens. Out: tokens, or an error that says which step
 * failed and how; secrets of the request are removed from every message.
 */
import { AppError, StartupError } from '../base/errors.ts';
import { rawJsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import type { Env } from '../base/paths.ts';
import { withoutEnd } from '../base/trimming.ts';
import type { UpstreamIdentity } from '../contract/turn-shard.ts';
import { redactSecrets } from '../upstream/secrets.ts';
import type { Http, HttpResponse } from './http.ts';

export interface IssuerOptions {
  readonly http: Http;
  readonly addresses: IssuerAddresses;
  readonly identity: () => Pick<UpstreamIdentity, 'originator' | 'userAgent'>;
}

export interface IssuerAddresses {
  /** Without a trailing slash. */
  readonly issuer: string;
  readonly refresh: string;
}

/** Observed on codex app-server 0.94.0. */
export const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';
const ISSUER = 'https://auth.openai.com';
const MAX_QUOTED_LENGTH = 500;

/**
 * The addresses from the environment. Throws StartupError for one that is not a web address: tokens of one issuer
 * must not reach another by mistake.
 */
export function issuerAddresses(env: Env): IssuerAddresses {
  const issuer = withoutEnd(addressIn(env, 'SHARDEX_ISSUER') ?? ISSUER, '/');
  return { issuer, refresh: addressIn(env, 'CODEX_REFRESH_TOKEN_URL_OVERRIDE') ?? `${issuer}/oauth/token` };
}

function addressIn(env: Env, name: string): string | null {
  const value = env[name]?.trim() ?? '';
  if (value === '') return null;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw new StartupError(`${name} is not an http or https address`);
}

/** Non-empty, because an empty one would replace one that may still work. */
const Token = s.textThat((text) => text !== '', 'a token');

const IssuedTokens = s.object({ id_token: Token, access_token: Token, refresh_token: Token });
export type IssuedTokens = s.Infer<typeof IssuedTokens>;

const RenewedTokens = s.object({
  id_token: s.nullish(Token),
  access_token: s.nullish(Token),
  refresh_token: s.nullish(Token),
});
export type RenewedTokens = s.Infer<typeof RenewedTokens>;

const ExchangedKey = s.object({ access_token: Token });

/** The issuer will not renew these tokens again. */
export class RefreshRefused extends AppError {
  /** The refresh token was used before. */
  readonly isReused: boolean;

  constructor(message: string, { isReused = false }: { readonly isReused?: boolean } = {}) {
    super('upstream-failed', message);
    this.isReused = isReused;
  }
}

export interface CodeExchange {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

export class Issuer {
  readonly #options: IssuerOptions;

  constructor(options: IssuerOptions) {
    this.#options = options;
  }

  get authorizeUrl(): string {
    return `${this.#options.addresses.issuer}/oauth/authorize`;
  }

  /** Tokens for the code from the browser. Rejects with AppError `upstream-failed` that includes the status. */
  async exchangeCode({ code, redirectUri, verifier }: CodeExchange, signal: AbortSignal): Promise<IssuedTokens> {
    const answer = await this.#form(
      [
        ['grant_type', 'authorization_code'],
        ['code', code],
        ['redirect_uri', redirectUri],
        ['client_id', CLIENT_ID],
        ['code_verifier', verifier],
      ],
      signal,
    );
    if (!isSuccess(answer)) throw failed(`token endpoint returned status ${answer.statusText}`);
    return decoded(IssuedTokens, answer);
  }

  /** An API key for the account; null if it gets none, for whatever reason. */
  async exchangeForKey(idToken: string, signal: AbortSignal): Promise<string | null> {
    try {
      const answer = await this.#form(
        [
          ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
          ['client_id', CLIENT_ID],
          ['requested_token', 'openai-api-key'],
          ['subject_token', idToken],
          ['subject_token_type', 'urn:ietf:params:oauth:token-type:id_token'],
        ],
        signal,
      );
      return isSuccess(answer) ? decoded(ExchangedKey, answer).access_token : null;
    } catch {
      signal.throwIfAborted();
      return null; // the login works without a key
    }
  }

  /** Newer tokens. Rejects with `RefreshRefused` if a retry is pointless, else with AppError. */
  async refresh(refreshToken: string, signal: AbortSignal): Promise<RenewedTokens> {
    const { http, addresses, identity } = this.#options;
    const { originator, userAgent } = identity();
    const answer = await http.send(
      {
        method: 'POST',
        url: new URL(addresses.refresh),
        headers: { 'content-type': 'application/json', accept: '*/*', originator, 'user-agent': userAgent },
        body: JSON.stringify({
          client_id: CLIENT_ID,
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          scope: 'openid profile email',
        }),
      },
      signal,
    );
    if (isSuccess(answer)) return decoded(RenewedTokens, answer);
    if (answer.status === 401) {
      throw new RefreshRefused(refusalText(answer.text), { isReused: errorBody(answer.text).code === REUSED });
    }
    const why = redactSecrets(errorText(answer.text), [refreshToken]).slice(0, MAX_QUOTED_LENGTH);
    throw failed(`Failed to refresh token: ${answer.statusText}: ${why}`);
  }

  #form(fields: readonly (readonly [string, string])[], signal: AbortSignal): Promise<HttpResponse> {
    const { http, addresses } = this.#options;
    return http.send(
      {
        method: 'POST',
        url: new URL(`${addresses.issuer}/oauth/token`),
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' },
        body: fields.map(([name, value]) => `${name}=${percentEncoded(value)}`).join('&'),
      },
      signal,
    );
  }
}

/** Encodes everything but letters, digits and `-_.~` as `%XX`, including blanks. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

const failed = (message: string): AppError => new AppError('upstream-failed', message);
const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;

function decoded<T>(schema: s.Schema<T>, { text }: HttpResponse): T {
  const found = schema(rawJsonIn(text));
  if (!(found instanceof s.Refusal)) return found;
  throw failed('error decoding response body');
}

const ErrorBody = s.object({
  error: s.optional(s.either(s.string, s.object({ code: s.anything, message: s.anything }))),
  code: s.anything,
});

function errorBody(text: string): { readonly code: string; readonly message: string | null } {
  const found = s.readOrNull(ErrorBody, rawJsonIn(text));
  if (found === null) return { code: '', message: null };
  const { error, code } = found;
  const inner = typeof error === 'object' ? error : {};
  const name = [inner.code, error, code].find((value) => typeof value === 'string');
  return {
    code: typeof name === 'string' ? name.toLowerCase() : '',
    message: typeof inner.message === 'string' ? inner.message : null,
  };
}

const errorText = (text: string): string => errorBody(text).message ?? (text.trim() === '' ? 'Unknown error' : text);

const REUSED = 'refresh_token_reused';

const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['refresh_token_expired', ' because the refresh token has expired'],
  [REUSED, ' because the refresh token was already used'],
  ['refresh_token_invalidated', ' because the refresh token was revoked'],
]);

const refusalText = (text: string): string =>
  `The access token could not be refreshed${REFUSALS.get(errorBody(text).code) ?? ''}. Log out and sign in again.`;

/** Tokens as an issuer would make them, unsigned, and logins as they are stored. */

export interface ClaimValues {
  readonly email?: string;
  readonly plan?: string;
  readonly account?: string;
  /** Further members of the auth claim. */
  readonly auth?: object;
  /** Further members of the payload. */
  readonly payload?: object;
}

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export function idToken({ email, plan, account, auth, payload }: ClaimValues = {}): string {
  const claims = {
    ...(plan === undefined ? {} : { chatgpt_plan_type: plan }),
    ...(account === undefined ? {} : { chatgpt_account_id: account }),
    ...auth,
  };
  const body = { ...(email === undefined ? {} : { email }), ...payload, 'https://api.openai.com/auth': claims };
  return [encoded({ alg: 'none', typ: 'JWT' }), encoded(body), encoded('signature')].join('.');
}

export const ONE: ClaimValues = { email: 'one@example.com', plan: 'pro', account: 'org-one' };
export const TWO: ClaimValues = { email: 'two@example.com', plan: 'plus', account: 'org-two' };

/** Params of an external login. */
export const external = (claims: ClaimValues = ONE, accessToken = 'access-1'): object => ({
  type: 'chatgptAuthTokens',
  idToken: idToken(claims),
  accessToken,
});

export interface StoredValues {
  readonly claims?: ClaimValues;
  readonly access?: string;
  readonly refresh?: string;
  readonly account?: string | null;
  readonly key?: string | null;
  /** Days since the last refresh; null leaves it out. */
  readonly ageDays?: number | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A managed login as `auth.json` holds it. */
export function stored(values: StoredValues = {}): object {
  const { claims = ONE, access = 'access-1', refresh = 'refresh-1', key = null, ageDays = 0 } = values;
  const account = values.account === undefined ? (claims.account ?? null) : values.account;
  return {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: key,
    tokens: { id_token: idToken(claims), access_token: access, refresh_token: refresh, account_id: account },
    ...(ageDays === null ? {} : { last_refresh: new Date(Date.now() - ageDays * DAY_MS).toISOString() }),
  };
}

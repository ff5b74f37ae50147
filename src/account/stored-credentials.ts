/**
 * The stored form of a login, in `auth.json` or in the keyring. In: text. Out: credentials, or an error; messages
 * never quote the text. Unknown members are dropped. Observed on codex app-server 0.94.0.
 */
import { AppError } from '../base/errors.ts';
import { rawJsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const Timestamp = s.textThat((text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)), 'a time');

const Tokens = s.object({
  id_token: s.string,
  access_token: s.string,
  refresh_token: s.string,
  account_id: s.nullish(s.string),
});

const Credentials = s.object({
  auth_mode: s.nullish(s.words('apikey', 'chatgpt', 'chatgptAuthTokens')),
  OPENAI_API_KEY: s.nullish(s.string),
  tokens: s.nullish(Tokens),
  last_refresh: s.nullish(Timestamp),
});

export type StoredTokens = s.Infer<typeof Tokens>;
export type StoredCredentials = s.Infer<typeof Credentials>;

/** Throws AppError `invalid-input`. */
export function parseCredentials(content: string): StoredCredentials {
  const value = rawJsonIn(content);
  if (value === undefined) throw new AppError('invalid-input', 'not JSON');
  const read = Credentials(value);
  if (!(read instanceof s.Refusal)) return read;
  const { path } = read;
  throw new AppError('invalid-input', path === '' ? 'not an object' : `member \`${path}\` is missing or malformed`);
}

/** A time as other programs that use the file write it: RFC 3339 in UTC with nine decimals. */
export const refreshTime = (nowMs: number): string => new Date(nowMs).toISOString().replace('Z', '000000Z');

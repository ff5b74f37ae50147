/**
 * The form in which a login is kept, in `auth.json` or in the keyring. In: text. Out: credentials, or why there are none;
 * messages never quote what was read. Members that are not known are dropped. Observed on codex app-server 0.94.0.
 */
import * as z from 'zod/mini';
import { AppError } from '../base/errors.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const timestamp = z
  .string()
  .check(z.refine((value: string) => RFC_3339.test(value) && !Number.isNaN(Date.parse(value))));

const Tokens = z.object({
  id_token: z.string(),
  access_token: z.string(),
  refresh_token: z.string(),
  account_id: z.optional(z.nullable(z.string())),
});

const Credentials = z.object({
  auth_mode: z.optional(z.nullable(z.enum(['apikey', 'chatgpt', 'chatgptAuthTokens']))),
  OPENAI_API_KEY: z.optional(z.nullable(z.string())),
  tokens: z.optional(z.nullable(Tokens)),
  last_refresh: z.optional(z.nullable(timestamp)),
});

export type StoredTokens = z.infer<typeof Tokens>;
export type StoredCredentials = z.infer<typeof Credentials>;

/** Throws AppError `invalid-input`. */
export function parseCredentials(content: string): StoredCredentials {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new AppError('invalid-input', 'not JSON'); // the parser's own message quotes the text
  }
  const decoded = Credentials.safeParse(value, { reportInput: false });
  if (decoded.success) return decoded.data;
  const path = decoded.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('invalid-input', path === '' ? 'not an object' : `member \`${path}\` is missing or malformed`);
}

/** Now, as other programs that use the file write it: RFC 3339 in UTC with nine decimals. */
export const refreshTime = (nowMs: number): string => new Date(nowMs).toISOString().replace('Z', '000000Z');

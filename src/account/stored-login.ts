/**
 * Checks a login against the store, which other processes use too. In: the stored credentials, and the login of this
 * process. Out: the same login, perhaps with other tokens, or `LoginGone` with the reason for the client. No state.
 */
import { AppError } from '../base/errors.ts';
import { forbidden, type KeyLogin, type Login, type ManagedLogin, type Restrictions, storedLogin } from './logins.ts';
import type { OrderedStore } from './store.ts';
import type { StoredCredentials } from './stored-credentials.ts';

/**
 * Another process has logged out, or logged in to another account: the login must not be used any more. The message
 * is for clients.
 */
export class LoginGone extends AppError {
  constructor(message: string) {
    super('refused', message);
  }
}

const LOGGED_OUT = 'Token data is not available: another process has logged out. Log in again to go on.';
const REPLACED =
  'Another process has logged in to another account. Restart this server to use that login, or log in here again: the earlier login is no longer used.';

export interface OwnStored {
  readonly login: KeyLogin | ManagedLogin;
  /** The API key that is stored beside ChatGPT tokens. */
  readonly key: string | null;
}

/** Throws `LoginGone`, or AppError `invalid-input` if the stored id token is unreadable. */
export function ownLogin(stored: StoredCredentials | null, current: Login, restrictions: Restrictions): OwnStored {
  const login = stored === null ? null : storedLogin(stored);
  if (stored === null || login === null || login.mode === 'none') throw new LoginGone(LOGGED_OUT);
  if (login.mode === 'chatgpt' && login.tokens === null) throw new LoginGone(LOGGED_OUT);
  if (login.mode === 'chatgptAuthTokens' || !isSame(login, current)) throw new LoginGone(REPLACED);
  if (forbidden(login, restrictions) !== null) throw new LoginGone(REPLACED);
  return { login, key: stored.OPENAI_API_KEY ?? null };
}

/** Result of a check of the store. */
export type StoredCheck =
  | { readonly kind: 'kept'; readonly login: KeyLogin | ManagedLogin }
  | { readonly kind: 'gone'; readonly error: LoginGone }
  | { readonly kind: 'unknown'; readonly error: unknown };

export interface StoredCheckParts {
  readonly store: Pick<OrderedStore, 'read'>;
  readonly restrictions: Restrictions;
}

/** Compares a login with the stored one. Never rejects: an unreadable store gives `unknown`. */
export async function checkStoredLogin(
  { store, restrictions }: StoredCheckParts,
  login: KeyLogin | ManagedLogin,
): Promise<StoredCheck> {
  try {
    return { kind: 'kept', login: ownLogin(await store.read(), login, restrictions).login };
  } catch (error) {
    return error instanceof LoginGone ? { kind: 'gone', error } : { kind: 'unknown', error };
  }
}

function isSame(stored: KeyLogin | ManagedLogin, current: Login): boolean {
  if (stored.mode === 'apikey') return current.mode === 'apikey' && current.key === stored.key;
  if (current.mode !== 'chatgpt') return false;
  const { accountId, email } = stored.claims;
  if (accountId !== current.claims.accountId) return false;
  return accountId !== null || email === current.claims.email;
}

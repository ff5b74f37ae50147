/**
 * Who is logged in. The only holder of credentials.
 *
 * In: logins, and what is stored from earlier. Out: `AuthSnapshot`s with rising generations, to every shard; tokens go
 * nowhere else.
 *
 *   none ──apiKey──▶ apikey ──apiKey──▶ apikey        stored in auth.json
 *   any  ──external tokens──▶ chatgptAuthTokens       in memory only; other logins are refused meanwhile
 */
import { AppError, messageOf } from '../base/errors.ts';
import type { Account as AccountInfo, AuthMode } from '../protocol/account.ts';
import type { AuthSnapshot } from '../upstream/types.ts';
import { type Claims, readClaims } from './claims.ts';
import { CredentialsFile, type StoredCredentials } from './credentials-file.ts';

export interface AccountOptions {
  readonly codexHome: string;
  readonly forcedLoginMethod: 'chatgpt' | 'api' | null;
  readonly forcedWorkspaceId: string | null;
  /** Whether the default provider needs a login at all. */
  readonly requiresOpenaiAuth: boolean;
  readonly onChange: (snapshot: AuthSnapshot) => void;
}

type Login =
  | { readonly mode: 'none' }
  | { readonly mode: 'apikey'; readonly key: string }
  | { readonly mode: 'chatgpt' | 'chatgptAuthTokens'; readonly accessToken: string; readonly claims: Claims };

const refused = (message: string): AppError => new AppError('refused', message);

export interface ExternalTokens {
  readonly idToken: string | null;
  readonly accessToken: string;
  readonly accountId: string | null;
  readonly planType: Claims['planType'];
}

export class Account {
  readonly #options: AccountOptions;
  readonly #file: CredentialsFile;
  #login: Login = { mode: 'none' };
  #generation = 1;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#file = new CredentialsFile(options.codexHome);
  }

  /** Reads what is stored. Stored credentials that the configuration forbids are left unused. */
  async load(): Promise<void> {
    const stored = await this.#file.read();
    if (stored !== null) this.#login = this.#loginOf(stored);
  }

  get mode(): AuthMode | null {
    return this.#login.mode === 'none' ? null : this.#login.mode;
  }

  snapshot(): AuthSnapshot {
    const login = this.#login;
    const generation = this.#generation;
    switch (login.mode) {
      case 'none':
        return { generation, mode: 'none', token: null, accountId: null };
      case 'apikey':
        return { generation, mode: 'apikey', token: login.key, accountId: null };
      default:
        return { generation, mode: login.mode, token: login.accessToken, accountId: login.claims.accountId };
    }
  }

  /** `account/read`. Throws when a ChatGPT login lacks what the answer must hold. */
  read(): { account: AccountInfo | null; requiresOpenaiAuth: boolean } {
    const { requiresOpenaiAuth } = this.#options;
    const login = this.#login;
    if (!requiresOpenaiAuth || login.mode === 'none') return { account: null, requiresOpenaiAuth };
    if (login.mode === 'apikey') return { account: { type: 'apiKey' }, requiresOpenaiAuth };
    const { email, planType } = login.claims;
    if (email === null || planType === null) {
      throw new AppError('invalid-state', 'email and plan type are required for chatgpt authentication');
    }
    return { account: { type: 'chatgpt', email, planType }, requiresOpenaiAuth };
  }

  async loginWithApiKey(key: string): Promise<void> {
    if (this.#login.mode === 'chatgptAuthTokens') {
      throw refused('External auth is active. The parent application owns the login; log out there first.');
    }
    if (this.#options.forcedLoginMethod === 'chatgpt') {
      throw refused('API key login is disabled. Use ChatGPT login instead.');
    }
    try {
      await this.#file.write({ auth_mode: 'apikey', OPENAI_API_KEY: key });
    } catch (error) {
      throw new AppError('io-failed', `failed to save api key: ${messageOf(error)}`, { cause: error });
    }
    this.#replace({ mode: 'apikey', key });
  }

  loginWithExternalTokens(tokens: ExternalTokens): void {
    if (this.#options.forcedLoginMethod === 'api') {
      throw refused('External ChatGPT auth is disabled. Use API key login instead.');
    }
    const claims =
      tokens.idToken === null
        ? { email: '', planType: tokens.planType ?? 'unknown', accountId: tokens.accountId }
        : readClaims(tokens.idToken);
    this.#requireWorkspace(claims.accountId);
    this.#replace({ mode: 'chatgptAuthTokens', accessToken: tokens.accessToken, claims });
  }

  #requireWorkspace(accountId: string | null): void {
    const wanted = this.#options.forcedWorkspaceId;
    if (wanted === null || wanted === accountId) return;
    const received = accountId === null ? 'None' : `Some(${JSON.stringify(accountId)})`;
    throw refused(`External auth must use workspace ${wanted}, but received ${received}.`);
  }

  #replace(login: Login): void {
    this.#login = login;
    this.#generation += 1;
    this.#options.onChange(this.snapshot());
  }

  #loginOf(stored: StoredCredentials): Login {
    const { forcedLoginMethod, forcedWorkspaceId } = this.#options;
    const key = stored.OPENAI_API_KEY ?? null;
    const mode = stored.auth_mode ?? (key === null ? 'chatgpt' : 'apikey');
    if (mode === 'apikey') {
      return key === null || forcedLoginMethod === 'chatgpt' ? { mode: 'none' } : { mode, key };
    }
    const { tokens } = stored;
    if (tokens === undefined || tokens === null || forcedLoginMethod === 'api') return { mode: 'none' };
    try {
      const claims = { ...readClaims(tokens.id_token), accountId: tokens.account_id ?? null };
      if (forcedWorkspaceId !== null && forcedWorkspaceId !== claims.accountId) return { mode: 'none' };
      return { mode, accessToken: tokens.access_token, claims };
    } catch {
      return { mode: 'none' }; // a stored token that cannot be read is no login
    }
  }
}

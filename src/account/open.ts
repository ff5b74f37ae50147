/** Creates the account. In: configuration, environment, and callbacks. Out: the account. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import type { UpstreamIdentity } from '../contract/turn-shard.ts';
import { AccountManager } from './account.ts';
import { AuthCell } from './auth-cell.ts';
import { CredentialsFileLock, NO_LOCK } from './credentials-lock.ts';
import { ExternalRefresh, type ExternalRefreshParts } from './external-refresh.ts';
import { Http } from './http.ts';
import { Issuer, issuerAddresses } from './issuer.ts';
import { systemKeyring } from './keyring.ts';
import type { KeyLogin, ManagedLogin, Restrictions } from './logins.ts';
import { ManagedRefresh } from './managed-refresh.ts';
import { Renewal } from './renewal.ts';
import { openStore, type StoreKind } from './store.ts';
import { checkStoredLogin, type StoredCheck } from './stored-login.ts';
import { fetchUsage } from './usage.ts';

export interface AccountSetup {
  readonly codexHome: string;
  readonly config: {
    readonly forcedLoginMethod: 'chatgpt' | 'api' | null;
    readonly forcedChatgptWorkspaceId: string | null;
    readonly authCredentialsStore: StoreKind;
    readonly chatgptBaseUrl: string;
    readonly provider: { readonly requiresOpenaiAuth: boolean };
  };
  readonly env: Env;
  readonly clock: Clock;
  readonly log: Logger;
  readonly identity: () => Pick<UpstreamIdentity, 'originator' | 'userAgent'>;
  readonly request: ExternalRefreshParts['request'];
  /** Sends the client a warning for the user. */
  readonly warn: (summary: string, details: string) => void;
  /** Another process has logged out or logged in to another account: there is no login here any more. */
  readonly onRevoked: () => void;
}

export interface OpenedAccount extends AsyncDisposable {
  readonly account: AccountManager;
  /** Why stored credentials are not used; null if they are, or if there are none. */
  readonly unused: string | null;
}

/** Observed on codex app-server 0.94.0. */
const LOGIN_PORT = 1455;

/** Rejects with StartupError if the environment names an invalid issuer. */
export async function openAccount(setup: AccountSetup): Promise<OpenedAccount> {
  const { codexHome, config, env, clock, log, identity, request, warn, onRevoked } = setup;
  const restrictions: Restrictions = {
    forcedLoginMethod: config.forcedLoginMethod,
    forcedWorkspaceId: config.forcedChatgptWorkspaceId,
  };
  const http = new Http({ env, log });
  const issuer = new Issuer({ http, addresses: issuerAddresses(env), identity });
  const kind = config.authCredentialsStore;
  const lock = kind === 'ephemeral' ? NO_LOCK : new CredentialsFileLock(codexHome, log);
  const store = openStore(kind, { codexHome, keyring: systemKeyring(codexHome), lock, log });
  const cell = new AuthCell(() => store.seen);
  const managed = new ManagedRefresh({ lock, store, issuer, clock, restrictions, log, warn });
  const checkStored = async (login: KeyLogin | ManagedLogin): Promise<StoredCheck> => {
    const found = await checkStoredLogin({ store, restrictions }, login);
    const isSpent = found.kind === 'kept' && found.login.mode === 'chatgpt' && managed.isSpent(found.login);
    return isSpent ? { kind: 'kept', login } : found;
  };
  const external = new ExternalRefresh({ request, restrictions });
  const account = new AccountManager({
    restrictions,
    requiresOpenaiAuth: config.provider.requiresOpenaiAuth,
    cell,
    store,
    issuer,
    renewal: new Renewal({ cell, managed, external, clock, log, checkStored, onRevoked }),
    loginPort: loginPort(env, log),
    originator: () => identity().originator,
    nowMs: () => clock.nowMs(),
    usage: (auth, signal) =>
      fetchUsage({ http, baseUrl: config.chatgptBaseUrl, userAgent: () => identity().userAgent }, auth, signal),
    log,
  });
  return {
    account,
    unused: await account.load(),
    [Symbol.asyncDispose]: async () => {
      await account[Symbol.asyncDispose]();
      await managed[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

/** 0: any free port. */
function loginPort(env: Env, log: Logger): number {
  const text = env.SHARDEX_LOGIN_PORT?.trim() ?? '';
  if (text === '') return LOGIN_PORT;
  if (/^\d+$/.test(text) && Number(text) <= 0xffff) return Number(text);
  log.error('account', 'login-port-invalid', { variable: 'SHARDEX_LOGIN_PORT', instead: LOGIN_PORT });
  return LOGIN_PORT;
}

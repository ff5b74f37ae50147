/** Where logins are kept: the file, the keyring, one for the other, and what other processes do to them meanwhile. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CredentialsFileLock } from '../../src/account/credentials-lock.ts';
import type { Issuer } from '../../src/account/issuer.ts';
import { entryName, type KeyringEntry, systemKeyring } from '../../src/account/keyring.ts';
import { storedLogin } from '../../src/account/logins.ts';
import { ManagedRefresh } from '../../src/account/managed-refresh.ts';
import { openStore, type StoreKind } from '../../src/account/store.ts';
import { parseCredentials } from '../../src/account/stored-credentials.ts';
import { createLogger, type Logger } from '../../src/base/log.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { stored } from './support/tokens.ts';

const NEVER = new AbortController().signal;

class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'shardex-store-'));
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The store of one process among others. */
function fileStoreIn(folder: Folder): ReturnType<typeof openStore> {
  const keyring = systemKeyring(folder.path, () => Promise.reject(new Error('none')));
  const lock = new CredentialsFileLock(folder.path, silentLogger);
  return openStore('file', { codexHome: folder.path, keyring, lock, log: silentLogger });
}

test('auth-file: a link to the file stays a link, and the file behind it is replaced', async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  const target = join(elsewhere.path, 'kept.json');
  writeFileSync(target, '{}');
  symlinkSync(target, join(folder.path, 'auth.json'));
  const store = fileStoreIn(folder);
  await store.save({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' });
  assert.deepEqual(JSON.parse(readFileSync(target, 'utf8')), { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' });
  assert.equal(statSync(target).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(elsewhere.path), ['kept.json']);
  await store.remove();
  assert.equal(existsSync(target), false, 'a logout leaves no token behind');
});

test('auth-file: changes by several processes come one after the other, and none is lost', async () => {
  using folder = new Folder();
  const stores = [fileStoreIn(folder), fileStoreIn(folder), fileStoreIn(folder)];
  const EACH = 15;
  const count = (text: string | null | undefined): number => Number(text ?? 0);
  const changes = stores.flatMap((store) =>
    Array.from({ length: EACH }, () =>
      store.update((found) => ({ auth_mode: 'apikey', OPENAI_API_KEY: String(count(found?.OPENAI_API_KEY) + 1) })),
    ),
  );
  await Promise.all(changes);
  assert.equal((await fileStoreIn(folder).load())?.OPENAI_API_KEY, String(stores.length * EACH));
  assert.deepEqual(readdirSync(folder.path), ['auth.json']);
});

const DRAFT_IDS = {
  old: '00000000-0000-4000-8000-000000000001',
  fresh: '00000000-0000-4000-8000-000000000002',
};

test('auth-file: a draft left by a process that died goes with the next change, a fresh one stays', async () => {
  using folder = new Folder();
  const draft = (name: 'old' | 'fresh'): string => join(folder.path, `auth.json.${DRAFT_IDS[name]}.tmp`);
  for (const name of ['old', 'fresh'] as const) writeFileSync(draft(name), 'half');
  utimesSync(draft('old'), new Date(0), new Date(0));
  const store = fileStoreIn(folder);
  await store.save({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' });
  assert.deepEqual(readdirSync(folder.path).sort(), ['auth.json', `auth.json.${DRAFT_IDS.fresh}.tmp`]);
  utimesSync(draft('fresh'), new Date(0), new Date(0));
  await store.remove();
  assert.deepEqual(readdirSync(folder.path), []);
});

/** A keyring in memory that can be told to fail. */
class FakeKeyring {
  readonly entries = new Map<string, string>();
  broken = false;

  readonly open = async (service: string, account: string): Promise<KeyringEntry> => {
    const key = `${service}/${account}`;
    const usable = (): void => {
      if (this.broken) throw new Error('locked');
    };
    return {
      getPassword: async () => {
        usable();
        return this.entries.get(key) ?? null;
      },
      setPassword: async (password) => {
        usable();
        this.entries.set(key, password);
      },
      deleteCredential: async () => {
        usable();
        return this.entries.delete(key);
      },
    };
  };
}

const KEY = { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' } as const;

function storeIn(
  folder: Folder,
  kind: StoreKind,
): { store: ReturnType<typeof openStore>; keyring: FakeKeyring; log: string[] } {
  const keyring = new FakeKeyring();
  const log: string[] = [];
  const logger = createLogger({ fallback: 3, areas: new Map() }, (line) => log.push(line), Date.now);
  const lock = new CredentialsFileLock(folder.path, logger);
  const parts = { codexHome: folder.path, keyring: systemKeyring(folder.path, keyring.open), lock, log: logger };
  return { store: openStore(kind, parts), keyring, log };
}

test('keyring: an entry of its own for each home, compact JSON, and no copy in the file', async () => {
  using folder = new Folder();
  writeFileSync(join(folder.path, 'auth.json'), JSON.stringify(stored()));
  const { store, keyring } = storeIn(folder, 'keyring');
  assert.equal(await store.load(), null, 'the file does not count');
  await store.save(KEY);
  assert.match(entryName(folder.path), /^cli\|[0-9a-f]{16}$/);
  assert.deepEqual([...keyring.entries], [[`Codex Auth/${entryName(folder.path)}`, JSON.stringify(KEY)]]);
  assert.deepEqual(readdirSync(folder.path), []);
  assert.deepEqual(await store.load(), KEY);
  await store.remove();
  assert.equal(keyring.entries.size, 0);
});

test('keyring: one that fails is an error that says so, and reads as nothing stored', async () => {
  using folder = new Folder();
  const { store, keyring, log } = storeIn(folder, 'keyring');
  keyring.broken = true;
  assert.equal(await store.load(), null);
  assert.match(log.join(''), /"reason":"failed to read from keyring: locked"/);
  await assert.rejects(store.save(KEY), { message: 'failed to write to keyring: locked' });
  await assert.rejects(store.remove(), { message: 'failed to delete auth from keyring: locked' });
});

test('auth-auto-store: the keyring while it works, the file when it does not, and one line in the log', async () => {
  using folder = new Folder();
  const { store, keyring, log } = storeIn(folder, 'auto');
  await store.save(KEY);
  assert.deepEqual(readdirSync(folder.path), []);
  keyring.broken = true;
  await store.save({ ...KEY, OPENAI_API_KEY: 'sk-y' });
  assert.equal((await store.load())?.OPENAI_API_KEY, 'sk-y');
  await store.remove();
  assert.deepEqual(readdirSync(folder.path), []);
  assert.equal(log.filter((line) => line.includes('keyring-unusable')).length, 1);
  assert.equal(log.join('').includes('sk-y'), false);
});

/** A renewal with what is stored; `refresh` is the issuer. */
function renewalWith(parts: {
  readonly store: ReturnType<typeof openStore>;
  readonly refresh: () => Promise<object>;
  readonly lockFolder: string;
  readonly log: Logger;
}): Promise<string | undefined> {
  const { store, refresh, lockFolder, log } = parts;
  const login = storedLogin(parseCredentials(JSON.stringify(stored())));
  assert.ok(login.mode === 'chatgpt');
  const managed = new ManagedRefresh({
    lock: new CredentialsFileLock(lockFolder, log),
    store,
    issuer: { refresh } as unknown as Issuer,
    clock: { nowMs: Date.now, steadyMs: () => 0 },
    restrictions: { forcedLoginMethod: null, forcedWorkspaceId: null },
    log,
  });
  return managed.renew(login, 'refused', NEVER).then((renewed) => renewed.login.tokens?.access_token);
}

const NEWER = { access_token: 'access-2', refresh_token: 'refresh-2' };

test('a renewal that cannot be stored serves this process all the same, and the log says so', async () => {
  using folder = new Folder();
  const { store, keyring, log } = storeIn(folder, 'keyring');
  await store.save(parseCredentials(JSON.stringify(stored())));
  const logger = createLogger({ fallback: 0, areas: new Map() }, (line) => log.push(line), Date.now);
  const refresh = async (): Promise<object> => {
    brokenWrites(keyring);
    return NEWER;
  };
  assert.equal(await renewalWith({ store, refresh, lockFolder: folder.path, log: logger }), 'access-2');
  assert.match(log.join(''), /renewed-login-not-stored/);
});

test('where no lock can be made, tokens are renewed without one', async () => {
  using folder = new Folder();
  const { store } = storeIn(folder, 'keyring');
  await store.save(parseCredentials(JSON.stringify(stored())));
  const log: string[] = [];
  const logger = createLogger({ fallback: 3, areas: new Map() }, (line) => log.push(line), Date.now);
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  const lockFolder = join(file, 'home');
  assert.equal(await renewalWith({ store, refresh: async () => NEWER, lockFolder, log: logger }), 'access-2');
  assert.match(log.join(''), /credentials-not-locked/);
});

/** Reads go on, writes fail. */
function brokenWrites(keyring: FakeKeyring): void {
  keyring.entries.set = () => {
    throw new Error('full');
  };
}

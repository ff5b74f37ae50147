/**
 * Where a login is kept between starts. In: credentials. Out: the same, later. Four places: the file `auth.json`, the
 * system's keyring, the keyring with the file as its stand-in, or this process's memory only.
 *
 * Reads that fail count as "nothing stored", and say so in the log; writes that fail are the caller's.
 */
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { CredentialsFile } from './credentials-file.ts';
import type { CredentialsLock } from './credentials-lock.ts';
import type { Keyring } from './keyring.ts';
import { parseCredentials, type StoredCredentials } from './stored-credentials.ts';

export interface CredentialStore {
  /** null when there is nothing that can be used. Never rejects. */
  load(): Promise<StoredCredentials | null>;
  save(credentials: StoredCredentials): Promise<void>;
  /** Nothing to remove is fine. */
  remove(): Promise<void>;
}

/** A store whose uses within this process come one after the other, and whose changes exclude those of other processes. */
export class OrderedStore implements CredentialStore {
  readonly #inner: CredentialStore;
  readonly #lock: CredentialsLock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(inner: CredentialStore, lock: CredentialsLock) {
    this.#inner = inner;
    this.#lock = lock;
  }

  load(): Promise<StoredCredentials | null> {
    return this.#next(() => this.#inner.load());
  }

  save(credentials: StoredCredentials): Promise<void> {
    return this.#change(() => this.#inner.save(credentials));
  }

  remove(): Promise<void> {
    return this.#change(() => this.#inner.remove());
  }

  /** Looks at what is stored and replaces it, unless `change` gives null; nothing comes between. */
  update(change: (stored: StoredCredentials | null) => StoredCredentials | null): Promise<void> {
    return this.#change(async () => {
      const changed = change(await this.#inner.load());
      if (changed !== null) await this.#inner.save(changed);
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    return this.#next(() => this.#lock.changing(work));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

export type StoreKind = 'file' | 'keyring' | 'auto' | 'ephemeral';

export interface StoreParts {
  readonly codexHome: string;
  readonly keyring: Keyring;
  readonly lock: CredentialsLock;
  readonly log: Logger;
}

const AREA = 'account';

export const openStore = (kind: StoreKind, parts: StoreParts): OrderedStore =>
  new OrderedStore(storeOf(kind, parts), parts.lock);

function storeOf(kind: StoreKind, { codexHome, keyring, log }: StoreParts): CredentialStore {
  const file = new FileStore(new CredentialsFile(codexHome), log);
  switch (kind) {
    case 'file':
      return file;
    case 'keyring':
      return new KeyringStore(keyring, file, log);
    case 'auto':
      return new AutoStore(keyring, file, log);
    case 'ephemeral':
      return new MemoryStore();
  }
}

class MemoryStore implements CredentialStore {
  #stored: StoredCredentials | null = null;

  async load(): Promise<StoredCredentials | null> {
    return this.#stored;
  }

  async save(credentials: StoredCredentials): Promise<void> {
    this.#stored = credentials;
  }

  async remove(): Promise<void> {
    this.#stored = null;
  }
}

class FileStore implements CredentialStore {
  readonly #file: CredentialsFile;
  readonly #log: Logger;

  constructor(file: CredentialsFile, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  async load(): Promise<StoredCredentials | null> {
    try {
      const text = await this.#file.read();
      return text === null ? null : parseCredentials(text);
    } catch (error) {
      this.#log.warn(AREA, 'stored-login-unreadable', { place: 'auth.json', reason: messageOf(error) });
      return null;
    }
  }

  save(credentials: StoredCredentials): Promise<void> {
    return this.#file.write(JSON.stringify(credentials, null, 2));
  }

  remove(): Promise<void> {
    return this.#file.remove();
  }
}

class KeyringStore implements CredentialStore {
  readonly #keyring: Keyring;
  readonly #file: FileStore;
  readonly #log: Logger;

  constructor(keyring: Keyring, file: FileStore, log: Logger) {
    this.#keyring = keyring;
    this.#file = file;
    this.#log = log;
  }

  async load(): Promise<StoredCredentials | null> {
    try {
      const text = await this.#keyring.read();
      return text === null ? null : parseCredentials(text);
    } catch (error) {
      this.#log.warn(AREA, 'stored-login-unreadable', { place: 'keyring', reason: messageOf(error) });
      return null;
    }
  }

  /** A copy in the file would outlive the entry, so it goes. */
  async save(credentials: StoredCredentials): Promise<void> {
    await this.#keyring.write(JSON.stringify(credentials));
    await this.#file.remove();
  }

  async remove(): Promise<void> {
    await this.#keyring.remove();
    await this.#file.remove();
  }
}

/** The keyring, and the file wherever that fails. */
class AutoStore implements CredentialStore {
  readonly #inKeyring: KeyringStore;
  readonly #file: FileStore;
  readonly #log: Logger;
  #hasFallenBack = false;

  constructor(keyring: Keyring, file: FileStore, log: Logger) {
    this.#inKeyring = new KeyringStore(keyring, file, log);
    this.#file = file;
    this.#log = log;
  }

  async load(): Promise<StoredCredentials | null> {
    return (await this.#inKeyring.load()) ?? this.#file.load();
  }

  async save(credentials: StoredCredentials): Promise<void> {
    try {
      await this.#inKeyring.save(credentials);
    } catch (error) {
      this.#fallBack(error);
      await this.#file.save(credentials);
    }
  }

  async remove(): Promise<void> {
    try {
      await this.#inKeyring.remove();
    } catch (error) {
      this.#fallBack(error);
      await this.#file.remove();
    }
  }

  #fallBack(error: unknown): void {
    if (this.#hasFallenBack) return;
    this.#hasFallenBack = true;
    this.#log.warn(AREA, 'keyring-unusable', { reason: messageOf(error), instead: 'auth.json' });
  }
}

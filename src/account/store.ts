/**
 * Stores a login between starts. In: credentials. Out: the same, later. Four places: the file `auth.json`, the
 * system's keyring, the keyring with the file as a fallback, or only this process's memory.
 *
 * A failed read does not mean that nothing is stored: a lack of descriptors must not log anybody out.
 */
import { delay } from '../base/abort.ts';
import { messageOf } from '../base/errors.ts';
import { fileFingerprint } from '../base/file-fingerprint.ts';
import type { Logger } from '../base/log.ts';
import { CredentialsFile } from './credentials-file.ts';
import type { CredentialsLock } from './credentials-lock.ts';
import type { Keyring } from './keyring.ts';
import { parseCredentials, type StoredCredentials } from './stored-credentials.ts';

export interface CredentialStore {
  /** null if nothing is stored. Rejects if that is unknown, or if the stored credentials are invalid. */
  read(): Promise<StoredCredentials | null>;
  save(credentials: StoredCredentials): Promise<void>;
  /** Why `save` would fail, as far as that is known in advance; null if there is no known problem. */
  saveProblem(): Promise<unknown>;
  /** Succeeds if there is nothing to remove. */
  remove(): Promise<void>;
}

const AREA = 'account';

/** A file, and its state when this process last read it. */
export interface SeenFile {
  readonly path: string;
  readonly fingerprint: string;
}

/** A store with sequential operations within this process; changes are also locked against other processes. */
export class OrderedStore {
  readonly #inner: CredentialStore;
  readonly #lock: CredentialsLock;
  readonly #log: Logger;
  readonly #path: string | null;
  #last: Promise<unknown> = Promise.resolve();
  #fingerprint = '';

  /** `path` is the file that changes with the stored credentials; null if there is none. */
  constructor(
    inner: CredentialStore,
    { lock, log, path }: { lock: CredentialsLock; log: Logger; path: string | null },
  ) {
    this.#inner = inner;
    this.#lock = lock;
    this.#log = log;
    this.#path = path;
  }

  /** The file's state after the last operation; null if nothing is stored in a file. */
  get seen(): SeenFile | null {
    return this.#path === null ? null : { path: this.#path, fingerprint: this.#fingerprint };
  }

  /** null if there is nothing usable, which is logged. Never rejects. */
  load(): Promise<StoredCredentials | null> {
    return this.read().catch((error: unknown) => {
      this.#log.warn(AREA, 'stored-login-unreadable', { reason: messageOf(error) });
      return null;
    });
  }

  /** null if nothing is stored. Rejects if that is unknown. */
  read(): Promise<StoredCredentials | null> {
    return this.#queue(async () => {
      await this.#readFingerprint(); // before the read, so that a change in between is noticed later
      return this.#inner.read();
    });
  }

  save(credentials: StoredCredentials): Promise<void> {
    return this.#change(() => this.#inner.save(credentials));
  }

  saveProblem(): Promise<unknown> {
    return this.#queue(() => this.#inner.saveProblem());
  }

  remove(): Promise<void> {
    return this.#change(() => this.#inner.remove());
  }

  /**
   * Reads the stored credentials and replaces them atomically, unless `change` returns null. Also rejects with its
   * error.
   */
  update(change: (stored: StoredCredentials | null) => StoredCredentials | null): Promise<void> {
    return this.#change(async () => {
      const changed = change(await this.#inner.read());
      if (changed !== null) await this.#inner.save(changed);
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    return this.#queue(() =>
      this.#lock.changing(async () => {
        await work();
        await this.#readFingerprint();
      }),
    );
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #readFingerprint(): Promise<void> {
    if (this.#path !== null) this.#fingerprint = await fileFingerprint(this.#path);
  }
}

export type StoreKind = 'file' | 'keyring' | 'auto' | 'ephemeral';

export interface StoreParts {
  readonly codexHome: string;
  readonly keyring: Keyring;
  readonly lock: CredentialsLock;
  readonly log: Logger;
}

export function openStore(kind: StoreKind, parts: StoreParts): OrderedStore {
  const { codexHome, lock, log } = parts;
  const file = new CredentialsFile(codexHome);
  const path = kind === 'file' || kind === 'auto' ? file.path : null;
  return new OrderedStore(storeOf(kind, file, parts), { lock, log, path });
}

function storeOf(kind: StoreKind, credentials: CredentialsFile, { keyring, log }: StoreParts): CredentialStore {
  const file = new FileStore(credentials);
  switch (kind) {
    case 'file':
      return file;
    case 'keyring':
      return new KeyringStore(keyring, file);
    case 'auto':
      return new AutoStore(keyring, file, log);
    case 'ephemeral':
      return new MemoryStore();
  }
}

const NO_PROBLEM = Promise.resolve(null);

class MemoryStore implements CredentialStore {
  #stored: StoredCredentials | null = null;

  async read(): Promise<StoredCredentials | null> {
    return this.#stored;
  }

  async save(credentials: StoredCredentials): Promise<void> {
    this.#stored = credentials;
  }

  saveProblem(): Promise<null> {
    return NO_PROBLEM;
  }

  async remove(): Promise<void> {
    this.#stored = null;
  }
}

/** How long a program that writes in place may leave the file empty or incomplete. */
const PARTIAL_WRITE_MS = 40;
const MAX_READS = 4;

class FileStore implements CredentialStore {
  readonly #file: CredentialsFile;

  constructor(file: CredentialsFile) {
    this.#file = file;
  }

  async read(): Promise<StoredCredentials | null> {
    for (let reads = 1; ; reads += 1) {
      const text = await this.#file.read();
      try {
        if (text === null || (text.trim() === '' && reads === MAX_READS)) return null;
        return parseCredentials(text);
      } catch (error) {
        if (reads === MAX_READS) throw error;
      }
      await delay(PARTIAL_WRITE_MS, NEVER);
    }
  }

  save(credentials: StoredCredentials): Promise<void> {
    return this.#file.write(JSON.stringify(credentials, null, 2));
  }

  saveProblem(): Promise<unknown> {
    return this.#file.writeProblem();
  }

  remove(): Promise<void> {
    return this.#file.remove();
  }
}

const NEVER = new AbortController().signal;

class KeyringStore implements CredentialStore {
  readonly #keyring: Keyring;
  readonly #file: FileStore;

  constructor(keyring: Keyring, file: FileStore) {
    this.#keyring = keyring;
    this.#file = file;
  }

  async read(): Promise<StoredCredentials | null> {
    const text = await this.#keyring.read();
    return text === null ? null : parseCredentials(text);
  }

  /** Removes the file, because a copy in it would outlive the entry. */
  async save(credentials: StoredCredentials): Promise<void> {
    await this.#keyring.write(JSON.stringify(credentials));
    await this.#file.remove();
  }

  /** Only the keyring itself knows. */
  saveProblem(): Promise<null> {
    return NO_PROBLEM;
  }

  async remove(): Promise<void> {
    await this.#keyring.remove();
    await this.#file.remove();
  }
}

/** The keyring, and the file as a fallback. */
class AutoStore implements CredentialStore {
  readonly #inKeyring: KeyringStore;
  readonly #file: FileStore;
  readonly #log: Logger;
  #usesFile = false;

  constructor(keyring: Keyring, file: FileStore, log: Logger) {
    this.#inKeyring = new KeyringStore(keyring, file);
    this.#file = file;
    this.#log = log;
  }

  async read(): Promise<StoredCredentials | null> {
    const inKeyring = await this.#inKeyring.read().catch((error: unknown) => {
      this.#log.warn(AREA, 'stored-login-unreadable', { place: 'keyring', reason: messageOf(error) });
      return null;
    });
    return inKeyring ?? this.#file.read();
  }

  async save(credentials: StoredCredentials): Promise<void> {
    try {
      await this.#inKeyring.save(credentials);
    } catch (error) {
      this.#switchToFile(error);
      await this.#file.save(credentials);
    }
  }

  saveProblem(): Promise<unknown> {
    return this.#usesFile ? this.#file.saveProblem() : NO_PROBLEM;
  }

  async remove(): Promise<void> {
    try {
      await this.#inKeyring.remove();
    } catch (error) {
      this.#switchToFile(error);
      await this.#file.remove();
    }
  }

  #switchToFile(error: unknown): void {
    if (this.#usesFile) return;
    this.#usesFile = true;
    this.#log.warn(AREA, 'keyring-unusable', { reason: messageOf(error), instead: 'auth.json' });
  }
}

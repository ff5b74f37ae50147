/**
 * The system's keyring: one entry for each CODEX_HOME. In: text. Out: the same. The library is native and optional,
 * so it is loaded on first use; every failure names what is missing.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { AppError, messageOf } from '../base/errors.ts';

export interface Keyring {
  /** null if there is no entry. All three reject with AppError `io-failed`. */
  read(): Promise<string | null>;
  write(content: string): Promise<void>;
  remove(): Promise<void>;
}

/** The part of the library that is used. */
export interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}
export type OpenEntry = (service: string, account: string) => Promise<KeyringEntry>;

const SERVICE = 'Codex Auth';
/** A keyring that asks the user for a password can block for long. */
const LIMIT_MS = 30_000;

/** The entry's account: `cli|` and 16 hex digits of the folder's hash. Observed on codex app-server 0.94.0. */
export function entryName(codexHome: string): string {
  const digest = createHash('sha256').update(canonical(codexHome)).digest('hex');
  return `cli|${digest.slice(0, 16)}`;
}

function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // missing until the first login creates it
  }
}

export function systemKeyring(codexHome: string, openEntry: OpenEntry = openSystemEntry): Keyring {
  const use = async <T>(verb: string, work: (entry: KeyringEntry) => Promise<T>): Promise<T> => {
    try {
      return await bounded(openEntry(SERVICE, entryName(codexHome)).then(work));
    } catch (error) {
      throw new AppError('io-failed', `failed to ${verb} keyring: ${messageOf(error)}`, { cause: error });
    }
  };
  return {
    read: () => use('read from', (entry) => entry.getPassword()),
    write: (content) => use('write to', (entry) => entry.setPassword(content)),
    remove: async () => {
      await use('delete auth from', (entry) => entry.deleteCredential());
    },
  };
}

async function openSystemEntry(service: string, account: string): Promise<KeyringEntry> {
  const library = await import('@napi-rs/keyring').catch(() => undefined);
  if (library === undefined) throw new Error('the optional package @napi-rs/keyring is not installed');
  try {
    // The other store on Linux is the kernel's, which forgets the entry at a reboot.
    return new library.AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  } catch (cause) {
    throw new Error(`no keyring service is running for this user (${messageOf(cause)})`, { cause });
  }
}

function bounded<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the keyring does not answer')), LIMIT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

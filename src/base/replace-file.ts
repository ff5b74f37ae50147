/**
 * Replaces files: the only way in which existing files are rewritten.
 *
 * In: a path and its new content. Out: the file, whole for every reader. Written beside its place and renamed, so that neither a
 * reader nor a crash meets half of it. A symbolic link stays one; what it leads to is replaced. Owner, group and, where wanted, mode
 * stay what they were. Where the name cannot be given to another file (a file that is mounted by itself, one with a second name,
 * a folder that is read-only, an owner that is not ours to give) the content is written over the old one in place: callers that
 * share the file hold a lock (`file-lock.ts`), since readers may then meet it half written. No state.
 */
import { randomUUID } from 'node:crypto';
import * as system from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from './os-error.ts';
import { NotRegularFile, openRegular } from './regular-file.ts';

/** Yields the content in chunks, for content that should not be in memory as a whole. */
export type ContentWriter = (append: (part: string | Uint8Array) => Promise<void>) => Promise<void>;

export interface ReplaceOptions {
  /** Permission bits of a file that is made, less the process's mask. */
  readonly mode: number;
  /** Of a file that is there: `kept` as they are, or `set` to `mode`, for secrets. */
  readonly modeOfExisting: 'kept' | 'set';
  /** File system calls, replaced in tests. */
  readonly calls?: FileCalls;
}

export type FileCalls = Pick<typeof system, 'open' | 'rename'>;

/** No write takes this long: an older draft was left by a crashed process. */
export const ABANDONED_AFTER_MS = 60_000;
const MOST_LINKS = 40;
const CHUNK_BYTES = 1024 * 1024;
/** The suffix of all draft names. */
export const DRAFT = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Nothing can be made beside the file, or not with its owner. A full disk is not among them: the old content would be lost. */
const NO_DRAFT = new Set(['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG']);
/** The name cannot be given to another file: it is mounted, running, open on Windows, or marked as immutable. */
const NO_RENAME = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV', 'ETXTBSY']);

/**
 * Replaces or makes a file; folders are made. Rejects with the file system's error or `NotRegularFile`; the old content is then
 * still there, unless a write in place broke off.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array | ContentWriter,
  options: ReplaceOptions,
): Promise<void> {
  const target = await linkedPath(path);
  await system.mkdir(dirname(target), { recursive: true });
  const before = await system.lstat(target).catch(() => null);
  if (before !== null && !before.isFile()) throw new NotRegularFile(before);
  const write = writerOf(content);
  if (before === null) return replaceByName({ target, before, write, options });
  if (before.nlink > 1) return writeInPlace(target, await collected(write), options);
  await replaceByName({ target, before, write, options });
}

/**
 * Why a file could not be replaced, when that is known beforehand; null when nothing speaks against it. Leaves nothing behind.
 */
export async function replaceProblem(path: string): Promise<unknown> {
  const target = await linkedPath(path);
  try {
    await using _ = await openRegular(target, system.constants.O_WRONLY);
    return null;
  } catch (error) {
    // Without leave to write to the file itself a folder may still let it be replaced, but not across a read-only mount.
    if (!['ENOENT', 'EACCES', 'EPERM'].includes(errorCode(error))) return error;
    return system.access(await closestFolder(dirname(target)), system.constants.W_OK).then(
      () => null,
      (why: unknown) => why,
    );
  }
}

/** The nearest existing folder on the path to `folder`. */
async function closestFolder(folder: string): Promise<string> {
  let at = folder;
  while (dirname(at) !== at && (await system.stat(at).catch(() => null)) === null) at = dirname(at);
  return at;
}

/** The end of a chain of links, even if it does not exist. */
export async function linkedPath(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const next = await system.readlink(at).catch(() => null);
    if (next === null) break;
    at = resolve(await system.realpath(dirname(at)), next);
  }
  return at;
}

interface Replacement {
  readonly target: string;
  readonly before: Stats | null;
  readonly write: ContentWriter;
  readonly options: ReplaceOptions;
}

type Stats = Awaited<ReturnType<typeof system.lstat>>;

async function replaceByName({ target, before, write, options }: Replacement): Promise<void> {
  const { open, rename } = options.calls ?? system;
  const draft = `${target}.${randomUUID()}.tmp`;
  let file: system.FileHandle;
  try {
    file = await open(draft, 'wx', before === null ? options.mode : 0o600);
  } catch (error) {
    if (before === null || !NO_DRAFT.has(errorCode(error))) throw error;
    return writeInPlace(target, await collected(write), options);
  }
  try {
    const isLike = await fill(file, { target, before, write, options });
    const refusal: unknown = isLike ? await rename(draft, target).then(() => null, valueOfError) : null;
    if (isLike && refusal === null) return await syncFolder(dirname(target));
    if (before === null || (isLike && !NO_RENAME.has(errorCode(refusal)))) throw refusal;
    await copyInPlace(draft, target, options);
  } finally {
    await system.rm(draft, { force: true }).catch(() => undefined);
    await sweep(target);
  }
}

const valueOfError = (error: unknown): unknown => error;

/** Writes and closes a draft; false when it cannot be given the owner of the file that was there. */
async function fill(file: system.FileHandle, { before, write, options }: Replacement): Promise<boolean> {
  try {
    await write((part) => file.appendFile(bytesOf(part)));
    const isLike = before === null || (await becomeLike(file, before, options));
    await file.sync(); // a crash right after the move must not leave an empty file
    return isLike;
  } finally {
    await file.close();
  }
}

/** Sets owner, group and mode; false if the owner cannot be set. */
async function becomeLike(file: system.FileHandle, before: Stats, options: ReplaceOptions): Promise<boolean> {
  const own = await file.stat();
  if (own.uid !== before.uid || own.gid !== before.gid) {
    const isGiven = await file.chown(Number(before.uid), Number(before.gid)).then(
      () => true,
      () => false,
    );
    if (!isGiven) return false;
  }
  await file.chmod(options.modeOfExisting === 'set' ? options.mode : Number(before.mode) & 0o777);
  return true;
}

const writerOf = (content: string | Uint8Array | ContentWriter): ContentWriter =>
  typeof content === 'function' ? content : (append) => append(content);

const bytesOf = (part: string | Uint8Array): Uint8Array => (typeof part === 'string' ? Buffer.from(part) : part);

async function collected(write: ContentWriter): Promise<Source> {
  const parts: Uint8Array[] = [];
  await write(async (part) => void parts.push(bytesOf(part)));
  const all = Buffer.concat(parts);
  return { sizeBytes: all.length, read: async (from, to) => all.subarray(from, to) };
}

/** New content that can be read in pieces. */
interface Source {
  readonly sizeBytes: number;
  read(from: number, to: number): Promise<Uint8Array>;
}

async function copyInPlace(draft: string, target: string, options: ReplaceOptions): Promise<void> {
  await using file = await system.open(draft, 'r');
  const { size } = await file.stat();
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  };
  await writeInPlace(target, { sizeBytes: size, read }, options);
}

/** What makes the file longer is written first: a full disk then shows before anything of the old content is gone. */
async function writeInPlace(target: string, source: Source, { mode, modeOfExisting }: ReplaceOptions): Promise<void> {
  await using file = await openRegular(target, system.constants.O_RDWR);
  const { size: oldBytes } = await file.stat();
  if (modeOfExisting === 'set') await file.chmod(mode).catch(() => undefined); // not ours: its owner has decided who reads it
  try {
    await copyRange(source, file, { from: oldBytes, to: source.sizeBytes });
    await file.sync();
  } catch (error) {
    await file.truncate(oldBytes);
    throw error;
  }
  await copyRange(source, file, { from: 0, to: Math.min(oldBytes, source.sizeBytes) });
  await file.truncate(source.sizeBytes);
  await file.sync();
}

async function copyRange(
  source: Source,
  file: system.FileHandle,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let at = from; at < to; ) {
    const part = await source.read(at, Math.min(to, at + CHUNK_BYTES));
    if (part.length === 0) throw new Error('the new content ended early');
    for (let done = 0; done < part.length; ) {
      done += (await file.write(part, done, part.length - done, at + done)).bytesWritten;
    }
    at += part.length;
  }
}

/** Without this a crash may undo the rename. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await system.open(path, 'r');
    await folder.sync();
  } catch {
    // not supported everywhere; the file itself is complete
  }
}

/** Deletes stale drafts of a file. */
export const sweep = (target: string): Promise<void> =>
  sweepDrafts(dirname(target), (name) => name.startsWith(`${basename(target)}.`));

/** The same for all files of a folder, or for drafts whose names match. Never rejects. */
export async function sweepDrafts(folder: string, isMeant: (name: string) => boolean = () => true): Promise<void> {
  const names = await system.readdir(folder).catch(() => []);
  for (const name of names.filter((each) => DRAFT.test(each) && isMeant(each))) {
    const draft = join(folder, name);
    const ageMs = Date.now() - ((await system.lstat(draft).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (ageMs > ABANDONED_AFTER_MS) await system.rm(draft, { force: true }).catch(() => undefined);
  }
}

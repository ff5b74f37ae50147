/**
 * Heads as they are kept between runs: one line of JSON for each file, between a line that names the format and one with a
 * checksum. What is kept is never more than a hint: a head counts only while its file still has the stamp that stands beside it.
 */
import { createHash, type Hash } from 'node:crypto';
import { decodePayload } from '../decode.ts';
import type { SessionMeta } from '../entries.ts';
import { isNumber, isRecord, isString } from '../json.ts';
import type { ListedHead, Stamp } from './listed-file.ts';

export interface SavedHead {
  /** Below CODEX_HOME. */
  readonly path: string;
  readonly stamp: Stamp;
  /** null: no thread. */
  readonly head: ListedHead | null;
}

/** To be raised whenever heads are read in another way. */
const FORMAT = '{"format":"shardex-thread-index","version":2}\n';
const LINE_END = 0x0a;

/** Encodes head by head, with the checksum at the end. */
export class SavedHeadsEncoder {
  readonly #hash: Hash = createHash('sha256');
  #heads = 0;

  begin(): string {
    return this.#counted(FORMAT);
  }

  add({ path, stamp: { mtimeMs, sizeBytes, inode }, head }: SavedHead): string {
    this.#heads += 1;
    return this.#counted(`${JSON.stringify([path, mtimeMs, sizeBytes, inode, head === null ? null : plain(head)])}\n`);
  }

  end(): string {
    return `${JSON.stringify({ heads: this.#heads, sha256: this.#hash.digest('hex') })}\n`;
  }

  #counted(text: string): string {
    this.#hash.update(text);
    return text;
  }
}

/** null for bytes that are not whole, not of this format, or were changed by anybody. Never throws. */
export function decodeSavedHeads(bytes: Buffer): SavedHead[] | null {
  const end = bytes.lastIndexOf(LINE_END, -2) + 1;
  const trailer = parsed(bytes.toString('utf8', end));
  const body = bytes.subarray(0, end);
  if (!isRecord(trailer) || trailer.sha256 !== createHash('sha256').update(body).digest('hex')) return null;
  if (body.toString('utf8', 0, FORMAT.length) !== FORMAT) return null;
  const heads: SavedHead[] = [];
  for (let from = FORMAT.length; from < body.length; ) {
    const to = body.indexOf(LINE_END, from);
    const head = decodeLine(parsed(body.toString('utf8', from, to)));
    if (head === null) return null;
    heads.push(head);
    from = to + 1;
  }
  return heads.length === trailer.heads ? heads : null;
}

/** A fork's second head is written only where there is one. */
const plain = ({ meta, lastMeta, preview, isCut, isListable }: ListedHead): object => ({
  meta,
  ...(lastMeta === meta ? {} : { last: lastMeta }),
  preview,
  isCut,
  isListable,
});

function decodeLine(line: unknown): SavedHead | null {
  if (!Array.isArray(line)) return null;
  const [path, mtimeMs, sizeBytes, inode, value]: unknown[] = line;
  if (!isString(path) || !isNumber(mtimeMs) || !isNumber(sizeBytes) || !isNumber(inode)) return null;
  const stamp = { mtimeMs, sizeBytes, inode };
  if (value === null) return { path, stamp, head: null };
  const head = decodeHead(value);
  return head === null ? null : { path, stamp, head };
}

function decodeHead(value: unknown): ListedHead | null {
  if (!isRecord(value)) return null;
  const { preview, isCut, isListable } = value;
  const meta = metaOf(value.meta);
  const lastMeta = value.last === undefined ? meta : metaOf(value.last);
  if (meta === null || lastMeta === null || (preview !== null && !isString(preview))) return null;
  if (typeof isCut !== 'boolean' || typeof isListable !== 'boolean') return null;
  return { meta, lastMeta, preview, isCut, isListable };
}

function metaOf(payload: unknown): SessionMeta | null {
  const entry = decodePayload({ type: 'session_meta', payload });
  return entry?.type === 'session_meta' ? entry.payload : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whoever asked for it refuses what is undefined
  }
}

/**
 * Heads as they are kept between runs: one line of JSON for each file, between a line that names the format and one with a
 * checksum. What is kept is never more than a hint: a head counts only while its file still has the stamp that stands beside it.
 */
import { createHash, type Hash } from 'node:crypto';
import { rawJsonIn } from '../../base/json/parse.ts';
import * as s from '../../base/json/schema.ts';
import { SessionMeta } from '../entries.ts';
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

const Trailer = s.object({ heads: s.number, sha256: s.string });

const Head = s.changed(
  s.object({
    meta: SessionMeta,
    last: s.optional(SessionMeta),
    preview: s.nullable(s.string),
    isCut: s.boolean,
    isListable: s.boolean,
  }),
  ({ last, ...head }): ListedHead => ({ ...head, lastMeta: last ?? head.meta }),
);

const HeadLine = s.changed(
  s.tuple(s.string, s.number, s.number, s.number, s.nullable(Head)),
  ([path, mtimeMs, sizeBytes, inode, head]): SavedHead => ({ path, stamp: { mtimeMs, sizeBytes, inode }, head }),
);

/** null for bytes that are not whole, not of this format, or were changed by anybody. Never throws. */
export function decodeSavedHeads(bytes: Buffer): SavedHead[] | null {
  const end = bytes.lastIndexOf(LINE_END, -2) + 1;
  const trailer = s.readOrNull(Trailer, rawJsonIn(bytes.toString('utf8', end)));
  const body = bytes.subarray(0, end);
  if (trailer?.sha256 !== createHash('sha256').update(body).digest('hex')) return null;
  if (body.toString('utf8', 0, FORMAT.length) !== FORMAT) return null;
  const heads: SavedHead[] = [];
  for (let from = FORMAT.length; from < body.length; ) {
    const to = body.indexOf(LINE_END, from);
    const head = s.readOrNull(HeadLine, rawJsonIn(body.toString('utf8', from, to)));
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

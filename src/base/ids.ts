/**
 * UUIDs. In: any spelling a client may use. Out: the lower-case hyphenated form, or the parser's text that clients match on.
 */
import { randomUUID } from 'node:crypto';

/** Fills the random part of an id; replaced in tests. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

export type UuidParse =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string };

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SIMPLE = /^[0-9a-f]{32}$/i;
const URN_PREFIX = 'urn:uuid:';
const CANONICAL_LENGTH = 36;
/** Where each of the five groups starts in the hyphenated form, and how long it is. */
const GROUP_STARTS = [0, 9, 14, 19, 24] as const;
const GROUP_LENGTHS = [8, 4, 4, 4, 12] as const;

const hyphenate = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

/**
 * At most ten bytes. Node generates the bytes of its own UUIDs in batches; threads that generate them one by one block each other.
 * The fixed bits of a UUID are at the same place in every version.
 */
const pooledBytes: RandomBytes = (sizeBytes) =>
  Buffer.from(randomUUID().replaceAll('-', ''), 'hex').subarray(6, 6 + sizeBytes);

/** A version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, then random bits. */
export function uuidV7(nowMs: number = Date.now(), random: RandomBytes = pooledBytes): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.set(random(10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return hyphenate(bytes.toString('hex'));
}

/** Whether `text` is the hyphenated form, in either case. */
export const isUuid = (text: string): boolean => CANONICAL.test(text);

/** What is left of `text` without braces or the URN prefix, when exactly a hyphenated UUID's length is left. */
function unwrap(text: string): string {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : undefined;
  const urn = text.startsWith(URN_PREFIX) ? text.slice(URN_PREFIX.length) : undefined;
  const found = inner ?? urn;
  return found !== undefined && Buffer.byteLength(found) === CANONICAL_LENGTH ? found : text;
}

/**
 * Reads a UUID in any spelling: hyphenated, 32 digits, braced, or as URN; upper or lower case.
 * The failure texts, with their positions, were observed on codex app-server 0.94.0.
 */
export function parseUuid(text: string): UuidParse {
  const bare = unwrap(text);
  if (CANONICAL.test(bare)) return { ok: true, value: bare.toLowerCase() };
  if (SIMPLE.test(bare)) return { ok: true, value: hyphenate(bare.toLowerCase()) };
  return { ok: false, message: explain(bare) };
}

function explain(text: string): string {
  const braced = text.length >= 2 && text.startsWith('{') && text.endsWith('}');
  const urn = text.startsWith(URN_PREFIX);
  const offset = braced ? 1 : urn ? URN_PREFIX.length : 0;
  const body = text.slice(offset, braced ? -1 : undefined);

  const bad = /[^0-9a-f-]/iu.exec(body);
  if (bad !== null) {
    const expected = 'expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]';
    return `invalid character: ${expected}, found \`${bad[0]}\` at ${bad.index + offset + 1}`;
  }
  const groups = body.split('-');
  if (groups.length === 1 && offset === 0) {
    return `invalid length: expected length 32 for simple format, found ${text.length}`;
  }
  if (groups.length !== GROUP_LENGTHS.length) return `invalid group count: expected 5, found ${groups.length}`;
  return explainGroups(body, text.length);
}

/** The first group whose end is not where it belongs; the last one is measured to the end of the whole text. */
function explainGroups(body: string, wholeLength: number): string {
  let from = 0;
  for (const [group, start] of GROUP_STARTS.entries()) {
    const hyphen = body.indexOf('-', from);
    const length = (hyphen === -1 ? wholeLength : hyphen) - start;
    const expected = GROUP_LENGTHS[group];
    if (length !== expected || hyphen === -1) {
      return `invalid group length in group ${group}: expected ${expected}, found ${length}`;
    }
    from = hyphen + 1;
  }
  return 'invalid group length';
}

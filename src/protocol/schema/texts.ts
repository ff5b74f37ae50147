/**
 * Strings with a rule of their own, and what is said of one that breaks it.
 * The sentences are those of codex app-server 0.94.0: clients match on them.
 */
import { isAbsolute } from 'node:path';

const GROUP_LENGTHS = [8, 4, 4, 4, 12] as const;
const UUID =
  /^(?:[0-9a-f]{32}|(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})$/i;
const UUID_CHARACTER = /^[0-9a-f-]$/i;

const unwrap = (text: string): { readonly inner: string; readonly offset: number; readonly bare: boolean } => {
  if (text.startsWith('urn:uuid:')) return { inner: text.slice(9), offset: 9, bare: false };
  if (text.startsWith('{') && text.endsWith('}') && text.length > 1)
    return { inner: text.slice(1, -1), offset: 1, bare: false };
  return { inner: text, offset: 0, bare: true };
};

/**
 * Why a text is not a UUID, or undefined when it is one. Accepted: 32 hexadecimal digits, the hyphenated form, and the
 * hyphenated form in braces or after `urn:uuid:`. Positions count bytes from 1.
 */
export const uuidProblem = (text: string): string | undefined => {
  if (UUID.test(text)) return undefined;
  const { inner, offset, bare } = unwrap(text);
  let position = offset;
  for (const character of inner) {
    if (!UUID_CHARACTER.test(character)) {
      return `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], found \`${character}\` at ${position + 1}`;
    }
    position += Buffer.byteLength(character);
  }
  const groups = inner.split('-');
  if (bare && groups.length === 1) return `invalid length: expected length 32 for simple format, found ${inner.length}`;
  if (groups.length !== GROUP_LENGTHS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const index = groups.findIndex((group, at) => group.length !== GROUP_LENGTHS[at]);
  return `invalid group length in group ${index}: expected ${GROUP_LENGTHS[index]}, found ${groups[index]?.length}`;
};

/** The same for ids whose decoder names itself first. */
export const prefixedUuidProblem = (text: string): string | undefined => {
  const problem = uuidProblem(text);
  return problem === undefined ? undefined : `UUID parsing failed: ${problem}`;
};

export const absolutePathProblem = (text: string): string | undefined =>
  isAbsolute(text) ? undefined : 'AbsolutePathBuf deserialized without a base path';

/**
 * Strings with a rule of their own, and what is said of one that breaks it.
 * The sentences are those of codex app-server 0.94.0: clients match on them.
 */
import { isAbsolute } from 'node:path';
import { parseUuid } from '../../base/ids.ts';

/** Why a text is not a UUID, or undefined when it is one, in any spelling. */
export const uuidProblem = (text: string): string | undefined => {
  const parsed = parseUuid(text);
  return parsed.ok ? undefined : parsed.message;
};

/** The same for ids whose decoder names itself first. */
export const prefixedUuidProblem = (text: string): string | undefined => {
  const problem = uuidProblem(text);
  return problem === undefined ? undefined : `UUID parsing failed: ${problem}`;
};

/** Why a text is no absolute path; undefined when it is one. */
export const absolutePathProblem = (text: string): string | undefined =>
  isAbsolute(text) ? undefined : 'AbsolutePathBuf deserialized without a base path';

/**
 * The rules files of a user, a project and an administrator. In: configuration folders. Out: one policy of all their
 * rules, and what is wrong with the files left out of it. Nothing is kept between calls.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { isNotFound, osErrorText } from '../base/os-error.ts';
import { ExecPolicy, type PrefixRule } from './policy.ts';
import { parseRules } from './prefix-rule.ts';
import { StarlarkError, type TextRange } from './starlark/fault.ts';

/** A file whose rules are not in force; has the shape of a `configWarning`. */
export interface RuleProblem {
  readonly summary: string;
  readonly details: string;
  readonly path: string;
  readonly range: TextRange;
}

/** Rules that cannot be read at all: code `rules-unreadable`, a message that begins `failed to load rules: `. */
export class RulesUnreadable extends AppError {
  constructor(reason: string, cause: unknown) {
    super('rules-unreadable', `failed to load rules: ${reason}`, { cause });
  }
}

export const BAD_RULES_SUMMARY = 'Error parsing rules; custom rules not applied.';

export interface LoadedRules {
  readonly policy: ExecPolicy;
  /** In the order of the files. */
  readonly problems: readonly RuleProblem[];
}

/**
 * Reads `rules/*.rules` of each folder, the lowest layer first and by file name within a folder. All rules add up; a
 * file with a fault in it gives none. A folder that is missing is fine; rejects with RulesUnreadable for one that cannot
 * be read, and for a file that cannot be read or is not UTF-8.
 */
export async function loadExecPolicy(folders: readonly string[]): Promise<LoadedRules> {
  const rules: PrefixRule[] = [];
  const problems: RuleProblem[] = [];
  for (const folder of new Set(folders)) {
    for (const path of await ruleFiles(join(folder, 'rules'))) {
      const text = await readText(path);
      if (text === null) continue;
      const parsed = parseFile(path, text);
      if ('summary' in parsed) problems.push(parsed);
      else rules.push(...parsed);
    }
  }
  return { policy: new ExecPolicy(rules), problems };
}

/** Regular files only: a link is not followed. */
async function ruleFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && extname(entry.name) === '.rules');
    return files.map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (isNotFound(error)) return [];
    throw new RulesUnreadable(`failed to read rules files from ${folder}: ${osErrorText(error)}`, error);
  }
}

/** null when the file has gone since the folder was listed. */
async function readText(path: string): Promise<string | null> {
  const unreadable = (error: unknown, reason: string): RulesUnreadable =>
    new RulesUnreadable(`failed to read rules file ${path}: ${reason}`, error);
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw unreadable(error, osErrorText(error));
  });
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unreadable(error, 'stream did not contain valid UTF-8');
  }
}

function parseFile(path: string, text: string): PrefixRule[] | RuleProblem {
  try {
    return parseRules(text);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    const { line, column } = error.range.start;
    const details = `failed to parse rules file ${path}: ${line}:${column}: ${error.message}`;
    return { summary: BAD_RULES_SUMMARY, details, path, range: error.range };
  }
}

/**
 * The rules files of a user, a project and an administrator. In: configuration folders. Out: one policy of all their
 * rules, and what is wrong with the files left out of it. Nothing is kept between calls.
 */
import { opendir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { isNotFound, osErrorText } from '../base/os-error.ts';
import { FileTooLarge, NotRegularFile, readRegular } from '../base/regular-file.ts';
import { ExecPolicy, type PrefixRule } from './policy.ts';
import { parseRules } from './prefix-rule.ts';
import { type SourceRange, StarlarkError } from './starlark/fault.ts';
import { MAX_SOURCE_LENGTH, WorkBudget } from './starlark/run.ts';

/** A file whose rules are not in force; has the shape of a `configWarning`. */
interface RuleProblem {
  readonly summary: string;
  readonly details: string;
  readonly path: string;
  readonly range: SourceRange;
}

/** Rules that cannot be read at all: code `rules-unreadable`, a message that begins `failed to load rules: `. */
class RulesUnreadable extends AppError {
  constructor(reason: string, cause: unknown) {
    super('rules-unreadable', `failed to load rules: ${reason}`, { cause });
  }
}

/** For the files of all folders: a few seconds at worst. What is left out comes last, so it is never the user's for a project's. */
const ALL_FILES_UNITS = 4_000_000;
/** Opening a file costs something, whatever is in it. */
const FILE_UNITS = 1_000;
/** Names of any kind; more are no folder of rules. */
const MOST_NAMES = 2_000;

/** Four bytes for each character that the longest source may have. */
const FILE_LIMIT_BYTES = 4 * MAX_SOURCE_LENGTH;

export const LEFT_OUT_SUMMARY =
  'Rules of a project folder that is not trusted by name are left out where they allow commands.';

const BAD_RULES_SUMMARY = 'Error parsing rules; custom rules not applied.';

export interface PolicyFolder {
  readonly folder: string;
  /** false: rules that allow are left out and reported; those that ask or forbid count. */
  readonly mayAllow: boolean;
}

export interface LoadedRules {
  readonly policy: ExecPolicy;
  /** In the order of the files. */
  readonly problems: readonly RuleProblem[];
}

/**
 * Reads `rules/*.rules` of each folder, the lowest layer first and by file name within a folder. All rules add up; a
 * file with a fault in it gives none. A folder that is missing is fine; rejects with RulesUnreadable for one that cannot
 * be read, and for a file that cannot be read or is not UTF-8. `required` are those of the administrator.
 */
export async function loadExecPolicy(
  folders: readonly PolicyFolder[],
  required: readonly PrefixRule[] = [],
): Promise<LoadedRules> {
  const rules: PrefixRule[] = [...required];
  const problems: RuleProblem[] = [];
  const seen = new Set<string>();
  const budget = new WorkBudget(ALL_FILES_UNITS);
  for (const { folder, mayAllow } of folders) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const files = await ruleFiles(join(folder, 'rules'));
    if (files === null) problems.push(tooManyProblem(join(folder, 'rules')));
    for (const path of files ?? []) {
      if (budget.isSpent) {
        problems.push(tooManyProblem(join(folder, 'rules')));
        break;
      }
      budget.spend(FILE_UNITS);
      const text = await readText(path);
      if (text === null) continue;
      const parsed = typeof text === 'string' ? parseFile(path, text, budget) : text;
      if ('summary' in parsed) {
        problems.push(parsed);
        continue;
      }
      const counting = mayAllow ? parsed : parsed.filter(({ decision }) => decision !== 'allow');
      if (counting.length < parsed.length) problems.push(leftOutProblem(path, folder));
      for (const rule of counting) rules.push(rule);
    }
  }
  return { policy: new ExecPolicy(rules), problems };
}

/** Regular files only: a link is not followed. null for a folder of too many names. */
async function ruleFiles(folder: string): Promise<string[] | null> {
  try {
    const files: string[] = [];
    let count = 0;
    for await (const entry of await opendir(folder)) {
      count += 1;
      if (count > MOST_NAMES) return null;
      if (entry.isFile() && extname(entry.name) === '.rules') files.push(join(folder, entry.name));
    }
    return files.sort();
  } catch (error) {
    if (isNotFound(error)) return [];
    throw new RulesUnreadable(`failed to read rules files from ${folder}: ${osErrorText(error)}`, error);
  }
}

/** null when the file has gone since the folder was listed; a problem when it holds more than rules. */
async function readText(path: string): Promise<string | RuleProblem | null> {
  const unreadable = (error: unknown, reason: string): RulesUnreadable =>
    new RulesUnreadable(`failed to read rules file ${path}: ${reason}`, error);
  const bytes = await readRegular(path, FILE_LIMIT_BYTES).catch((error: unknown) => {
    if (isNotFound(error) || error instanceof NotRegularFile) return null;
    if (error instanceof FileTooLarge) return problemOf(path, error.message);
    throw unreadable(error, osErrorText(error));
  });
  if (bytes === null || !Buffer.isBuffer(bytes)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unreadable(error, 'stream did not contain valid UTF-8');
  }
}

function parseFile(path: string, text: string, budget: WorkBudget): PrefixRule[] | RuleProblem {
  try {
    return parseRules(text, budget);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    const { line, column } = error.range.start;
    const details = `failed to parse rules file ${path}: ${line}:${column}: ${error.message}`;
    return { summary: BAD_RULES_SUMMARY, details, path, range: error.range };
  }
}

/** For a project folder: `folder` is its `.codex`. */
function leftOutProblem(path: string, folder: string): RuleProblem {
  const start = { line: 1, column: 1 };
  const entry = `[projects.${JSON.stringify(dirname(folder))}]\ntrust_level = "trusted"`;
  const details = `For them to count, add to the config.toml of the user:\n\n${entry}\n`;
  return { summary: LEFT_OUT_SUMMARY, details, path, range: { start, end: start } };
}

const tooManyProblem = (folder: string): RuleProblem =>
  problemOf(folder, 'holds more than rules may cost, and not all of it counts');

function problemOf(path: string, reason: string): RuleProblem {
  const start = { line: 1, column: 1 };
  const details = `failed to load rules file ${path}: it ${reason}`;
  return { summary: BAD_RULES_SUMMARY, details, path, range: { start, end: start } };
}

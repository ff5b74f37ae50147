/** Rules that the user's answers add: lines at the end of `$CODEX_HOME/rules/default.rules`. */
import { constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { withFileLock } from '../base/file-lock.ts';
import { osErrorText } from '../base/os-error.ts';
import { openRegular } from '../base/regular-file.ts';
import { parseRules } from './prefix-rule.ts';

/**
 * Appends a rule that allows commands beginning with `prefix`, unless the file holds it already. Servers and threads may
 * append at once. Rejects with AppError: `invalid-rule` for a prefix that makes no rule, `io-failed` for the file.
 */
export async function appendAllowRule(codexHome: string, prefix: readonly string[]): Promise<void> {
  const line = ruleLine(prefix);
  const folder = join(codexHome, 'rules');
  const path = join(folder, 'default.rules');
  try {
    await mkdir(folder, { recursive: true });
    await withFileLock(`${path}.lock`, () => appendLine(path, line));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('io-failed', `failed to update rules file ${path}: ${osErrorText(error)}`, { cause: error });
  }
}

function ruleLine(prefix: readonly string[]): string {
  if (prefix.length === 0) throw new AppError('invalid-rule', 'a rule needs at least one word');
  const words = prefix.map((word) => JSON.stringify(word)).join(', ');
  const line = `prefix_rule(pattern=[${words}], decision="allow")`;
  try {
    // A line that cannot be read back would take all rules of the file out of force.
    parseRules(line);
  } catch (error) {
    throw new AppError('invalid-rule', 'the words cannot be written as a rule', { cause: error });
  }
  return line;
}

/** One write at the end: whatever others do to the file meanwhile, no line of theirs is lost. */
async function appendLine(path: string, line: string): Promise<void> {
  await using file = await openRegular(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
  const text = await file.readFile('utf8');
  if (text.split('\n').includes(line)) return;
  const ending = text === '' || text.endsWith('\n') ? '' : '\n';
  await file.appendFile(`${ending}${line}\n`);
}

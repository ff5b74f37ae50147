/** The skills that the user has disabled: `[[skills.config]]` in the user's config.toml. */
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError, messageOf } from '../base/errors.ts';
import { failureText, isNotFound } from '../base/os-error.ts';
import { replaceFile } from '../base/replace-file.ts';
import { editToml, type TomlEdit, TomlEditError } from './edit/edit.ts';
import { readConfigText } from './files.ts';
import { resolveConfigPath } from './path-keys.ts';
import { emptyTable, isTable, readToml, type TomlTable, type TomlValue } from './toml.ts';

export interface SkillSetting {
  /** Path of a SKILL.md, which need not exist. */
  readonly path: string;
  readonly enabled: boolean;
}

export interface SkillSettingPaths {
  readonly configFile: string;
  /** Base of relative paths in requests; those in the file are relative to its folder. */
  readonly processCwd: string;
  readonly homeFolder: string;
}

/**
 * Disables a skill by an entry of its own, or enables it by removing all its entries. Does not write if nothing
 * changes. Throws AppError `io-failed`.
 */
export async function writeSkillSetting(setting: SkillSetting, paths: SkillSettingPaths): Promise<void> {
  try {
    const text = await readConfigText(paths.configFile).catch((error: unknown) => {
      if (isNotFound(error)) return '';
      throw error;
    });
    const edited = editToml(text, await editsFor(setting, text, paths));
    if (edited !== text) await replaceFile(paths.configFile, edited, { mode: 0o600, modeOfExisting: 'kept' });
  } catch (error) {
    const isForeseen =
      error instanceof TomlEditError || error instanceof AppError || (error instanceof Error && 'syscall' in error);
    if (!isForeseen) throw error;
    const why = error instanceof TomlEditError ? `${paths.configFile}: ${messageOf(error)}` : failureText(error);
    throw new AppError('io-failed', `failed to update skill settings: ${why}`, { cause: error });
  }
}

async function editsFor(setting: SkillSetting, text: string, paths: SkillSettingPaths): Promise<TomlEdit[]> {
  const read = readToml(text);
  const skills = read.ok ? read.table.skills : undefined;
  const entries = isTable(skills) && Array.isArray(skills.config) ? skills.config : [];
  const asked = setting.path === '' ? null : await canonical(resolve(paths.processCwd, setting.path));
  const path = asked ?? setting.path;
  const found = await Promise.all(entries.map((entry) => isFor(entry, path, paths)));
  const indexes = [...found.keys()].filter((index) => found[index]);
  if (!setting.enabled) return disableEdits(indexes.length > 0 ? indexes : [entries.length], { path, entries });
  if (indexes.length === 0) return [];
  if (indexes.length < entries.length) {
    return indexes.reverse().map((index) => ({ kind: 'remove', path: ['skills', 'config', index] }));
  }
  const isLast = isTable(skills) && Object.keys(skills).length === 1;
  return [{ kind: 'remove', path: isLast ? ['skills'] : ['skills', 'config'] }];
}

const disableEdits = (
  indexes: readonly number[],
  { path, entries }: { readonly path: string; readonly entries: readonly TomlValue[] },
): TomlEdit[] =>
  indexes.map((index) => {
    const entry = entries[index];
    const value: TomlTable = Object.assign(emptyTable(), isTable(entry) ? entry : {}, { path, enabled: false });
    return { kind: 'set', path: ['skills', 'config', index], value };
  });

/** Whether an entry's path leads to the same file, or is the same text if there is no such file. */
async function isFor(entry: TomlValue, path: string, { configFile, homeFolder }: SkillSettingPaths): Promise<boolean> {
  const written = isTable(entry) ? entry.path : undefined;
  if (typeof written !== 'string') return false;
  if (written === path) return true;
  return (await canonical(resolveConfigPath(written, dirname(configFile), homeFolder))) === path;
}

/** null if there is no such file. */
const canonical = (path: string): Promise<string | null> => realpath(path).catch(() => null);

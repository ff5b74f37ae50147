/** Writes the protocol's declarations into a folder. In: format and folder. Out: files; the folder is created when missing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, StartupError } from './base/errors.ts';
import { emitJsonSchemas } from './protocol/schema/emit.ts';
import { emitTypes } from './protocol/schema/emit-types.ts';

export interface ExportOptions {
  readonly format: 'typescript' | 'json-schema';
  readonly folder: string;
  /** Program that formats the TypeScript files in place; none when undefined. */
  readonly prettier?: string | undefined;
}

/** Throws StartupError when the folder cannot be written or the formatter fails; what was written stays. */
export function exportProtocol({ format, folder, prettier }: ExportOptions): void {
  const files = format === 'json-schema' ? emitJsonSchemas() : emitTypes();
  try {
    for (const [name, content] of files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  } catch (error) {
    throw new StartupError(`cannot write to ${folder}: ${messageOf(error)}`, { cause: error });
  }
  if (prettier !== undefined && format === 'typescript') formatFiles(prettier, folder, [...files.keys()]);
}

function formatFiles(prettier: string, folder: string, names: readonly string[]): void {
  try {
    execFileSync(prettier, ['--write', '--log-level', 'warn', ...names], { cwd: folder, stdio: 'pipe' });
  } catch (error) {
    throw new StartupError(`${prettier} failed: ${messageOf(error)}`, { cause: error });
  }
}

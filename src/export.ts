/** Writes the protocol's declarations into a folder. In: format and folder. Out: files; the folder is created when missing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, StartupError } from './base/errors.ts';
import { runProgramSync } from './base/own-programs.ts';
import { findProgram } from './base/program-places.ts';
import { emitJsonSchemas } from './protocol/schema/emit.ts';
import { emitTypes } from './protocol/schema/emit-types.ts';

export interface ExportOptions {
  readonly format: 'typescript' | 'json-schema';
  readonly folder: string;
  /** Program that formats the TypeScript files in place; none when undefined. */
  readonly prettier?: string | undefined;
  /** The environment that the program is found and run in. */
  readonly env: NodeJS.ProcessEnv;
}

/** Throws StartupError when the folder cannot be written or the formatter fails; what was written stays. */
export function exportProtocol({ format, folder, prettier, env }: ExportOptions): void {
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
  if (prettier !== undefined && format === 'typescript') formatFiles(prettier, [...files.keys()], { env, cwd: folder });
}

function formatFiles(
  prettier: string,
  names: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): void {
  try {
    // Whoever names it sits at the terminal, and may mean one below the folder they are in.
    const path = options.env.PATH;
    const program = /[/\\]/.test(prettier) ? resolve(prettier) : findProgram(prettier, { path, avoid: [] });
    if (program === undefined) throw new Error('there is no such program on PATH');
    runProgramSync(program, ['--write', '--log-level', 'warn', ...names], options);
  } catch (error) {
    throw new StartupError(`${prettier} failed: ${messageOf(error)}`, { cause: error });
  }
}

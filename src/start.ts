/**
 * Starts a built program from what V8 made of its code when it was built (`src/build/compiled.mjs`), so that it is not parsed
 * and compiled anew by every process. The one file that knows of this.
 *
 * In: the name of a program. Owns the files that are loaded. V8 itself refuses what another version of it made, or with other
 * flags, or of other code; then, and when nothing is there, the code is compiled as ever.
 *
 * Measured on Node 20, 22 and 24, two idle processors: without it `initialize` takes a quarter longer, a first thread
 * and a first turn two fifths, a first search a fifth. Node's own `module.enableCompileCache()`, which Node 20 does not have, gives
 * back less than half of that; modules with imports in place of CommonJS cost `initialize` another half on Node 20.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** A file as it is built (`src/build/graph.mjs`): the function that Node would make of a CommonJS file. */
type Code = (exports: unknown, require: Require, module: Loaded, filename: string, dirname: string) => void;
type Require = (id: string) => unknown;
interface Loaded {
  readonly exports: unknown;
}

/** Called by `NAME.js` with its `require`; the code is beside this file, what each V8 made of it in `compiled`. */
export function start(program: string, require: Require): void {
  const folder = dirname(__dirname);
  const codes = new Map<string, Code>();
  const loaded = new Map<string, Loaded>();

  const codeOf = (name: string): Code | undefined => {
    if (!codes.has(name)) for (const [each, code] of Object.entries(read(folder, name))) codes.set(each, code);
    return codes.get(name);
  };
  const load = (name: string): unknown => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module: Loaded = { exports: {} };
    loaded.set(name, module);
    try {
      codeOf(name)?.(module.exports, requireFrom, module, join(folder, name), folder);
    } catch (error) {
      loaded.delete(name); // it may be possible later
      throw error;
    }
    return module.exports;
  };
  const requireFrom: Require = (id) => (/^\.\/[^/]+$/.test(id) ? load(id.slice(2)) : require(id));

  load(program);
}

/** Functions by the names of their files; several are in one file where they are always loaded together. */
function read(folder: string, name: string): Readonly<Record<string, Code>> {
  const filename = join(folder, 'code', name);
  const cache = join(folder, 'compiled', `${process.versions.v8}-${process.arch}`, `${name}.cache`);
  const code = readFileSync(filename, 'latin1'); // all of it is ASCII
  return new Script(code, { filename, ...cached(cache) }).runInThisContext();
}

function cached(path: string): { cachedData?: Buffer } {
  try {
    return { cachedData: readFileSync(path) };
  } catch {
    return {};
  }
}

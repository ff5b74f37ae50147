// One program and what it loads later, which share chunks: every module is in one file, so a class is the same class on both sides.
// esbuild divides only modules with imports, so that is what it makes first; each file then becomes CommonJS for `src/start.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';

/** The function that Node would make of a CommonJS file. */
const HEAD =
  '(function (exports, require, module, __filename, __dirname) {"use strict";' +
  'const importMeta={get url(){return require("node:url").pathToFileURL(__filename).href}};';
const FOOT = '})';

/** Its programs are found from the folder that it stands in, so it is a file of its own and no part of the graph. */
const piscinaApart = {
  name: 'piscina-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^piscina$/ }, () => ({ path: './piscina/index.js', external: true }));
  },
};

/** Writes `NAME.js` and its chunks into the folder. Rejects with the errors of esbuild, which it has printed. */
export async function bundleGraph(options, { name, file, outdir }) {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { [name]: file },
    outdir,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    sourcemap: 'inline',
    define: { 'import.meta': 'importMeta' },
    plugins: [...options.plugins, piscinaApart],
    metafile: true,
    write: false,
  });
  const imports = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output.imports.filter(isStatic)]),
  );
  const atOnce = closureOf(`${name}.js`, imports);
  const codes = await Promise.all(outputFiles.map(({ path, text }) => commonJs(options, basename(path), text)));
  mkdirSync(outdir, { recursive: true });
  writeTogether(
    join(outdir, `${name}.js`),
    codes.filter((code) => atOnce.has(code.name)),
  );
  for (const code of codes) if (!atOnce.has(code.name)) writeTogether(join(outdir, code.name), [code]);
}

const isStatic = ({ kind, external }) => kind === 'import-statement' && external !== true;

/** What is loaded together with a file, and the file. */
function closureOf(name, imports, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const { path } of imports.get(name)) closureOf(basename(path), imports, found);
  return found;
}

async function commonJs({ target, minifySyntax, minifyWhitespace }, name, text) {
  const { code, map } = await transform(text.replace(/^#!.*/, ''), {
    target,
    minifySyntax,
    minifyWhitespace,
    format: 'cjs',
    platform: 'node',
    // So that `import()` becomes `require`, which is there without the loader of modules.
    supported: { 'dynamic-import': false },
    banner: HEAD,
    footer: FOOT,
    sourcemap: 'external',
    sourcefile: name,
  });
  return { name, code, map: JSON.parse(map) };
}

/** A table of functions by the names of their files: one file is read sooner than ten. */
function writeTogether(path, codes) {
  const sections = [];
  let text = '({\n';
  for (const { name, code, map } of codes) {
    text += `${JSON.stringify(name)}:\n`;
    sections.push({ offset: { line: text.split('\n').length - 1, column: 0 }, map });
    text += `${code.trimEnd()},\n`;
  }
  writeFileSync(path, `${text}})\n//# sourceMappingURL=${basename(path)}.map\n`);
  writeFileSync(`${path}.map`, JSON.stringify({ version: 3, sections }));
}

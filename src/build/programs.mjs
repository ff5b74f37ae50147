// What is built of what. The product is CommonJS, each program in one piece: Node has it running sooner than modules with imports, in a
// worker thread by some 25 ms. What is not needed at once stands in files of its own, beside the programs.
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './places.mjs';
import { protocolDocs } from './protocol-docs.mjs';

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  logLevel: 'warning',
};

const programs = {
  start: 'src/start.ts',
  demo: 'src/demo/main.ts',
  'embedded-model': 'src/demo/model/main.ts',
  'apply-patch': 'workers/apply-patch.ts',
  // Compiled, they start no sooner and hold more.
  'worker-search': 'workers/search.ts',
  'worker-index': 'workers/index.ts',
};

/** What first answers wait for: started by `src/start.ts`, compiled when it is built. */
const startedCompiled = {
  main: 'src/main.ts',
  server: 'src/server.ts',
  'search-pool': 'src/search-pool/search-pool.ts',
  dispatcher: 'src/upstream/dispatcher.ts',
  yaml: 'node_modules/yaml/dist/index.js',
  'worker-turns': 'workers/turns.ts',
  'worker-list': 'workers/list.ts',
};

/** Loaded by the programs with `import()`. Shares no module with what loads it: its state and its classes are its own. */
const loadedLater = {
  export: 'src/export.ts',
  'piscina/index': 'node_modules/piscina/dist/esm-wrapper.mjs',
};

/** Has imports of what is loaded later end at the file that is built of it. */
const loadLater = {
  name: 'load-later',
  setup({ onResolve, resolve }) {
    const built = new Map(
      Object.entries({ ...startedCompiled, ...loadedLater }).map(([name, file]) => [
        realpathSync(join(root, file)), // node_modules may be a link
        `./${name}.js`,
      ]),
    );
    onResolve({ filter: /^/ }, async ({ kind, path, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === loadLater) return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: loadLater });
      const file = built.get(found.path);
      return file === undefined ? found : { path: file, external: true };
    });
  },
};

const filesBelow = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))
    : [];

const isProgram = (file) => file.endsWith('.test.ts') || file.endsWith('.main.ts') || /[/\\]run\.ts$/.test(file);

const IMPORT_META =
  '"use strict";const importMeta={get url(){return require("node:url").pathToFileURL(__filename).href}};';
const product = {
  ...options,
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  // So that `import()` becomes `require`, which is there without the loader of modules.
  supported: { 'dynamic-import': false },
  define: { 'import.meta': 'importMeta' },
  banner: { js: IMPORT_META },
  external: ['sharp', '@napi-rs/keyring', '@napi-rs/nice'],
  plugins: [loadLater, protocolDocs],
};
/** Writes all programs, tests and benches into an empty folder. Rejects with the errors of esbuild, which it has printed. */
export async function bundlePrograms(outdir) {
  await bundleProduct(outdir);
  await bundleCompiled(outdir);
  await bundleModules(outdir);
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
}

async function bundleProduct(outdir) {
  await build({
    ...product,
    entryPoints: {
      ...programs,
      ...loadedLater,
      // Beside its package, which starts it by name.
      'piscina/worker': 'node_modules/piscina/dist/worker.js',
    },
    outdir,
  });
}

async function bundleCompiled(outdir) {
  await build({
    ...product,
    entryPoints: startedCompiled,
    outdir: join(outdir, 'code'),
    banner: { js: `(function (exports, require, module, __filename, __dirname) {${IMPORT_META}` },
    footer: { js: '})' },
  });
  for (const name of Object.keys(startedCompiled)) {
    writeFileSync(join(outdir, `${name}.js`), "#!/usr/bin/env node\nrequire('./start.js').run(module, require);\n");
  }
}

async function bundleModules(outdir) {
  await build({
    ...options,
    format: 'esm',
    splitting: true,
    entryPoints: [...filesBelow('tests'), ...filesBelow('bench')].filter(isProgram),
    outbase: root,
    outdir,
    chunkNames: 'tests/chunks/[name]-[hash]',
    packages: 'external',
    plugins: [protocolDocs],
  });
  for (const folder of ['tests', 'bench']) {
    mkdirSync(join(outdir, folder), { recursive: true });
    writeFileSync(join(outdir, folder, 'package.json'), '{ "type": "module" }\n');
  }
}

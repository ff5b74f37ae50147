// Builds everything that runs: the server and its workers as bundles in dist/, the tests and benches below them.
//
//   node src/build/bundle.mjs [--out DIR]
//
// `piscina` stays outside the bundle because it starts its threads from a file of its own package.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } });
const outdir = join(root, values.out);

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  logLevel: 'warning',
};

const modules = {
  ...options,
  format: 'esm',
  splitting: true,
  // CommonJS packages inside an ESM bundle still ask for built-ins through `require`.
  banner: {
    js: "import { createRequire as shardexCreateRequire } from 'node:module'; const require = shardexCreateRequire(import.meta.url);",
  },
};

/** Loaded by the start file when the first answer is out. */
const loadedLater = {
  server: 'src/server.ts',
  decoder: 'src/rpc/decoder.ts',
  export: 'src/export.ts',
};

const programs = {
  demo: 'src/demo/main.ts',
  'embedded-model': 'src/demo/model/main.ts',
  'worker-turns': 'workers/turns.ts',
  'worker-search': 'workers/search.ts',
  'worker-index': 'workers/index.ts',
  'worker-list': 'workers/list.ts',
  'apply-patch': 'workers/apply-patch.ts',
};

const present = (entries) =>
  Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))));

const filesBelow = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))
    : [];

const isProgram = (file) => file.endsWith('.test.ts') || file.endsWith('.main.ts') || /[/\\]run\.ts$/.test(file);

/** Leaves what is loaded later out of the start file, as imports of the files that stand beside it. */
const loadLater = {
  name: 'load-later',
  setup({ onResolve }) {
    const files = new Map(Object.entries(loadedLater).map(([name, file]) => [join(root, file), `./${name}.mjs`]));
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const built = kind === 'dynamic-import' ? files.get(join(resolveDir, path)) : undefined;
      return built === undefined ? undefined : { path: built, external: true };
    });
  },
};

rmSync(outdir, { recursive: true, force: true });

// The start file is CommonJS and in one piece: Node has it running some 8 ms before an ES module with imports would be.
await build({
  ...options,
  entryPoints: { main: 'src/main.ts' },
  outdir,
  format: 'cjs',
  minifySyntax: true,
  define: { 'import.meta.url': 'shardexMainUrl' },
  banner: { js: "const shardexMainUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [loadLater],
});
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');

// The server apart from the other programs, so that it loads no chunk it shares with them alone.
for (const entries of [loadedLater, programs]) {
  await build({
    ...modules,
    entryPoints: present(entries),
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    minifySyntax: true,
    external: ['piscina', 'sharp', '@napi-rs/keyring'],
  });
}

await build({
  ...modules,
  entryPoints: [...filesBelow('tests'), ...filesBelow('bench')].filter(isProgram),
  outbase: root,
  outdir,
  chunkNames: 'tests/chunks/[name]-[hash]',
  packages: 'external',
});
for (const folder of ['tests', 'bench']) {
  mkdirSync(join(outdir, folder), { recursive: true });
  writeFileSync(join(outdir, folder, 'package.json'), '{ "type": "module" }\n');
}

// What is built of what. The product is CommonJS: Node 20 has it running sooner than modules with imports, `initialize` by a third.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleGraph } from './graph.mjs';
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

/** Each in one piece. */
const programs = {
  demo: 'src/demo/main.ts',
  'embedded-model': 'src/demo/model/main.ts',
  'apply-patch': 'workers/apply-patch.ts',
  // Compiled, they start no sooner and hold more.
  'worker-search': 'workers/search.ts',
  'worker-index': 'workers/index.ts',
  // The package starts its worker by name, from the folder that it stands in itself.
  'piscina/index': 'node_modules/piscina/dist/esm-wrapper.mjs',
  'piscina/worker': 'node_modules/piscina/dist/worker.js',
};

/**
 * What first answers wait for: started by `src/start.ts`, compiled when it is built. Each runs in a thread of its own, and
 * what it loads later shares its modules (`graph.mjs`).
 */
const startedCompiled = {
  main: 'src/main.ts',
  'worker-turns': 'workers/turns.ts',
  'worker-list': 'workers/list.ts',
};

const filesBelow = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))
    : [];

const isProgram = (file) => file.endsWith('.test.ts') || file.endsWith('.main.ts') || /[/\\]run\.ts$/.test(file);

const product = {
  ...options,
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['sharp', '@napi-rs/keyring', '@napi-rs/nice'],
  plugins: [protocolDocs],
};

/** Writes all programs, tests and benches into an empty folder. Rejects with the errors of esbuild, which it has printed. */
export async function bundlePrograms(outdir) {
  await build({
    ...product,
    format: 'cjs',
    entryPoints: programs,
    outdir,
    define: { 'import.meta': 'importMeta' },
    banner: {
      js: '"use strict";const importMeta={get url(){return require("node:url").pathToFileURL(__filename).href}};',
    },
  });
  await bundleCompiled(outdir);
  await bundleModules(outdir);
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
}

async function bundleCompiled(outdir) {
  const code = join(outdir, 'code');
  await build({ ...product, format: 'cjs', entryPoints: { start: 'src/start.ts' }, outdir: code });
  for (const [name, file] of Object.entries(startedCompiled)) {
    await bundleGraph(product, { name, file, outdir: code });
    writeFileSync(
      join(outdir, `${name}.js`),
      `#!/usr/bin/env node\nrequire('./code/start.js').start('${name}.js', require);\n`,
    );
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

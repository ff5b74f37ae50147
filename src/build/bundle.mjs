// Builds everything that runs: the server and its workers as bundles in dist/, the tests and benches below them.
//
//   node src/build/bundle.mjs [--out DIR]
//
// `piscina` stays outside the bundle because it starts its threads from a file of its own package.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } });
const outdir = join(root, values.out);

// CommonJS packages inside an ESM bundle still ask for built-ins through `require`.
const requireBanner =
  "import { createRequire as shardexCreateRequire } from 'node:module'; const require = shardexCreateRequire(import.meta.url);";

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  splitting: true,
  banner: { js: requireBanner },
  sourcemap: 'linked',
  logLevel: 'warning',
};

const server = { main: 'src/main.ts' };
const otherPrograms = {
  demo: 'src/demo/main.ts',
  'embedded-model': 'src/demo/model/main.ts',
  'worker-turns': 'workers/turns.ts',
  'worker-search': 'workers/search.ts',
  'apply-patch': 'workers/apply-patch.ts',
};

const filesBelow = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))
    : [];

const isProgram = (file) => file.endsWith('.test.ts') || file.endsWith('.main.ts') || /[/\\]run\.ts$/.test(file);

rmSync(outdir, { recursive: true, force: true });

// The server by itself: every chunk it shares with another program would be one more file to load before its first answer.
for (const programs of [server, otherPrograms]) {
  await build({
    ...common,
    entryPoints: Object.fromEntries(Object.entries(programs).filter(([, file]) => existsSync(join(root, file)))),
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    minifySyntax: true,
    external: ['piscina', 'sharp', '@napi-rs/keyring'],
  });
}

await build({
  ...common,
  entryPoints: [...filesBelow('tests'), ...filesBelow('bench')].filter(isProgram),
  outbase: root,
  outdir,
  chunkNames: 'tests/chunks/[name]-[hash]',
  packages: 'external',
});

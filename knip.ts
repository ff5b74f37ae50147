/**
 * What nobody uses, found by `npm run check`. Twice: `knip` reads everything and finds exports without an importer, files and packages;
 * `knip --production` reads the product alone and finds what only tests use. Parts that are exported so that a test can reach them are
 * fine there.
 */
import type { KnipConfig } from 'knip';

/** Every program that `src/build/programs.mjs` builds, and what package.json starts. */
const PROGRAMS = [
  'src/{start,main,server,export}.ts',
  'src/search-pool/search-pool.ts',
  'src/upstream/dispatcher.ts',
  'src/demo/main.ts',
  'src/demo/model/main.ts',
  'workers/*.ts',
];
const TOOLS = [
  'src/build/*.mjs',
  'src/build/{method-table.ts,node-version.cjs}',
  '{tests,bench}/**/{run,*.test,*.main}.ts',
  'bench/search/report/page.ts',
];

const production = (patterns: readonly string[]): string[] => patterns.map((pattern) => `${pattern}!`);

export default (options: { readonly production?: boolean }): KnipConfig => ({
  entry: [...production(PROGRAMS), ...TOOLS],
  project: [...production(['{src,workers}/**/*.ts']), '{tests,bench,src/build}/**/*.{ts,mjs,cjs}'],
  ignoreExportsUsedInFile: options.production === true,
  // Declarations are a vocabulary: each has a name, also where only its neighbours use it.
  ignoreIssues: options.production === true ? {} : { 'src/protocol/**': ['exports', 'types'] },
  // Started as a program: a client under test, and what it asks for.
  ignoreDependencies: ['@agentclientprotocol/codex-acp', '@openai/codex'],
  exclude: ['binaries'],
  treatConfigHintsAsErrors: true,
});

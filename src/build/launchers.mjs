// The files of dist/ that people and clients name: each starts its program of the newest build.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const check = readFileSync(new URL('node-version.cjs', import.meta.url), 'utf8').replace(/^(?:\/\/.*\n)+/, '');

const PROGRAMS = ['main.js', 'demo.js', 'embedded-model.js', 'apply-patch.js'];
const MODULES = ['tests/run.js', 'bench/run.js', 'bench/search/run.js', 'bench/threads/run.js'];
const COMMON_JS = '{ "type": "commonjs" }\n';

/** Replaces launchers of another build, each in one step. */
export function writeLaunchers(outdir, name) {
  const files = [
    ...PROGRAMS.map((program) => [program, launcherOf(program, name, 'require(program);')]),
    ...MODULES.map((program) => [
      program,
      launcherOf(program, name, "import(require('url').pathToFileURL(program).href);"),
    ]),
    ...['.', 'tests', 'bench'].map((folder) => [join(folder, 'package.json'), COMMON_JS]),
    // npm publishes the newest build only, and its product only.
    ['builds/.npmignore', `*\n!${name}/**\n${name}/tests/\n${name}/bench/\n`],
  ];
  const changed = files.filter(([file, text]) => textOf(join(outdir, file)) !== text);
  for (const [file, text] of changed) replace(join(outdir, file), text);
}

/** The open file is never read: it shows later builds that this one is in use (`old-builds.mjs`). */
const launcherOf = (program, name, start) => `#!/usr/bin/env node
${check}
var program = require('path').join(__dirname, '${posix.relative(posix.dirname(program), posix.join('builds', name, program))}');
require('fs').openSync(program, 'r');
${start}
`;

function replace(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text, { mode: 0o777 });
  renameSync(aside, path);
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Types, lint and format are part of the tests, so that one command says whether the tree is whole. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './support/project.ts';

const require = createRequire(import.meta.url);

/** The script behind a package's command; its manifest says where it is. */
function commandOf(packageName: string, command: string): string {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]);
}

/** Runs a command at the root of the project and fails with what it printed. */
async function passes(packageName: string, command: string, args: readonly string[]): Promise<void> {
  const options = { cwd: projectRoot(), maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1' } };
  const program = [commandOf(packageName, command), ...args];
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, program, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
  assert.equal(code, 0, `${command} ${args.join(' ')}:\n${output.slice(0, 20_000)}`);
}

test('the types hold', () => passes('typescript', 'tsc', ['-p', 'tsconfig.json']));

test('lint and format hold', () =>
  passes('@biomejs/biome', 'biome', ['ci', '.', '--colors=off', '--max-diagnostics=50']));

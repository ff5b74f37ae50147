/** Types, lint and format are part of the tests, so that one command says whether the tree is whole. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './support/project.ts';

/** The script behind a package's command; its manifest says where it is. */
function commandOf(packageName: string, command: string): string {
  const folder = join(projectRoot(), 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
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

test('every file, export and package has a user', () => passes('knip', 'knip', ['--no-progress']));

test('nothing of the product is there for tests alone', () =>
  passes('knip', 'knip', ['--no-progress', '--production']));

test('lint and format hold', () =>
  passes('@biomejs/biome', 'biome', ['ci', '.', '--colors=off', '--max-diagnostics=50']));

/** A folder with files, and the program `apply_patch` in it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { runApplyPatch } from '../../../src/patch/program.ts';

export const patch = (...lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

export function workspace(t: TestContext, files: Record<string, string | Uint8Array> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'apply-patch-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  const run = (...args: string[]) =>
    runApplyPatch({ args, cwd, readStdin: () => assert.fail('standard input was read') });
  return {
    cwd,
    path: (name: string) => join(cwd, name),
    read: (name: string) => readFileSync(join(cwd, name), 'utf8'),
    write: (name: string, content: string) => writeFileSync(join(cwd, name), content),
    has: (name: string) => existsSync(join(cwd, name)),
    run,
    pipe: (text: string) => runApplyPatch({ args: [], cwd, readStdin: async () => Buffer.from(text) }),
    /** Applies the sections and fails when they do not apply. */
    async apply(...lines: readonly string[]): Promise<string> {
      const outcome = await run(patch(...lines));
      assert.deepEqual([outcome.exitCode, outcome.stderr], [0, '']);
      return outcome.stdout;
    },
    /** Applies sections that must fail, and gives what is said about it. */
    async refuse(...lines: readonly string[]): Promise<string> {
      const outcome = await run(patch(...lines));
      assert.deepEqual([outcome.exitCode, outcome.stdout], [1, '']);
      return outcome.stderr;
    },
  };
}

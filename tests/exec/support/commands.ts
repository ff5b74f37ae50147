// Starting real processes in the exec tests.
import { setMaxListeners } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { groupMembers } from '../../../src/base/process-groups.ts';
import { type CommandResult, type CommandSpec, runCommand } from '../../../src/exec/run.ts';
import { until } from '../../support/patience.ts';

export const PATH = process.env.PATH ?? '/usr/bin:/bin';

export const never = new AbortController().signal;
setMaxListeners(0, never);

export const specOf = (argv: readonly string[], more: Partial<CommandSpec> = {}): CommandSpec => ({
  argv,
  cwd: '/',
  env: { PATH },
  timeoutMs: 30_000,
  sandbox: null,
  ...more,
});

export const runScript = (
  script: string,
  more: Partial<CommandSpec> = {},
  signal: AbortSignal = never,
): Promise<CommandResult> => runCommand(specOf(['/bin/sh', '-c', script], more), signal);

/** Narrows a result, with the whole of it in the failure. */
export function exited(result: CommandResult): CommandResult & { kind: 'exited' } {
  if (result.kind !== 'exited') throw new Error(`not an exit: ${JSON.stringify(result)}`);
  return result;
}

export const groupIsGone = (groupId: number): Promise<void> =>
  until(() => groupMembers(groupId).length === 0, `the end of group ${groupId}`);

/** A folder of the test's own, outside /tmp, which a sandbox may treat as writable. */
export function scratch(): { path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(process.env.SHARDEX_TEST_BOXES ?? '/var/tmp', 'shardex-test-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

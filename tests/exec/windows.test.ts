/** Commands end where there are no process groups: the platform is given, and a script stands in for `taskkill`. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupControl } from '../../src/base/process-groups.ts';
import { statFields } from '../../src/base/process-start.ts';
import { windowsProgram } from '../../src/base/program-places.ts';
import { until } from '../support/patience.ts';
import { exited, runScript, scratch } from './support/commands.ts';

const TASKKILL = `#!/bin/sh
echo "$@" >"$TASKKILL_LOG"
end() {
  read -r children <"/proc/$1/task/$1/children"
  kill -KILL "$1"
  for child in $children; do end "$child"; done
}
end "$2"
`;

/** A command that leaves a process in the background, and prints the ids of both. */
const FAMILY = 'sleep 1000 & echo "$$ $!"; wait';

/** A folder that looks as far like that of Windows as ending commands needs it. */
function systemRoot() {
  const folder = scratch();
  const root = join(folder.path, 'Windows');
  const log = join(folder.path, 'log');
  const program = join(root, 'System32', 'taskkill.exe');
  mkdirSync(join(root, 'System32'), { recursive: true });
  writeFileSync(program, TASKKILL);
  chmodSync(program, 0o755);
  return {
    groups: groupControl({ SYSTEMROOT: root, TASKKILL_LOG: log, PATH: '/nowhere' }, 'win32'),
    logged: () => readFileSync(log, 'utf8').trim(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const isGone = (id: number): boolean => (statFields(id)?.[0] ?? 'Z') === 'Z';
const idsIn = (text: string): number[] => text.trim().split(' ').map(Number);

test('on Windows a command that runs out of time ends with all that it has started', async () => {
  using windows = systemRoot();
  const { groups } = windows;
  const result = exited(await runScript(FAMILY, { groups, timeoutMs: 300 }));
  assert.equal(result.timedOut, true);
  const ids = idsIn(result.stdout);
  assert.equal(ids.length, 2);
  await until(() => ids.every(isGone), 'the end of the command and its child');
  assert.equal(windows.logged(), `/PID ${ids[0]} /T /F`);
});

test('on Windows a command that is interrupted ends with all that it has started', async () => {
  using windows = systemRoot();
  const { groups } = windows;
  const interruption = new AbortController();
  const result = await runScript(FAMILY, { groups, onOutput: () => interruption.abort() }, interruption.signal);
  assert.ok(result.kind === 'aborted');
  const ids = idsIn(result.stdout);
  await until(() => ids.every(isGone), 'the end of the command and its child');
  assert.equal(windows.logged(), `/PID ${ids[0]} /T /F`);
});

test('on Windows the command itself ends also where there is no taskkill', async () => {
  for (const env of [{}, { SystemRoot: '/nowhere' }]) {
    let id = 0;
    const options = {
      groups: groupControl(env, 'win32'),
      timeoutMs: 100,
      onSpawn: (started: number) => (id = started),
    };
    assert.equal(exited(await runScript('exec sleep 1000', options)).timedOut, true);
    assert.ok(id > 0);
    await until(() => isGone(id), 'the end of the command');
  }
});

test('programs of Windows come from its own folder only', () => {
  assert.equal(windowsProgram('taskkill', { SystemRoot: '/Windows' }), '/Windows/System32/taskkill.exe');
  for (const env of [{}, { SystemRoot: 'Windows' }, { PATH: '/Windows/System32' }]) {
    assert.equal(windowsProgram('taskkill', env), undefined);
  }
});

/** A terminal that takes nothing holds up nobody. Linux only. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/patience.ts';
import { allGone } from '../support/processes.ts';
import { distFolder } from '../support/server.ts';

/** Each is told on stderr, which is far more than a terminal and the pipe behind it hold. */
const BAD_LINES = 3_000;

test('stopped-terminal: the log on a terminal that is stopped delays no answer and not the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-terminal-'));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('in'), 'no request\n'.repeat(BAD_LINES));
  const command = 'echo $$ > pid; "$NODE" "$MAIN" < in > out; echo $? > code';
  // Nobody reads what it copies from the terminal.
  const terminal = spawn('script', ['-qefc', `stty raw; ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, CODEX_HOME: folder, NODE: process.execPath, MAIN: join(distFolder(), 'main.js') },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    const shell = await contentOf(file('pid'));
    await allGone([Number(shell)]);
    assert.equal(readFileSync(file('code'), 'utf8'), '0\n');
    assert.equal(readFileSync(file('out'), 'utf8').split('\n').length, BAD_LINES + 1);
  } finally {
    terminal.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Waits until the file has a line. */
async function contentOf(path: string): Promise<string> {
  const read = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  await until(() => read().endsWith('\n'), `a line in ${path}`);
  return read();
}

/** What a server leaves behind that was killed and could tidy up nothing: no process, no scratch, nothing damaged. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { GroupWarden } from '../../src/exec/group-warden.ts';
import { Box, type BoxOptions } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { allGone, isAlive, processesOf } from '../support/processes.ts';

const LINUX_ONLY = process.platform === 'linux' ? false : 'processes are looked up in /proc';

/** Says so when everything of it runs. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'in the foreground': 'echo up; sleep 1000',
  'in the background': 'sleep 1000 & echo up; wait',
  'in the background of a shell that has ended': 'sleep 1000 & echo up',
  'without an ear for hangups': 'nohup sleep 1000 >/dev/null 2>&1 & echo up; wait',
  'in a session of its own': 'setsid sleep 1000 & echo up; wait',
  'as children of children': 'sh -c "sh -c \'sleep 1000; :\'; :" & (sleep 1000; :) & echo up; wait',
  'deaf to polite signals': 'trap "" TERM HUP INT; echo up; while :; do sleep 1; done',
};

/** An end in order asks politely first: who hears that leaves a session of its own to itself. */
const ONLY_WHEN_KILLED = 'in a session of its own';

/** Runs scripts all at once and ends the server as told: nothing of them is left. */
async function endedWith(options: BoxOptions, names: readonly string[], end: (box: Box) => void): Promise<void> {
  await using box = await Box.open(options);
  const mark = `HOME=${join(box.folder, 'user')}`;
  box.model.route('POST', '/v1/responses', ({ body }) => {
    const script = SCRIPTS[Object.keys(SCRIPTS).find((name) => JSON.stringify(body.input).includes(name)) ?? ''] ?? ':';
    const isAnswered = body.input.some(({ type }) => type === 'function_call_output');
    return stream(isAnswered ? says('done') : calls(shell('c', ['sh', '-c', script], { timeout_ms: 60_000 })));
  });
  await Promise.all(
    names.map(async (name) => {
      const turn = await box.turn(await box.thread(), name);
      await turn.wait('item/commandExecution/outputDelta');
    }),
  );
  const started = processesOf(mark);
  assert.ok(started.length > names.length, `${started.length} processes`);
  end(box);
  await box.client.server.exited;
  await allGone(processesOf(mark));
}

describe('processes of commands end with the server', { skip: LINUX_ONLY }, () => {
  const ENDS: Readonly<Record<string, (box: Box) => void>> = {
    'that is killed': ({ client }) => void client.server.child.kill('SIGKILL'),
    'that ends in order': ({ client }) => client.endInput(),
  };
  for (const [name, end] of Object.entries(ENDS)) {
    for (const sandboxMode of ['danger-full-access', 'workspace-write']) {
      test(`${name}, under ${sandboxMode}`, () => {
        const names = Object.keys(SCRIPTS).filter((each) => name === 'that is killed' || each !== ONLY_WHEN_KILLED);
        return endedWith({ sandboxMode }, names, end);
      });
    }
  }
});

describe('the warden of groups', { skip: LINUX_ONLY }, () => {
  const sleeper = () => spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });

  test('ends what is left, and neither what it was told has ended nor what only has its number', async () => {
    const [left, told, other] = [sleeper(), sleeper(), sleeper()];
    try {
      const warden = new GroupWarden();
      for (const child of [left, told]) warden.started(child.pid ?? 0, null);
      warden.started(other.pid ?? 0, null, '1');
      warden.ended(told.pid ?? 0);
      warden[Symbol.dispose]();
      await allGone([left.pid ?? 0]);
      assert.deepEqual(
        [told, other].map(({ pid }) => isAlive(pid ?? 0)),
        [true, true],
      );
    } finally {
      for (const child of [left, told, other]) child.kill('SIGKILL');
    }
  });
});

const MINUTE_MS = 60_000;
const DRAFT = '0b0f2a3e-5a52-4a3c-9f0e-8f3a5c1d2e4f';

describe('scratch of a server that was killed goes at the next start', () => {
  test('drafts of files that were being replaced, but for those that may still be in use', async () => {
    await using box = await Box.open({ start: false });
    const sessions = join(box.home, 'sessions', '2026', '01', '02');
    mkdirSync(join(box.home, 'rules'), { recursive: true });
    mkdirSync(sessions, { recursive: true });
    const old = [
      ...['config.toml', 'auth.json', 'models_cache.json', 'shardex_thread_index.jsonl', '.credentials.json'],
      join('rules', 'default.rules'),
      join('sessions', '2026', '01', '02', 'rollout-2026-01-02T03-04-05-0199c0de-0000-7000-8000-000000000000.jsonl'),
    ].map((name) => join(box.home, `${name}.${DRAFT}.tmp`));
    const fresh = join(box.home, `config.toml.${DRAFT.replace('0b', '0c')}.tmp`);
    const others = ['notes.tmp', 'config.toml.bak', `a.${DRAFT}.txt`].map((name) => join(box.home, name));
    for (const path of [...old, fresh, ...others]) writeFileSync(path, 'secret');
    const before = (Date.now() - 15 * MINUTE_MS) / 1000;
    for (const path of [...old, ...others]) utimesSync(path, before, before);
    await box.start();
    box.model.script(stream(says('x')));
    await box.completed(await box.thread(), 'Hi');
    await box.call('thread/list', {});
    box.client.endInput();
    await box.client.server.exited;
    assert.deepEqual(old.filter(existsSync), []);
    assert.deepEqual(
      [fresh, ...others].filter((path) => !existsSync(path)),
      [],
    );
  });

  test('launchers of apply_patch, also when their number belongs to another process now', {
    skip: LINUX_ONLY,
  }, async () => {
    await using box = await Box.open({ start: false });
    const place = join(box.home, 'tmp', 'path');
    const left = [`${process.pid}-1-AbCdEf`, '999999999-1-AbCdEf', '999999999-AbCdEf'].map((name) => join(place, name));
    for (const path of left) mkdirSync(path, { recursive: true });
    await box.start();
    await box.thread();
    assert.deepEqual(left.filter(existsSync), []);
    box.client.server.child.kill('SIGKILL');
    await box.client.server.exited;
    assert.equal(readdirSync(place).length, 1);
    await box.start();
    await box.thread();
    assert.equal(readdirSync(place).length, 1);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupMembers, posixGroups } from '../../src/base/process-groups.ts';
import { ProcessGroups } from '../../src/exec/process-groups.ts';
import { until } from '../support/patience.ts';
import { runScript } from './support/commands.ts';

test('every group that was started is known until it has ended, background children included', async () => {
  const groups = new ProcessGroups(posixGroups);
  const ids: number[] = [];
  const options = {
    onSpawn: (id: number) => {
      ids.push(id);
      groups.started(id);
    },
    onExit: (id: number) => groups.ended(id),
  };
  const running = new AbortController();
  const foreground = runScript('echo up; sleep 1000', { ...options, onOutput: () => running.abort() });
  await new Promise((resolve) => running.signal.addEventListener('abort', resolve));
  await runScript('sleep 1000 & :', options);
  await runScript('true', options);
  assert.equal(groups.size, 2);
  for (const id of ids) posixGroups.kill(id);
  assert.equal((await foreground).kind, 'signalled');
  await until(() => groups.size === 0, 'the end of all groups');
});

test('the members of a group are found by its number', async () => {
  let members: number[] = [];
  let groupId = 0;
  await runScript('sleep 0.2 & echo up; wait', {
    onSpawn: (id) => {
      groupId = id;
    },
    onOutput: () => {
      members = groupMembers(groupId);
    },
  });
  assert.equal(members.length, 2);
  assert.ok(members.includes(groupId));
  assert.equal(posixGroups.isAlive(groupId), false);
});

/** A yes to a command covers that command, in that folder, with those rights, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf, type TurnWatch } from '../support/box.ts';
import { calls, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const ASK = 'item/commandExecution/requestApproval';
const RETRY = 'command failed; retry without sandbox?';
const ASKING: BoxOptions = { approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' };
const done = (id = 'msg-end') => stream(says('done', id));
const OPEN = { type: 'dangerFullAccess' };

/** Answers every question of the turn, and gives the ids of the calls that were asked about with the reasons. */
async function answered(box: Box, turn: TurnWatch, decision: string): Promise<readonly (readonly [string, unknown])[]> {
  const seen: [string, unknown][] = [];
  const ended = turn.ended();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const question = await Promise.race([turn.take(ASK), ended.then(() => null)]);
    if (question === null) break;
    seen.push([question.params.itemId, question.params.reason]);
    box.client.answer(question, { decision });
  }
  await ended;
  return seen;
}

test('a command that the sandbox stopped is asked about again, however it was accepted before', async () => {
  for (const decision of ['accept', 'acceptForSession']) {
    await using box = await Box.open(ASKING);
    const touch = ['touch', join(box.folder, 'outside')];
    box.model.script(stream(calls(shell('c1', touch))), done());
    const threadId = await box.thread();
    const turn = await box.turn(threadId, 'go');
    box.client.answer(await turn.take(ASK), { decision });
    const again = await turn.take(ASK);
    assert.deepEqual([again.params.itemId, again.params.reason], ['c1', RETRY]);
    assert.equal(box.has('../outside'), false);
    box.client.answer(again, { decision: 'decline' });
    await turn.ended();
    assert.equal(box.has('../outside'), false);
    assert.equal(turn.items('commandExecution')[0].status, 'declined');
    // The second no takes nothing back of the first yes, and the first yes says nothing of a run outside.
    box.model.script(stream(calls(shell('c2', touch))), done('msg-2'));
    const next = await box.turn(threadId, 'again');
    const asked = await answered(box, next, 'decline');
    assert.deepEqual(asked, [['c2', decision === 'accept' ? null : RETRY]]);
    assert.equal(box.has('../outside'), false);
  }
});

test('acceptForSession: neither a longer command, nor another folder, script or way of running it', async () => {
  await using box = await Box.open({ ...ASKING, prepare: (it) => mkdirSync(join(it.workspace, 'sub')) });
  const others = [
    shell('c2', ['touch', 'x', 'y']),
    shell('c3', ['touch']),
    shell('c4', ['touch', 'x '], {}),
    shell('c5', ['touch', 'x'], { workdir: 'sub' }),
    shellCommand('c6', 'touch x'),
    shell('c7', ['/usr/bin/touch', 'x']),
  ];
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), ...others.map((call) => stream(calls(call))), done());
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  box.client.answer(await turn.take(ASK), { decision: 'acceptForSession' });
  const asked = await answered(box, turn, 'decline');
  assert.deepEqual(
    asked.map(([id]) => id),
    ['c2', 'c3', 'c4', 'c5', 'c6', 'c7'],
  );
  // What was accepted ran in the sandbox; where there is none it is another question.
  box.model.script(stream(calls(shell('c8', ['touch', 'x']))), done('msg-2'));
  const free = await box.turn(threadId, 'again', { sandboxPolicy: OPEN });
  assert.deepEqual(await answered(box, free, 'decline'), [['c8', null]]);
});

test('acceptForSession: a folder whose name has come to stand for another one is another folder', async () => {
  await using box = await Box.open({ ...ASKING, sandboxMode: 'danger-full-access', prepare: subFolders });
  const call = (id: string) => stream(calls(shell(id, ['touch', 'x'], { workdir: 'sub' })));
  box.model.script(call('c1'), done());
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  box.client.answer(await turn.take(ASK), { decision: 'acceptForSession' });
  await turn.ended();
  swapFolders(box);
  box.model.script(call('c2'), done('msg-2'));
  const next = await box.turn(threadId, 'again');
  assert.deepEqual(await answered(box, next, 'decline'), [['c2', null]]);
  assert.equal(box.has('../outside/x'), false);
});

test('a folder that is exchanged while the question is open is not worked in', async () => {
  for (const how of ['link', 'folder'] as const) {
    await using box = await Box.open({ ...ASKING, sandboxMode: 'danger-full-access', prepare: subFolders });
    box.model.script(stream(calls(shell('c1', ['touch', 'x'], { workdir: 'sub' }))), done());
    const turn = await box.turn(await box.thread(), 'go');
    const question = await turn.take(ASK);
    assert.equal(question.params.cwd, join(box.workspace, 'sub'));
    if (how === 'link') swapFolders(box);
    else renameSync(join(box.folder, 'outside'), join(box.workspace, 'new'));
    if (how === 'folder') {
      rmSync(join(box.workspace, 'sub'), { recursive: true });
      renameSync(join(box.workspace, 'new'), join(box.workspace, 'sub'));
    }
    box.client.answer(question, { decision: 'accept' });
    await turn.ended();
    assert.match(outputOf(await box.sent(2), 'c1'), /not the folder that was asked about/);
    for (const path of ['../outside/x', 'sub/x']) assert.equal(box.has(path), false, `${how} ${path}`);
  }
});

test('a folder behind a link is shown by its real path, and that is where the command runs', async () => {
  await using box = await Box.open({
    ...ASKING,
    sandboxMode: 'danger-full-access',
    prepare: (it) => {
      mkdirSync(join(it.folder, 'outside'));
      symlinkSync(join(it.folder, 'outside'), join(it.workspace, 'linked'));
    },
  });
  box.model.script(stream(calls(shell('c1', ['sh', '-c', 'pwd; touch x'], { workdir: 'linked' }))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take(ASK);
  const real = join(box.folder, 'outside');
  assert.equal(question.params.cwd, real);
  rmSync(join(box.workspace, 'linked'));
  symlinkSync(box.folder, join(box.workspace, 'linked'));
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  assert.deepEqual(
    [turn.items('commandExecution')[0].cwd, box.has('../outside/x'), box.has('../x')],
    [real, true, false],
  );
});

function subFolders(box: Box): void {
  mkdirSync(join(box.workspace, 'sub'));
  mkdirSync(join(box.folder, 'outside'));
}

function swapFolders(box: Box): void {
  rmSync(join(box.workspace, 'sub'), { recursive: true });
  symlinkSync(join(box.folder, 'outside'), join(box.workspace, 'sub'));
}

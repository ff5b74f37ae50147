/** A yes to a patch covers the files that were shown, whatever becomes of the names that lead to them. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf, type TurnWatch } from '../support/box.ts';
import { applyPatch, calls, says, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import type { WireMessage } from '../support/raw-client.ts';

const ASK = 'item/fileChange/requestApproval';
const RETRY = 'command failed; retry without sandbox?';
const tables =
  '[features]\napply_patch_freeform = true\n[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n';
const done = (id = 'msg-end') => stream(says('done', id));
const update = (...names: readonly string[]): string =>
  `*** Begin Patch\n${names.map((name) => `*** Update File: ${name}\n@@\n-old\n+new\n`).join('')}*** End Patch`;
const add = (name: string): string => `*** Begin Patch\n*** Add File: ${name}\n+new\n*** End Patch`;

/** `outside/` with `a.txt` and `b.txt` beside the workspace, and a link to the first one and to the folder in it. */
const open = (options: BoxOptions = {}) =>
  Box.open({
    tables,
    sandboxMode: 'workspace-write',
    approvalPolicy: 'untrusted',
    ...options,
    prepare: (box) => {
      for (const name of ['a.txt', 'b.txt']) box.write(join(box.folder, 'outside', name), 'old\n');
      symlinkSync(join(box.folder, 'outside/a.txt'), join(box.workspace, 'link.txt'));
      symlinkSync(join(box.folder, 'outside'), join(box.workspace, 'linked'));
      box.write('dir/a.txt', 'old\n');
      options.prepare?.(box);
    },
  });

const outside = (box: Box, name: string): string => readFileSync(join(box.folder, 'outside', name), 'utf8');

async function asked(box: Box, patch: string): Promise<{ turn: TurnWatch; question: WireMessage }> {
  box.model.script(stream(calls(applyPatch('c1', patch))), done());
  const turn = await box.turn(await box.thread(), 'go');
  return { turn, question: await turn.take(ASK) };
}

for (const [what, name, approvalPolicy] of [
  ['a link to a file', 'link.txt', 'untrusted'],
  ['a linked folder', 'linked/a.txt', 'untrusted'],
  ['a linked folder, where only what leaves the workspace is asked about', 'linked/a.txt', 'on-request'],
] as const) {
  test(`${what} is shown by the place that it leads to, and a yes covers that place`, async () => {
    await using box = await open({ approvalPolicy });
    const { turn, question } = await asked(box, update(name));
    const place = join(box.folder, 'outside/a.txt');
    const [change] = (await turn.startOf('fileChange')).changes;
    assert.equal(change.path, place);
    assert.ok(
      question.params.reason.includes(`${join(box.workspace, name)} leads to ${place}`),
      question.params.reason,
    );
    box.client.answer(question, { decision: 'accept' });
    await turn.ended();
    assert.equal(turn.items('fileChange')[0].status, 'completed');
    assert.equal(outside(box, 'a.txt'), 'new\n');
    assert.equal(box.client.ofMethod(ASK).length, 1);
  });
}

test('a folder that a command names for its patch is shown by its real path, too', async () => {
  await using box = await open();
  const script = `apply_patch <<'EOF'\n${update('a.txt')}\nEOF\n`;
  const cases = [shellCommand('c1', script, { workdir: 'linked' }), shellCommand('c2', `cd linked && ${script}`)];
  box.model.script(...cases.map((call) => stream(calls(call))), done());
  const turn = await box.turn(await box.thread(), 'go');
  for (const _ of cases) box.client.answer(await turn.take(ASK), { decision: 'decline' });
  await turn.ended();
  const paths = turn.items('fileChange').map(({ changes }) => changes[0].path);
  assert.deepEqual(paths, [join(box.folder, 'outside/a.txt'), join(box.folder, 'outside/a.txt')]);
});

test('never: a patch that leaves the workspace by a link is refused by its place', async () => {
  await using box = await open({ approvalPolicy: 'never' });
  box.model.script(stream(calls(applyPatch('c1', update('link.txt')))), done());
  await box.completed(await box.thread(), 'go');
  const output = outputOf(await box.sent(2), 'c1');
  assert.match(output, /^patch rejected: \S+outside\/a\.txt is outside of the folders/);
  assert.equal(outside(box, 'a.txt'), 'old\n');
});

/** What can be done to names between the question and the yes; every file that they may lead to has the same text. */
const SWAPS: readonly (readonly [what: string, patched: string, swap: (box: Box) => void])[] = [
  [
    'the link leads elsewhere',
    'link.txt',
    (box) => {
      rmSync(join(box.workspace, 'link.txt'));
      symlinkSync(join(box.folder, 'outside/b.txt'), join(box.workspace, 'link.txt'));
    },
  ],
  [
    'the file is a link',
    'dir/a.txt',
    (box) => {
      rmSync(join(box.workspace, 'dir/a.txt'));
      symlinkSync(join(box.folder, 'outside/b.txt'), join(box.workspace, 'dir/a.txt'));
    },
  ],
  [
    'its folder is a link',
    'dir/b.txt',
    (box) => {
      renameSync(join(box.workspace, 'dir'), join(box.workspace, 'gone'));
      symlinkSync(join(box.folder, 'outside'), join(box.workspace, 'dir'));
    },
  ],
  [
    'a folder above it is a link',
    'up/down/b.txt',
    (box) => {
      renameSync(join(box.workspace, 'up'), join(box.workspace, 'gone'));
      mkdirSync(join(box.folder, 'far'));
      renameSync(join(box.folder, 'outside'), join(box.folder, 'far/down'));
      symlinkSync(join(box.folder, 'far'), join(box.workspace, 'up'));
    },
  ],
];

for (const sandboxMode of ['workspace-write', 'danger-full-access', 'read-only'] as const) {
  for (const [what, patched, swap] of SWAPS) {
    test(`${sandboxMode}: when ${what} after the question, a yes does not reach what it leads to now`, async () => {
      await using box = await open({
        sandboxMode,
        prepare: (it) => {
          it.write('dir/b.txt', 'old\n');
          it.write('up/down/b.txt', 'old\n');
        },
      });
      const { turn, question } = await asked(box, update(patched));
      swap(box);
      box.client.answer(question, { decision: 'accept' });
      const again = turn.take(ASK).then((next) => box.client.answer(next, { decision: 'accept' }));
      await Promise.race([turn.ended(), again]);
      await turn.ended();
      again.catch(() => undefined);
      const far = what.startsWith('a folder above')
        ? join(box.folder, 'far/down/b.txt')
        : join(box.folder, 'outside/b.txt');
      assert.equal(readFileSync(far, 'utf8'), 'old\n');
    });
  }
}

test('a new file is not made in a folder that has become a link since, nor in one that comes up meanwhile', async () => {
  for (const patched of ['dir/new.txt', 'dir/x/y/new.txt', 'other/x/new.txt']) {
    await using box = await open({ sandboxMode: 'danger-full-access' });
    const { turn, question } = await asked(box, add(patched));
    rmSync(join(box.workspace, 'dir'), { recursive: true });
    for (const name of ['dir', 'other']) symlinkSync(join(box.folder, 'outside'), join(box.workspace, name));
    box.client.answer(question, { decision: 'accept' });
    await turn.ended();
    assert.equal(turn.items('fileChange')[0].status, 'failed', patched);
    assert.match(outputOf(await box.sent(2), 'c1'), /No file was changed/);
    for (const name of ['new.txt', 'x']) assert.equal(box.has(join(box.folder, 'outside', name)), false, patched);
  }
});

test('acceptForSession is about the file, not about a name that leads to it', async () => {
  await using box = await open({ sandboxMode: 'danger-full-access' });
  const { turn, question } = await asked(box, update('link.txt'));
  box.client.answer(question, { decision: 'acceptForSession' });
  await turn.ended();
  rmSync(join(box.workspace, 'link.txt'));
  symlinkSync(join(box.folder, 'outside/b.txt'), join(box.workspace, 'link.txt'));
  box.model.script(
    stream(calls(applyPatch('c2', update('link.txt').replace('-old', '-old')))),
    stream(calls(applyPatch('c3', '*** Begin Patch\n*** Update File: linked/a.txt\n@@\n-new\n+newer\n*** End Patch'))),
    done('msg-2'),
  );
  const next = await box.turn(turn.threadId, 'again');
  const second = await next.take(ASK);
  assert.equal(second.params.itemId, 'c2');
  box.client.answer(second, { decision: 'decline' });
  await next.ended();
  assert.deepEqual([outside(box, 'a.txt'), outside(box, 'b.txt')], ['newer\n', 'old\n']);
  assert.equal(box.client.ofMethod(ASK).length, 2);
});

test('a patch that was accepted inside the sandbox and stopped by it is asked about again', async () => {
  for (const decision of ['decline', 'accept']) {
    await using box = await open({
      prepare: (it) => {
        const strict = it.write(join(it.folder, 'strict'), STRICTER);
        chmodSync(strict, 0o755);
      },
      start: false,
    });
    await box.start({ SHARDEX_BWRAP: join(box.folder, 'strict') });
    const { turn, question } = await asked(box, update('dir/a.txt'));
    assert.equal(question.params.reason, null);
    box.client.answer(question, { decision: 'acceptForSession' });
    const again = await turn.take(ASK);
    assert.equal(again.params.reason, RETRY);
    assert.equal(again.params.itemId, 'c1');
    assert.equal(box.read('dir/a.txt'), 'old\n');
    box.client.answer(again, { decision });
    await turn.ended();
    assert.equal(box.read('dir/a.txt'), decision === 'accept' ? 'new\n' : 'old\n');
  }
});

/** A sandbox that lets nothing be written. */
const STRICTER = `#!/bin/sh
while [ "$1" != -- ]; do shift; done
exec bwrap --die-with-parent --ro-bind / / --dev /dev --proc /proc --unshare-pid "$@"
`;

test('on-failure: the second attempt shows where the links lead', async () => {
  await using box = await open({ approvalPolicy: 'on-failure' });
  const { turn, question } = await asked(box, update('link.txt'));
  assert.ok(question.params.reason.startsWith(RETRY), question.params.reason);
  assert.ok(question.params.reason.includes(`leads to ${join(box.folder, 'outside/a.txt')}`));
  writeFileSync(join(box.folder, 'outside/a.txt'), 'of the user\n');
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  assert.equal(outside(box, 'a.txt'), 'of the user\n');
});

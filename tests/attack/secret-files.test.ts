/** Files that hold logins are out of reach of confined commands, by whatever name. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hiddenFiles } from '../../src/exec/hidden-files.ts';
import { Box, type BoxOptions, outputOf } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { mountProblem, withMounts } from '../support/mounts.ts';

const done = (id = 'msg-end') => stream(says('done', id));
const CANARY = 'canary-of-a-login';
/** Finds it, and not the script that looks for it. */
const PATTERN = 'canary-of-[a]-login';

const NAMES = [
  'auth.json',
  'auth.json.bak',
  'auth.json.0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f.tmp',
  '.credentials.json',
  '.credentials.json.0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f.tmp',
  '.env',
  '.env.local',
  'auth.json~',
  '.auth.json.swp',
  'AUTH.JSON.old',
  'my-auth.json',
];

/** A home full of logins, and the one that a user has by default beside it. */
const open = (options: BoxOptions = {}) =>
  Box.open({
    sandboxMode: 'workspace-write',
    ...options,
    prepare: (box) => {
      const homes = [box.home, join(box.folder, 'user/.codex')];
      for (const home of homes)
        for (const name of NAMES) box.write(join(home, name), `${NOT_A_LOGIN[name] ?? ''}# ${CANARY}\n`);
      symlinkSync('auth.json', join(box.home, 'by-link'));
      linkSync(join(box.home, 'auth.json'), join(box.home, 'by-hard-link'));
      symlinkSync(box.home, join(box.workspace, 'linked-home'));
      box.write(join(box.home, 'skills/own/notes.md'), 'readable');
      options.prepare?.(box);
    },
  });

/** Credentials that the server can read, so that it starts in peace. */
const NOT_A_LOGIN: Readonly<Record<string, string>> = {};

/** What a script prints. */
async function said(box: Box, script: string): Promise<string> {
  box.model.script(stream(calls(shell('c1', ['sh', '-c', script]))), done());
  await box.completed(await box.thread(), 'go');
  return outputOf(await box.sent(2), 'c1');
}

const READ_ALL = (box: Box): string => {
  const user = join(box.folder, 'user/.codex');
  const folders = [
    box.home,
    user,
    join(box.workspace, 'linked-home'),
    `/proc/self/root${box.home}`,
    `/proc/1/root${box.home}`,
  ];
  const names = [...NAMES, 'by-link', 'by-hard-link'].join(' ');
  return `for d in ${folders.join(' ')}; do for n in ${names}; do cat $d/$n; ln $d/$n ./got; cat ./got; rm -f got; cp $d/$n got2; cat got2; done; done
grep -rsh ${PATTERN} ${box.home} ${user}
unshare -rm sh -c 'umount -l ${box.home}; umount -l ${box.home}/auth.json; mount --bind / /mnt; cat ${box.home}/auth.json /mnt${box.home}/auth.json'; true`;
};

const POLICIES: readonly (readonly [what: string, options: BoxOptions, top?: (box: Box) => string])[] = [
  ['read-only', { sandboxMode: 'read-only' }],
  ['workspace-write', {}],
  ['with everything around the home writable', {}, (box) => `writable_roots = ["${box.folder}"]`],
  ['with the home itself writable', {}, (box) => `writable_roots = ["${box.home}"]`],
  ['with all of the disk writable', {}, () => 'writable_roots = ["/"]'],
];
for (const [what, options, roots] of POLICIES) {
  test(`${what}: a command reads no login`, async () => {
    await using box = await open({ ...options, start: false });
    if (roots !== undefined) {
      box.writeConfig({
        ...options,
        sandboxMode: 'workspace-write',
        tables: `[sandbox_workspace_write]\n${roots(box)}\n`,
      });
    }
    await box.start();
    const output = await said(box, READ_ALL(box));
    assert.equal(output.includes(CANARY), false, output.slice(0, 2000));
    assert.match(output, /Permission denied/);
  });
}

test('a home that is mounted a second time is closed there, too', { skip: mountProblem() }, async () => {
  await using box = await open({
    prepare: (it) => mkdirSync(join(it.folder, 'second home')),
    inFront: (it) => withMounts([{ from: it.home, to: join(it.folder, 'second home') }]),
  });
  const output = await said(box, `cd '${join(box.folder, 'second home')}' && cat auth.json config.toml; ls -a`);
  assert.equal(output.includes(CANARY), false, output);
  assert.match(output, /model_providers/);
});

test('a login that is a link to another place is closed there', async () => {
  await using box = await open({
    prepare: (it) => {
      const far = it.write(join(it.folder, 'far/login'), `# ${CANARY}\n`);
      renameSync(join(it.home, 'auth.json'), join(it.home, 'auth.json.old'));
      symlinkSync(far, join(it.home, 'auth.json'));
    },
  });
  const output = await said(box, `cat ${box.home}/auth.json ${box.folder}/far/login`);
  assert.equal(output.includes(CANARY), false, output);
});

test('a state folder that is the root of the file system leaves devices and processes as they are', () => {
  const { mounts, sealed } = hiddenFiles(['/'], []);
  assert.deepEqual(sealed, []);
  assert.deepEqual(
    [...mounts.keys()].filter((path) => path === '/' || path === '/dev' || path === '/proc'),
    [],
  );
});

test('a login that is no file closes nothing that others need', async () => {
  await using box = await open({
    prepare: (it) => {
      renameSync(join(it.home, '.env'), join(it.home, '.env.old'));
      symlinkSync('/dev/null', join(it.home, '.env'));
      symlinkSync(it.workspace, join(it.home, 'auth.json.folder'));
      mkdirSync(join(it.home, 'my-auth.json.d'));
    },
  });
  box.model.script(
    stream(calls(shell('c1', ['sh', '-c', 'echo x > /dev/null && cat /dev/null && touch made']))),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.items('commandExecution')[0].exitCode, 0, turn.items('commandExecution')[0].aggregatedOutput);
});

test('what else the home holds can be read, and a workspace in it can be worked in', async () => {
  await using box = await open({ start: false });
  const tree = join(box.home, 'worktrees/one');
  mkdirSync(tree, { recursive: true });
  await box.start();
  box.model.script(
    stream(
      calls(
        shell('c1', [
          'sh',
          '-c',
          `cat ${box.home}/skills/own/notes.md ${box.home}/config.toml && touch made && ls ${box.home}`,
        ]),
      ),
    ),
    done(),
  );
  const turn = await box.completed(await box.thread({ cwd: tree }), 'go');
  assert.equal(turn.items('commandExecution')[0].exitCode, 0, turn.items('commandExecution')[0].aggregatedOutput);
  assert.match(turn.items('commandExecution')[0].aggregatedOutput, /readable[\s\S]*model_providers/);
  assert.equal(box.has(join(tree, 'made')), true);
});

test('a login that is written while a command runs is not seen by it either', async () => {
  await using box = await open();
  const script = `echo ready; until [ -e go ]; do :; done; cat ${box.home}/auth.json ${box.home}/*.tmp ${box.home}/new-one; grep -rsh ${PATTERN} ${box.home}; echo end`;
  box.model.script(stream(calls(shell('c1', ['sh', '-c', script]))), done());
  const turn = await box.turn(await box.thread(), 'go');
  await turn.wait('item/commandExecution/outputDelta');
  box.write(join(box.home, 'draft'), CANARY);
  linkSync(join(box.home, 'draft'), join(box.home, 'new-one'));
  renameSync(join(box.home, 'draft'), join(box.home, 'auth.json'));
  box.write('go', '');
  await turn.ended();
  const output = turn.items('commandExecution')[0].aggregatedOutput;
  assert.match(output, /end/);
  assert.equal(output.includes(CANARY), false, output);
});

test('on-failure: what the sandbox hides is a denial, so that the user is asked', async () => {
  await using box = await open({ approvalPolicy: 'on-failure' });
  box.model.script(stream(calls(shell('c1', ['cat', join(box.home, 'auth.json')]))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take('item/commandExecution/requestApproval');
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
});

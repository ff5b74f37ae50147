/** What the server reads itself for the model, a project or a tool is never a login, and of an untrusted project nothing outside of it. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf } from '../support/box.ts';
import { applyPatch, calls, functionCall, says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const done = (id = 'msg-end') => stream(says('done', id));
const CANARY = 'canary-of-a-login';
const FREEFORM = '[features]\napply_patch_freeform = true\n';
const trusting = (folder: string): string => `[projects."${folder}"]\ntrust_level = "trusted"\n`;

const open = (options: BoxOptions = {}) =>
  Box.open({
    tables: FREEFORM,
    sandboxMode: 'danger-full-access',
    ...options,
    prepare: (box) => {
      for (const home of [box.home, join(box.folder, 'user/.codex')]) {
        box.write(join(home, 'auth.json'), `{"a": "${CANARY}"}\n`);
        box.write(join(home, '.credentials.json'), `${CANARY}\n`);
        box.write(join(home, '.env'), `A=${CANARY}\n`);
      }
      symlinkSync(join(box.home, 'auth.json'), join(box.workspace, 'link'));
      symlinkSync(box.home, join(box.workspace, 'linked'));
      linkSync(join(box.home, 'auth.json'), join(box.workspace, 'hard'));
      options.prepare?.(box);
    },
  });

/** Neither the client nor the model was told, nothing was stored. */
function assertUntold(box: Box): void {
  assert.deepEqual(
    box.client.lines.filter((line) => line.includes(CANARY)),
    [],
  );
  assert.equal(JSON.stringify(box.model.to().map(({ body }) => body)).includes(CANARY), false, 'the model was told');
  const sessions = join(box.home, 'sessions');
  for (const name of readdirSync(sessions, { recursive: true, encoding: 'utf8' })) {
    const path = join(sessions, name);
    if (statSync(path).isFile()) assert.equal(readFileSync(path, 'utf8').includes(CANARY), false, 'it was stored');
  }
}

test('no patch reads, changes, moves or removes a login, by whatever name, and the refusal says why', async () => {
  await using box = await open();
  const names = [
    join(box.home, 'auth.json'),
    join(box.home, '.credentials.json'),
    join(box.home, '.env'),
    join(box.home, 'auth.json.bak'),
    join(box.folder, 'user/.codex/auth.json'),
    '../home/auth.json',
    'link',
    'linked/auth.json',
    'hard',
  ];
  const sections = (name: string): readonly string[] => [
    `*** Update File: ${name}\n@@\n-x\n+y\n`,
    `*** Update File: ${name}\n@@\n-{"a": "${'canary-of'}\n+y\n`,
    `*** Delete File: ${name}\n`,
    `*** Add File: ${name}\n+y\n`,
    `*** Update File: plain\n*** Move to: ${name}\n@@\n-plain\n+y\n`,
  ];
  const patches = names.flatMap(sections).map((section) => `*** Begin Patch\n${section}*** End Patch`);
  box.write('plain', 'plain\n');
  // Removing a link removes the name, and shows where it led.
  const wanted = patches.filter((patch) => patch !== `*** Begin Patch\n*** Delete File: link\n*** End Patch`);
  box.model.script(stream(calls(...wanted.map((patch, at) => applyPatch(`c${at}`, patch)))), done());
  await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  for (const [at, patch] of wanted.entries()) {
    assert.match(
      outputOf(input, `c${at}`),
      /verification failed: .*(holds logins or keys|a file of that name exists)/,
      patch,
    );
  }
  assert.equal(readFileSync(join(box.home, 'auth.json'), 'utf8').includes(CANARY), true);
  assertUntold(box);
});

test('view_image does not look at a login', async () => {
  await using box = await open();
  const paths = [join(box.home, 'auth.json'), 'link', 'linked/.credentials.json', 'hard'];
  box.model.script(stream(calls(...paths.map((path, at) => functionCall(`c${at}`, 'view_image', { path })))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  for (const at of paths.keys()) assert.match(outputOf(input, `c${at}`), /holds logins or keys/);
  assert.deepEqual(turn.items('imageView'), []);
  assertUntold(box);
});

/** What a project can put in the way of what the server reads of it, each as the name and what it leads to. */
const BAIT: readonly (readonly [what: string, put: (box: Box, target: string) => void])[] = [
  ['AGENTS.md', (box, target) => symlinkSync(target, join(box.workspace, 'AGENTS.md'))],
  ['AGENTS.override.md', (box, target) => symlinkSync(target, join(box.workspace, 'AGENTS.override.md'))],
  [
    'a chain of links',
    (box, target) => {
      symlinkSync(target, join(box.workspace, 'one'));
      symlinkSync('one', join(box.workspace, 'AGENTS.md'));
    },
  ],
  [
    'a skill in a linked folder',
    (box, target) => {
      mkdirSync(join(box.workspace, '.codex/skills'), { recursive: true });
      const folder = join(target, '..', 'skill');
      box.write(join(folder, 'SKILL.md'), `---\nname: bait\ndescription: ${CANARY}\n---\n`);
      symlinkSync(folder, join(box.workspace, '.codex/skills/bait'));
    },
  ],
  [
    'a linked folder of skills',
    (box, target) => {
      const folder = join(target, '..', 'skills-elsewhere');
      box.write(join(folder, 'bait/SKILL.md'), `---\nname: bait\ndescription: ${CANARY}\n---\n`);
      mkdirSync(join(box.workspace, '.agents'));
      symlinkSync(folder, join(box.workspace, '.agents/skills'));
    },
  ],
];

for (const [what, put] of BAIT) {
  test(`${what} of an untrusted project that leads out of it is not read; of a trusted one it is`, async () => {
    for (const isTrusted of [false, true]) {
      await using box = await open({ start: false });
      box.write('.git/HEAD', 'ref: refs/heads/main\n');
      const target = box.write(join(box.folder, 'elsewhere/notes.md'), `${CANARY}\n`);
      put(box, target);
      box.writeConfig({ tables: isTrusted ? trusting(box.workspace) : '' });
      await box.start();
      box.model.script(done());
      await box.completed(await box.thread(), 'go');
      const { skills } = (await box.call('skills/list', { cwds: [box.workspace] })).data[0];
      const told = JSON.stringify([await box.sent(1), skills]);
      assert.equal(told.includes(CANARY), isTrusted);
    }
  });
}

test('instructions never come from a login, trusted or not', async () => {
  for (const [name, how] of [
    ['AGENTS.md', symlinkSync],
    ['AGENTS.md', linkSync],
    ['OTHER.md', symlinkSync],
  ] as const) {
    await using box = await open({ start: false });
    how(join(box.home, 'auth.json'), join(box.workspace, name));
    box.writeConfig({
      top: 'project_doc_fallback_filenames = ["OTHER.md", "../home/.env"]',
      tables: trusting(box.workspace),
    });
    await box.start();
    box.model.script(done());
    await box.completed(await box.thread(), 'go');
    assertUntold(box);
  }
});

test('names of instructions do not lead out of the folders of a project', async () => {
  for (const name of ['../elsewhere/notes.md', 'sub/../../elsewhere/notes.md']) {
    await using box = await open({ start: false });
    const far = box.write(join(box.folder, 'elsewhere/notes.md'), `${CANARY}\n`);
    mkdirSync(join(box.workspace, 'sub'));
    box.writeConfig({ top: `project_doc_fallback_filenames = ["${name}", "${far}"]` });
    await box.start();
    box.model.script(done());
    await box.completed(await box.thread(), 'go');
    assertUntold(box);
  }
});

test('a skill whose file has become a link since it was listed is not read', async () => {
  await using box = await open({ prepare: (it) => void it.write('.codex/skills/good/SKILL.md', SKILL) });
  const path = join(box.workspace, '.codex/skills/good/SKILL.md');
  box.model.script(done(), done('msg-2'));
  const threadId = await box.thread();
  await box.completed(threadId, 'use $good');
  assert.match(JSON.stringify(await box.sent(1)), /the skill itself/);
  rmSync(path);
  symlinkSync(join(box.home, 'auth.json'), path);
  await box.completed(threadId, 'use $good again');
  assertUntold(box);
});

const SKILL = '---\nname: good\ndescription: does good\n---\nthe skill itself\n';

test('instructions of the configuration never are a login', async () => {
  for (const key of ['model_instructions_file', 'experimental_compact_prompt_file']) {
    await using box = await open({ start: false });
    box.writeConfig({ top: `${key} = "${join(box.home, 'auth.json')}"` });
    await box.start();
    const { message } = await box.error('thread/start', {});
    assert.match(message, /holds logins or keys/);
  }
});

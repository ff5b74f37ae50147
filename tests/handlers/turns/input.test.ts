import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import { png } from '../../support/png.ts';

test('every kind of input is echoed as it came, and goes upstream as one message', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('seen')));
  const image = box.write('pixel.png', png());
  const input = [
    { type: 'text', text: 'look at ', text_elements: [{ byteRange: { start: 0, end: 99 } }] },
    { type: 'image', url: 'https://example.invalid/a.png' },
    { type: 'localImage', path: image },
    { type: 'localImage', path: '/nowhere/b.png' },
    { type: 'text', text: 'this' },
    { type: 'skill', name: 'some-skill', path: '/skills/some-skill' },
    { type: 'mention', name: 'a', path: 'app://a' },
  ];
  const turn = await box.completed(await box.thread(), input);
  const [item] = turn.items('userMessage');
  assert.deepEqual(item.content, [
    {
      type: 'text',
      text: 'look at ',
      text_elements: [{ byteRange: { start: 0, end: 99 }, placeholder: null }],
    },
    input[1],
    input[2],
    input[3],
    { type: 'text', text: 'this', text_elements: [] },
    input[5],
    input[6],
  ]);
  const sent = (await box.sent()).at(-1);
  assert.equal(sent?.role, 'user');
  const url = `data:image/png;base64,${png().toString('base64')}`;
  assert.deepEqual(sent?.content.slice(0, 7), [
    { type: 'input_text', text: 'look at ' },
    { type: 'input_text', text: '<image>' },
    { type: 'input_image', image_url: 'https://example.invalid/a.png' },
    { type: 'input_text', text: '</image>' },
    { type: 'input_text', text: '<image name=[Image #1]>' },
    { type: 'input_image', image_url: url },
    { type: 'input_text', text: '</image>' },
  ]);
  assert.match(sent?.content[7].text, /\/nowhere\/b\.png[\s\S]*No such file or directory/);
  assert.deepEqual(sent?.content.slice(8), [{ type: 'input_text', text: 'this' }]);
  const [{ msg }] = turn.all('codex/event/user_message');
  assert.equal(msg.message, 'look at this');
  assert.deepEqual(msg.images, ['https://example.invalid/a.png']);
  assert.deepEqual(msg.local_images, [image, '/nowhere/b.png']);
});

test('input of mentions alone makes a message without content', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('fine')));
  await box.completed(await box.thread(), [{ type: 'mention', name: 'a', path: 'app://a' }]);
  assert.deepEqual((await box.sent()).at(-1)?.content, []);
});

test('AGENTS.md files and skills are in the first request; a named skill brings its text along', async () => {
  await using box = await Box.open({
    prepare: (it) => {
      it.write(join(it.home, 'AGENTS.md'), 'Global rule.\n');
      it.write('AGENTS.md', 'Project rule.\n');
      it.write('.git/HEAD', 'ref: refs/heads/main\n');
      it.write('sub/AGENTS.md', 'Deeper rule.\n');
      it.write(
        join(it.home, 'skills/tidy/SKILL.md'),
        '---\nname: tidy\ndescription: tidies things up\n---\nTidy it all.\n',
      );
    },
  });
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread({ cwd: join(box.workspace, 'sub'), developerInstructions: 'Be swift.' });
  await box.completed(threadId, 'please $tidy this');
  const input = await box.sent();
  const roles = input.map((item) => item.role);
  assert.deepEqual(roles, ['developer', 'developer', 'user', 'user', 'user', 'user']);
  assert.match(textOf(input[0]), /^<permissions instructions>[\s\S]*read-only[\s\S]*<\/permissions instructions>$/);
  assert.equal(textOf(input[1]), 'Be swift.');
  const agents = textOf(input[2]);
  assert.ok(agents.startsWith(`# AGENTS.md instructions for ${box.workspace}/sub\n\n<INSTRUCTIONS>\nGlobal rule.`));
  assert.ok(agents.endsWith('\n</INSTRUCTIONS>'));
  assert.ok(agents.includes('Global rule.\n\n--- project-doc ---\n\nProject rule.\n\n\nDeeper rule.\n'));
  assert.ok(agents.includes('tidies things up'));
  assert.match(
    textOf(input[3]),
    /^<environment_context>\n {2}<cwd>.*\/sub<\/cwd>\n {2}<shell>\w+<\/shell>\n<\/environment_context>$/,
  );
  assert.equal(textOf(input[4]), 'please $tidy this');
  const skill = textOf(input[5]);
  assert.ok(skill.startsWith('<skill>\n<name>tidy</name>\n<path>'));
  assert.ok(skill.endsWith('\nTidy it all.\n\n</skill>'));
  // Once a thread runs they are neither read nor told again.
  box.write('AGENTS.md', 'Changed rule.\n');
  await box.completed(threadId, 'again');
  const added: readonly Item[] = (await box.sent(2)).slice(input.length);
  assert.deepEqual(added.map(textOf), ['one', 'again']);
});

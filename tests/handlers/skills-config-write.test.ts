import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../support/raw-client.ts';

const ENTRY = (path: string): string => `[[skills.config]]\npath = "${path}"\nenabled = false\n`;

/** A client whose home holds a config.toml and the skill `alpha`. `HOME` in the text is the home. */
async function clientWith(config: string | null): Promise<{ client: RawClient; file: string; skill: string }> {
  const client = new RawClient();
  const home = realpathSync(client.home);
  const file = join(home, 'config.toml');
  const folder = join(home, 'skills', 'alpha');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'SKILL.md'), '---\nname: alpha\ndescription: first\n---\nbody\n');
  if (config !== null) writeFileSync(file, config.replaceAll('HOME', home));
  await client.initialize();
  return { client, file, skill: join(folder, 'SKILL.md') };
}

const textOf = (file: string): string => readFileSync(file, 'utf8');

const isEnabled = async (client: RawClient): Promise<boolean> => {
  const { data } = await client.call('skills/list', {});
  return data[0].skills.find((skill: { name: string }) => skill.name === 'alpha').enabled;
};

test('a skill is switched off and on again, and the list shows it at once', async () => {
  const { client, file, skill } = await clientWith(null);
  await using _ = client;
  assert.equal(await isEnabled(client), true);
  assert.deepEqual(await client.call('skills/config/write', { path: skill, enabled: false }), {
    effectiveEnabled: false,
  });
  assert.equal(textOf(file), ENTRY(skill));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await isEnabled(client), false);
  assert.deepEqual(await client.call('skills/config/write', { path: skill, enabled: true }), {
    effectiveEnabled: true,
  });
  assert.equal(textOf(file), '');
  assert.equal(await isEnabled(client), true);
});

test('requests that are sent at once see the writes before them and none behind', async () => {
  const { client, skill } = await clientWith(null);
  await using _ = client;
  const wanted = Array.from({ length: 12 }, (_each, index) => index % 2 === 1);
  const listed = wanted.map((enabled) => {
    void client.request('skills/config/write', { path: skill, enabled });
    return isEnabled(client);
  });
  assert.deepEqual(await Promise.all(listed), wanted);
});

test('switching on what is not off makes no file', async () => {
  const { client, file, skill } = await clientWith(null);
  await using _ = client;
  assert.deepEqual(await client.call('skills/config/write', { path: skill, enabled: true }), {
    effectiveEnabled: true,
  });
  assert.equal(existsSync(file), false);
});

test('comments and other entries stay', async () => {
  const config = `# model\nmodel = "m" # beside\n\n# first\n${ENTRY('/a/SKILL.md')}\n[tools]\n# end\n`;
  const { client, file, skill } = await clientWith(config);
  await using _ = client;
  await client.call('skills/config/write', { path: skill, enabled: false });
  assert.equal(textOf(file), config.replace('\n[tools]', `\n${ENTRY(skill)}\n[tools]`));
  await client.call('skills/config/write', { path: skill, enabled: true });
  assert.equal(textOf(file), config);
});

test('an entry that says enabled is changed, not doubled', async () => {
  const { client, file, skill } = await clientWith('[[skills.config]]\npath = "/a"\nenabled = true # why\n');
  await using _ = client;
  await client.call('skills/config/write', { path: '/a', enabled: false });
  assert.equal(textOf(file), '[[skills.config]]\npath = "/a"\nenabled = false # why\n');
  assert.notEqual(skill, '/a');
});

test('entries of an inline list are kept', async () => {
  const { client, file } = await clientWith('skills.config = [{ path = "/a", enabled = false }] # mine\n');
  await using _ = client;
  await client.call('skills/config/write', { path: '/b', enabled: false });
  assert.equal(
    textOf(file),
    'skills.config = [{ path = "/a", enabled = false }, { path = "/b", enabled = false }] # mine\n',
  );
});

test('a path that exists is stored and found by its canonical name', async () => {
  const { client, file, skill } = await clientWith(null);
  await using _ = client;
  const link = join(client.home, 'link');
  symlinkSync(join(client.home, 'skills'), link);
  await client.call('skills/config/write', { path: join(link, 'alpha', 'SKILL.md'), enabled: false });
  assert.equal(textOf(file), ENTRY(skill));
  await client.call('skills/config/write', { path: 'skills/alpha/SKILL.md', enabled: true });
  assert.equal(textOf(file), '');
});

test('a path that does not exist is stored as given', async () => {
  const { client, file } = await clientWith(null);
  await using _ = client;
  await client.call('skills/config/write', { path: 'no/../such/SKILL.md', enabled: false });
  assert.equal(textOf(file), ENTRY('no/../such/SKILL.md'));
});

test('all entries of a skill go when it is switched on', async () => {
  const { client, file, skill } = await clientWith(
    `${ENTRY('HOME/skills/alpha/SKILL.md')}${ENTRY('/b')}${ENTRY('skills/alpha/SKILL.md')}`,
  );
  await using _ = client;
  await client.call('skills/config/write', { path: skill, enabled: true });
  assert.equal(textOf(file), ENTRY('/b'));
  assert.equal(await isEnabled(client), true);
});

test('a file that broke since the start is left alone, and the error names it', async () => {
  const { client, file, skill } = await clientWith(null);
  await using _ = client;
  await client.call('skills/list', {});
  writeFileSync(file, 'this is = bad\n');
  const { error } = await client.request('skills/config/write', { path: skill, enabled: false });
  assert.equal(error?.code, -32603);
  assert.match(error?.message ?? '', /^failed to update skill settings: .*config\.toml: line 1, column 6: /);
  assert.equal(textOf(file), 'this is = bad\n');
});

test('both members are required', async () => {
  const { client } = await clientWith(null);
  await using _ = client;
  const { error } = await client.request('skills/config/write', { path: '/a' });
  assert.deepEqual(error, { code: -32600, message: 'Invalid request: missing field `enabled`' });
});

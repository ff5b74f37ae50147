/** `account/login/start` with an API key, `loginApiKey`, logout. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  announced,
  authFile,
  authFileMode,
  authText,
  bearers,
  hasAuth,
  openAuthBox,
  writeAuth,
} from '../../account/support/auth-box.ts';
import { external, stored } from '../../account/support/tokens.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';

const KEY = { type: 'apiKey', apiKey: 'sk-test-key' };

test('an API key login is stored, announced and used as the bearer', async () => {
  await using box = await openAuthBox();
  box.model.script(stream(says('paid for')));
  assert.deepEqual(await box.call('account/login/start', KEY), { type: 'apiKey' });
  await box.client.takeMethod('account/updated');
  const methods = box.client.messages.slice(-3).map(({ method, result }) => method ?? result);
  assert.deepEqual(methods, [{ type: 'apiKey' }, 'account/login/completed', 'account/updated']);
  assert.deepEqual(announced(box, 'account/login/completed'), [{ loginId: null, success: true, error: null }]);
  assert.deepEqual(announced(box), [{ authMode: 'apikey' }]);
  assert.equal(authText(box), JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-test-key' }, null, 2));
  assert.equal(authFileMode(box), '600');
  assert.deepEqual(await box.call('account/read'), { account: { type: 'apiKey' }, requiresOpenaiAuth: true });
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['sk-test-key']);
  assert.equal(box.model.to()[0]?.headers['chatgpt-account-id'], undefined);
});

test('auth-file: a login replaces the file whole and makes it the owner’s alone', async () => {
  await using box = await openAuthBox({ auth: { ...stored(), unknown: 'member' } });
  chmodSync(join(box.home, 'auth.json'), 0o644);
  await box.call('loginApiKey', { apiKey: 'sk-second' });
  assert.deepEqual(authFile(box), { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-second' });
  assert.equal(authFileMode(box), '600');
  assert.deepEqual(
    readdirSync(box.home).filter((name) => name.startsWith('auth.json')),
    ['auth.json'],
  );
});

test('a key that cannot be stored is an error, and nothing has changed', async () => {
  await using box = await openAuthBox();
  mkdirSync(join(box.home, 'auth.json'));
  writeFileSync(join(box.home, 'auth.json', 'in-the-way'), '');
  const error = await box.error('account/login/start', KEY);
  assert.equal(error.code, -32603);
  assert.equal(error.message, 'failed to save api key: it is a folder, not a regular file');
  assert.deepEqual(await box.call('account/read'), { account: null, requiresOpenaiAuth: true });
  assert.deepEqual(announced(box), []);
  assert.deepEqual(
    readdirSync(box.home).filter((name) => name.startsWith('auth.json.')),
    [],
  );
});

test('a folder that is not there is made by the first login', async () => {
  await using box = await openAuthBox();
  await box.call('skills/list', {}); // the bundled ones are in place: nothing else makes the folder
  rmSync(box.home, { recursive: true, force: true });
  await box.call('account/login/start', KEY);
  assert.equal(authFile(box).OPENAI_API_KEY, 'sk-test-key');
});

for (const [method, params] of [
  ['account/login/start', KEY],
  ['loginApiKey', { apiKey: 'sk-test-key' }],
] as const) {
  test(`${method}: a key is refused when ChatGPT is forced`, async () => {
    await using box = await openAuthBox({ top: 'forced_login_method = "chatgpt"' });
    const message = 'API key login is disabled. Use ChatGPT login instead.';
    assert.deepEqual(await box.error(method, params), { code: -32600, message });
    assert.equal(hasAuth(box), false);
  });

  test(`${method}: a key is refused while the client owns the login`, async () => {
    await using box = await openAuthBox();
    await box.call('account/login/start', external());
    const error = await box.error(method, params);
    assert.equal(error.code, -32600);
    assert.match(error.message, /^External auth is active\./);
    assert.equal(hasAuth(box), false);
  });
}

test('loginApiKey announces itself in the words of its generation only', async () => {
  await using box = await openAuthBox();
  assert.deepEqual(await box.call('loginApiKey', { apiKey: 'sk-test-key' }), {});
  assert.deepEqual((await box.client.takeMethod('authStatusChange')).params, { authMethod: 'apikey' });
  await box.call('account/read');
  assert.deepEqual(announced(box), []);
  assert.deepEqual(announced(box, 'account/login/completed'), []);
});

test('an empty key is stored, and counts as no usable login', async () => {
  await using box = await openAuthBox();
  await box.call('account/login/start', { type: 'apiKey', apiKey: '' });
  assert.deepEqual((await box.call('account/read')).account, { type: 'apiKey' });
  const status = await box.call('getAuthStatus', { includeToken: true });
  assert.deepEqual(status, { authMethod: null, authToken: null, requiresOpenaiAuth: true });
});

for (const [method, notification, member] of [
  ['account/logout', 'account/updated', 'authMode'],
  ['logoutChatGpt', 'authStatusChange', 'authMethod'],
] as const) {
  test(`${method} removes the stored login and says so, also when nobody is logged in`, async () => {
    await using box = await openAuthBox({ auth: stored() });
    assert.deepEqual(await box.call(method, undefined), {});
    assert.deepEqual((await box.client.takeMethod(notification)).params, { [member]: null });
    assert.equal(hasAuth(box), false);
    assert.equal((await box.call('account/read')).account, null);
    assert.deepEqual(await box.call(method, undefined), {});
    assert.deepEqual((await box.client.takeMethod(notification)).params, { [member]: null });
  });
}

test('a logout that cannot remove the file is an error, and the login stays', async () => {
  await using box = await openAuthBox({ auth: stored() });
  await box.call('account/read');
  rmSync(join(box.home, 'auth.json'));
  mkdirSync(join(box.home, 'auth.json'));
  const error = await box.error('account/logout', undefined);
  assert.equal(error.code, -32603);
  assert.equal(
    error.message,
    `logout failed: cannot remove \`${join(box.home, 'auth.json')}\`: Is a directory (os error 21)`,
  );
  assert.deepEqual(announced(box), []);
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
});

test('edits of the file by others count from the next start', async () => {
  await using box = await openAuthBox();
  assert.equal((await box.call('account/read')).account, null);
  writeAuth(box, stored());
  assert.equal((await box.call('account/read')).account, null);
  await box.start();
  assert.equal((await box.call('account/read')).account.type, 'chatgpt');
});

test('keys in the environment are no login', async () => {
  await using box = await openAuthBox({ env: { OPENAI_API_KEY: 'sk-env', CODEX_API_KEY: 'sk-env' } });
  assert.equal((await box.call('account/read')).account, null);
  box.model.script(stream(says('without a token')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), [undefined]);
});

test('ephemeral: a key lives in memory and ends with the process', async () => {
  await using box = await openAuthBox({ top: 'cli_auth_credentials_store = "ephemeral"' });
  await box.call('account/login/start', KEY);
  assert.equal((await box.call('account/read')).account.type, 'apiKey');
  assert.equal(existsSync(join(box.home, 'auth.json')), false);
  await box.start();
  assert.equal((await box.call('account/read')).account, null);
});

const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: undefined, DISPLAY: undefined };

test('keyring: without a keyring a login fails and says what is missing', async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere there always is one');
  await using box = await openAuthBox({ top: 'cli_auth_credentials_store = "keyring"', env: NO_BUS });
  const error = await box.error('account/login/start', KEY);
  assert.equal(error.code, -32603);
  assert.match(
    error.message,
    /^failed to save api key: failed to write to keyring: .*(no keyring service is running|not installed)/,
  );
  assert.equal(hasAuth(box), false);
});

test('auth-auto-store: without a keyring the file serves, for logout too, and the log says so once', async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere there always is one');
  const env = { ...NO_BUS, SHARDEX_LOG: 'warn' };
  await using box = await openAuthBox({ top: 'cli_auth_credentials_store = "auto"', env });
  await box.call('account/login/start', KEY);
  assert.equal(authFileMode(box), '600');
  assert.deepEqual(await box.call('account/logout', undefined), {});
  assert.equal(hasAuth(box), false);
  await box.client.takeMethod('account/updated');
  assert.equal(box.client.server.stderr.split('keyring-unusable').length, 2);
});

/** A login in a file that cannot be replaced, or not be written at all: no refresh token is spent for nothing, and no tokens are lost. */
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { authFile, authText, bearers, failedTurn, openAuthBox, writeAuth } from '../../account/support/auth-box.ts';
import { idToken, ONE, stored } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { json, status, stream } from '../../support/model-server.ts';
import { type Mount, mountProblem, withMounts } from '../../support/mounts.ts';

const EXPIRED = status(401, { error: { message: 'expired' } });
const TOKEN = '/oauth/token';
const renewed = (count: number): object => ({
  id_token: idToken(ONE),
  access_token: `access-${count}`,
  refresh_token: `refresh-${count}`,
});

const outside = (box: Box): string => join(box.folder, 'auth-outside.json');
const sessions = (box: Box): string => join(box.folder, 'sessions-outside');
const inside = (box: Box): string => join(box.home, 'auth.json');

/** A box whose `auth.json` is another file of the machine. */
function openMounted(mounts: (box: Box) => readonly Mount[]): Promise<Box> {
  return openAuthBox({
    auth: '',
    prepare: (box) => {
      writeFileSync(outside(box), JSON.stringify(stored()));
      for (const folder of [sessions(box), join(box.home, 'sessions')]) mkdirSync(folder);
    },
    inFront: (box) => withMounts(mounts(box)),
  });
}

const outsideTokens = (box: Box): unknown => JSON.parse(readFileSync(outside(box), 'utf8')).tokens;

async function renewsInPlace(box: Box): Promise<void> {
  let count = 1;
  box.model.route('POST', TOKEN, () => json(renewed(++count)));
  box.model.script(EXPIRED, stream(says('one')), EXPIRED, stream(says('two')));
  const thread = await box.thread();
  await box.completed(thread, 'hello');
  await box.completed(thread, 'hello');
  assert.deepEqual(bearers(box), ['access-1', 'access-2', 'access-2', 'access-3']);
  assert.deepEqual(
    box.model.to(TOKEN).map(({ body }) => body.refresh_token),
    ['refresh-1', 'refresh-2'],
  );
  assert.deepEqual(outsideTokens(box), { ...renewed(3), account_id: 'org-one' });
}

describe('auth.json as containers mount it', { skip: mountProblem() }, () => {
  test('auth-in-place: mounted by itself, it takes renewed tokens, and a logout empties it', async () => {
    await using box = await openMounted((it) => [{ from: outside(it), to: inside(it) }]);
    await renewsInPlace(box);
    assert.equal(statSync(outside(box)).mode & 0o777, 0o600);
    await box.call('account/logout');
    assert.equal(readFileSync(outside(box), 'utf8'), '');
    assert.equal((await box.call('account/read')).account, null);
    assert.deepEqual(
      readdirSync(box.home).filter((name) => name.startsWith('auth')),
      ['auth.json'],
    );
  });

  test('auth-in-place: in a folder that is read-only, too', async () => {
    await using box = await openMounted((it) => [
      { from: it.home, to: it.home, isReadOnly: true },
      { from: outside(it), to: inside(it) },
      { from: sessions(it), to: join(it.home, 'sessions') },
    ]);
    await renewsInPlace(box);
  });

  test('auth-unstored: mounted to be read only, no refresh token is spent, and the turn says why', async () => {
    await using box = await openMounted((it) => [{ from: outside(it), to: inside(it), isReadOnly: true }]);
    box.model.route('POST', TOKEN, json(renewed(2)));
    box.model.script(EXPIRED);
    const error = await failedTurn(box, await box.thread());
    assert.match(error.message, /could not be stored: Read-only file system/);
    assert.equal(error.codexErrorInfo, 'unauthorized');
    assert.deepEqual(box.model.to(TOKEN), []);
    assert.deepEqual(outsideTokens(box), { ...renewed(1), account_id: 'org-one' });
  });
});

test('auth-unstored: tokens that the store refuses stay in use, the client is told, and they are stored later', async () => {
  await using box = await openAuthBox({ auth: stored() });
  let count = 1;
  box.model.route('POST', TOKEN, () => {
    count += 1;
    if (count === 2) {
      rmSync(inside(box));
      mkdirSync(inside(box)); // nothing can be stored any more
    }
    return json(renewed(count));
  });
  box.model.script(EXPIRED, stream(says('one')), stream(says('two')), EXPIRED, stream(says('three')));
  const thread = await box.thread();
  await box.completed(thread, 'hello');
  await box.completed(thread, 'hello');
  const warnings = box.client.ofMethod('configWarning').map(({ params }) => params);
  assert.match(JSON.stringify(warnings), /could not be stored/);
  assert.deepEqual(bearers(box), ['access-1', 'access-2', 'access-2']);

  rmdirSync(inside(box));
  writeAuth(box, stored()); // as it was: its refresh token is spent
  await box.completed(thread, 'hello');
  assert.deepEqual(
    box.model.to(TOKEN).map(({ body }) => body.refresh_token),
    ['refresh-1', 'refresh-2'],
  );
  assert.deepEqual(authFile(box).tokens, { ...renewed(3), account_id: 'org-one' });
});

test('auth-unstored: the end of the process is a last chance to store them', async () => {
  await using box = await openAuthBox({ auth: stored() });
  box.model.route('POST', TOKEN, () => {
    rmSync(inside(box));
    mkdirSync(inside(box));
    return json(renewed(2));
  });
  box.model.script(EXPIRED, stream(says('one')));
  await box.completed(await box.thread(), 'hello');
  rmdirSync(inside(box));
  writeAuth(box, stored());
  box.client.server.child.stdin.end();
  await box.client.server.exit();
  assert.deepEqual(authFile(box).tokens, { ...renewed(2), account_id: 'org-one' });
});

test('auth-in-place: a file that root replaces stays its owner’s', {
  skip: process.getuid?.() !== 0 && 'only root may give files away',
}, async () => {
  await using box = await openAuthBox({ auth: stored() });
  chownSync(inside(box), 1234, 2345);
  await box.call('account/login/start', { type: 'apiKey', apiKey: 'sk-new' });
  const { uid, gid, mode } = statSync(inside(box));
  assert.deepEqual([uid, gid, mode & 0o777], [1234, 2345, 0o600]);
  assert.match(authText(box), /sk-new/);
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartupError } from '../../src/base/errors.ts';
import { loadAtStart } from '../../src/config/startup.ts';
import { sandbox } from './sandbox.ts';

test('a broken configuration gives the defaults with the flags, and a warning with the place', async () => {
  await using box = await sandbox({ 'codex-home/config.toml': 'model="fine"\nsandbox_mode = "no-such-mode"\n' });
  const started = await loadAtStart(box.request({ cliOverrides: [['review_model', 'flag']] }), box.environment);
  assert.equal(started.config.model, null);
  assert.equal(started.config.reviewModel, 'flag');
  const path = join(box.home, 'config.toml');
  assert.deepEqual(started.warnings, [
    {
      summary: 'Invalid configuration; using defaults.',
      details: `${path}:2:16: unknown variant \`no-such-mode\`, expected one of \`read-only\`, \`workspace-write\`, \`danger-full-access\``,
      path,
      range: { start: { line: 2, column: 16 }, end: { line: 2, column: 29 } },
    },
  ]);
});

test('restrictions-at-start: what restricts logins holds although another value spoils the files', async () => {
  const text =
    'forced_login_method = "chatgpt"\nforced_chatgpt_workspace_id = "ws"\ncli_auth_credentials_store = "ephemeral"\n';
  await using box = await sandbox({ 'codex-home/config.toml': `${text}model = 5\n` });
  const { config, warnings } = await loadAtStart(box.request(), box.environment);
  assert.equal(warnings.length, 1);
  assert.deepEqual(
    [config.forcedLoginMethod, config.forcedChatgptWorkspaceId, config.authCredentialsStore],
    ['chatgpt', 'ws', 'ephemeral'],
  );
});

test('a fault without a place gives a warning without path and range', async () => {
  await using box = await sandbox({ 'codex-home/config.toml': 'profile="nope"' });
  const { warnings } = await loadAtStart(box.request(), box.environment);
  assert.deepEqual(warnings, [
    { summary: 'Invalid configuration; using defaults.', details: 'config profile `nope` not found' },
  ]);
});

test('a violated requirement gives defaults to which it does not apply', async () => {
  await using box = await sandbox({ 'etc/requirements.toml': 'allowed_approval_policies=["never"]' });
  const { config, warnings } = await loadAtStart(box.request(), box.environment);
  assert.equal(config.approvalPolicy, 'on-request');
  assert.equal(warnings.length, 1);
});

test('flags that make no configuration stop the start', async () => {
  await using box = await sandbox();
  const request = box.request({ cliOverrides: [['model', '5']] });
  await assert.rejects(
    loadAtStart(request, box.environment),
    new StartupError(
      'error loading default config after config error: invalid type: integer `5`, expected a string\nin `model`',
    ),
  );
});

test('disabled project folders are listed after the rules, outermost first; folders without config.toml are not', async () => {
  await using box = await sandbox({
    'workspace/.git/HEAD': '',
    'workspace/.codex/config.toml': 'x=1',
    'workspace/a/.codex/skills/x': '',
    'workspace/a/b/.codex/config.toml': 'x=1',
  });
  const rules = { summary: 'rules', details: null };
  const seen: (readonly string[])[] = [];
  const { warnings } = await loadAtStart(box.request({ cwd: 'a/b' }), box.environment, async (folders) => {
    seen.push(folders.map(({ folder }) => folder));
    return [rules];
  });
  assert.deepEqual(warnings[0], rules);
  assert.deepEqual(
    seen[0]?.slice(2),
    ['.codex', 'a/.codex', 'a/b/.codex'].map((path) => join(box.workspace, path)),
  );
  const [, first, , second] = warnings[1]?.summary.split('\n') ?? [];
  assert.equal(first, `    1. ${join(box.workspace, '.codex')}`);
  assert.equal(second, `    2. ${join(box.workspace, 'a/b/.codex')}`);
  assert.equal(warnings[1]?.details, null);
});

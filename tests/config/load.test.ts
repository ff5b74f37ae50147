import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../src/config/errors.ts';
import { sandbox } from './sandbox.ts';

test('without any file the defaults hold', async () => {
  await using box = await sandbox();
  const config = await box.load();
  assert.equal(config.model, null);
  assert.equal(config.provider.id, 'openai');
  assert.equal(config.provider.isBuiltIn, true);
  assert.deepEqual(config.provider.httpHeaders, { version: '1.2.3' });
  assert.equal(config.approvalPolicy, 'on-request');
  assert.deepEqual(config.sandboxPolicy, { type: 'readOnly' });
  assert.equal(config.personality, 'friendly');
  assert.equal(config.reasoningSummary, 'auto');
  assert.equal(config.projectDocMaxBytes, 32_768);
  assert.equal(config.webSearch, null);
  assert.equal(config.analyticsEnabled, null);
  assert.equal(config.threadIdleUnloadMs, 1_800_000);
  assert.equal(config.cwd, box.workspace);
  assert.deepEqual(config.ruleFolders, [
    { folder: box.system, mayAllow: true },
    { folder: box.home, mayAllow: true },
  ]);
  assert.deepEqual(config.deprecations, []);
});

test('layers win in the order system, user, flags, request, managed', async () => {
  await using box = await sandbox({
    'etc/config.toml':
      'model="system"\nreview_model="system"\ncompact_prompt="system"\ndeveloper_instructions="system"\nchatgpt_base_url="system"',
    'codex-home/config.toml':
      'review_model="user"\ncompact_prompt="user"\ndeveloper_instructions="user"\nchatgpt_base_url="user"',
    'etc/managed_config.toml': 'chatgpt_base_url="managed"',
  });
  const config = await box.load({
    cliOverrides: [
      ['compact_prompt', 'flag'],
      ['developer_instructions', 'flag'],
      ['chatgpt_base_url', 'flag'],
    ],
    requestOverrides: { developer_instructions: 'request', chatgpt_base_url: 'request' },
  });
  assert.equal(config.model, 'system');
  assert.equal(config.reviewModel, 'user');
  assert.equal(config.compactPrompt, 'flag');
  assert.equal(config.developerInstructions, 'request');
  assert.equal(config.chatgptBaseUrl, 'managed');
});

test('tables merge key by key, lists are replaced whole', async () => {
  await using box = await sandbox({
    'etc/config.toml': '[sandbox_workspace_write]\nwritable_roots=["/a","/b"]\nnetwork_access=true',
    'codex-home/config.toml': 'sandbox_mode="workspace-write"\n[sandbox_workspace_write]\nwritable_roots=["/c"]',
  });
  assert.deepEqual((await box.load()).sandboxPolicy, {
    type: 'workspaceWrite',
    writableRoots: ['/c'],
    networkAccess: true,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  });
});

test('a typed field beats the profile, the profile beats every layer', async () => {
  await using box = await sandbox({
    'codex-home/config.toml':
      'model="top"\nprofile="p"\n[profiles.p]\nmodel="profile"\nweb_search="live"\n[profiles.q]\nmodel="other"',
    'etc/managed_config.toml': 'model="managed"',
  });
  assert.equal((await box.load({ requestOverrides: { model: 'request' } })).model, 'profile');
  assert.equal((await box.load()).webSearch, 'live');
  assert.equal((await box.load({ typed: { model: 'typed' } })).model, 'typed');
  assert.equal((await box.load({ typed: { profile: 'q' } })).model, 'other');
  assert.equal((await box.load({ requestOverrides: { profile: 'q' } })).model, 'other');
  const inline = { profile: 'z', 'profiles.z': { model_provider: 'mine' }, 'model_providers.mine': { name: 'Mine' } };
  assert.equal((await box.load({ requestOverrides: inline })).provider.name, 'Mine');
});

test('null in a request becomes the empty string', async () => {
  await using box = await sandbox();
  assert.equal((await box.load({ requestOverrides: { model: null } })).model, '');
});

test('paths are relative to the file they stand in, and the home folder is ~', async () => {
  await using box = await sandbox({
    'codex-home/config.toml':
      'sandbox_mode="workspace-write"\nmodel_instructions_file="own/../text.md"\n[sandbox_workspace_write]\nwritable_roots=["x/../y","~/z","~"]',
    'codex-home/text.md': '  be brief \n',
  });
  const config = await box.load();
  assert.equal(config.baseInstructions, 'be brief');
  const roots = config.sandboxPolicy.type === 'workspaceWrite' ? config.sandboxPolicy.writableRoots : [];
  const user = box.environment.homeFolder;
  assert.deepEqual(roots, [join(box.home, 'y'), join(user, 'z'), user]);
});

test('a built-in provider cannot be redefined', async () => {
  await using box = await sandbox({
    'codex-home/config.toml': '[model_providers.openai]\nname="x"\nbase_url="http://x"',
  });
  assert.equal((await box.load()).provider.name, 'OpenAI');
});

test('a provider takes its defaults, retries are capped at 100', async () => {
  await using box = await sandbox({
    'codex-home/config.toml': 'model_provider="q"\n[model_providers.q]\nname="Q"\nrequest_max_retries=1000',
  });
  const { provider } = await box.load();
  assert.equal(provider.wireApi, 'chat');
  assert.equal(provider.requestMaxRetries, 100);
  assert.equal(provider.streamMaxRetries, 5);
  assert.equal(provider.streamIdleTimeoutMs, 300_000);
});

test('features follow defaults, old keys, the table, the profile and the flags; old keys are announced in order', async () => {
  await using box = await sandbox({
    'codex-home/config.toml': `experimental_use_unified_exec_tool=true
experimental_instructions_file="x"
profile="p"
[features]
web_search_cached=false
connectors=true
undo=true
collab=true
[tools]
web_search=true
[profiles.p.features]
unified_exec=false`,
  });
  const config = await box.load({ enable: ['sqlite'], disable: ['undo'] });
  const { unified_exec, apps, undo, sqlite, collab } = config.features;
  assert.deepEqual(
    { unified_exec, apps, undo, sqlite, collab },
    {
      unified_exec: false,
      apps: true,
      undo: false,
      sqlite: true,
      collab: true,
    },
  );
  assert.equal(config.webSearch, 'live');
  assert.deepEqual(
    config.deprecations.map(({ summary }) => summary),
    [
      '`connectors` is deprecated. Use `[features].apps` instead.',
      '`experimental_use_unified_exec_tool` is deprecated. Use `[features].unified_exec` instead.',
      '`[features].web_search_cached` is deprecated. Use `web_search` instead.',
      '`[tools].web_search` is deprecated. Use `web_search` instead.',
      '`experimental_instructions_file` is deprecated and ignored. Use `model_instructions_file` instead.',
    ],
  );
  assert.deepEqual(config.unstableFeatures, ['collab', 'sqlite']);
  const quiet = await box.load({ cliOverrides: [['suppress_unstable_features_warning', 'true']] });
  assert.deepEqual(quiet.unstableFeatures, []);
});

test('only the user layer switches skills off, by canonical path', async () => {
  await using box = await sandbox({
    'codex-home/skills/a/SKILL.md': '',
    'etc/config.toml': '[[skills.config]]\npath="/sys"\nenabled=false',
  });
  await symlink(join(box.home, 'skills'), join(box.root, 'link'));
  const entry = (path: string, enabled: boolean): string => `[[skills.config]]\npath="${path}"\nenabled=${enabled}\n`;
  await box.write('codex-home/config.toml', entry(join(box.root, 'link/a/SKILL.md'), false) + entry('/on', true));
  assert.deepEqual((await box.load()).disabledSkills, [join(box.home, 'skills/a/SKILL.md')]);
});

test('a trusted project folder contributes, the deeper one wins', async () => {
  await using box = await sandbox({
    'workspace/.codex/config.toml': 'model="outer"\nreview_model="outer"',
    'workspace/sub/.codex/config.toml': 'model="inner"',
  });
  await mkdir(join(box.workspace, '.git'));
  await box.write('codex-home/config.toml', `model="user"\n[projects."${box.workspace}"]\ntrust_level="trusted"`);
  const config = await box.load({ cwd: 'sub' });
  assert.equal(config.model, 'inner');
  assert.equal(config.reviewModel, 'outer');
  assert.equal(config.projectRoot, box.workspace);
  assert.deepEqual(config.projectFolders, [join(box.workspace, 'sub'), box.workspace]);
  assert.deepEqual(config.ruleFolders.slice(2), [
    { folder: join(box.workspace, '.codex'), mayAllow: true },
    { folder: join(box.workspace, 'sub/.codex'), mayAllow: false },
  ]);
});

test('an unknown or untrusted project folder contributes nothing', async () => {
  await using box = await sandbox({ 'workspace/.codex/config.toml': 'model="project"' });
  assert.equal((await box.load()).model, null);
  await box.write('codex-home/config.toml', `[projects."${box.workspace}"]\ntrust_level="untrusted"`);
  const config = await box.load();
  assert.equal(config.model, null);
  assert.equal(config.approvalPolicy, 'untrusted');
  assert.equal(config.sandboxPolicy.type, 'workspaceWrite');
});

test('trust of a main work tree covers linked work trees and folders below, but a bare .git folder is no repository', async () => {
  await using box = await sandbox({
    'tree/.git': 'gitdir: ../workspace/.git/worktrees/tree\n',
    'workspace/.git/worktrees/tree/commondir': '../..\n',
    'workspace/.git/worktrees/tree/gitdir': '../../../../tree/.git\n',
  });
  await box.write('codex-home/config.toml', `[projects."${box.workspace}"]\ntrust_level="trusted"`);
  await box.write('tree/.codex/config.toml', 'model="linked"');
  const before = await box.load({ cwd: join(box.root, 'tree') });
  assert.deepEqual([before.model, before.sandboxPolicy.type], [null, 'readOnly']);
  await box.makeRepository('workspace');
  const after = await box.load({ cwd: join(box.root, 'tree') });
  assert.deepEqual([after.model, after.sandboxPolicy.type], ['linked', 'workspaceWrite']);
});

test('a project file that does not parse fails only when it is trusted', async () => {
  await using box = await sandbox({ 'workspace/.codex/config.toml': 'model=' });
  assert.equal((await box.load()).model, null);
  await box.write('codex-home/config.toml', `[projects."${box.workspace}"]\ntrust_level="trusted"`);
  await assert.rejects(
    box.load(),
    (error) => error instanceof ConfigError && /^Error parsing project config file /.test(error.message),
  );
});

test('CODEX_HOME itself is no project folder', async () => {
  await using box = await sandbox({ 'user/.codex/config.toml': 'model="home"' });
  const config = await box.load({ codexHome: join(box.root, 'user/.codex'), cwd: join(box.root, 'user') });
  assert.deepEqual(config.projectFolders, []);
  assert.equal(config.model, 'home');
});

test('project_root_markers decide where project layers begin', async () => {
  await using box = await sandbox({
    'codex-home/config.toml': 'project_root_markers=["MARK"]',
    MARK: '',
    'workspace/.git/HEAD': '',
  });
  assert.equal((await box.load()).projectRoot, box.root);
  await box.write('codex-home/config.toml', 'project_root_markers=[]');
  assert.equal((await box.load()).projectRoot, box.workspace);
});

test('what the administrator does not allow is refused, the default too', async () => {
  await using box = await sandbox({ 'etc/requirements.toml': 'allowed_approval_policies=["never"]' });
  await assert.rejects(box.load(), {
    message: `invalid value for \`approval_policy\`: \`OnRequest\` is not in the allowed set [Never] (set by ${box.system}/requirements.toml)`,
  });
  assert.equal((await box.load({ typed: { approvalPolicy: 'never' } })).approvalPolicy, 'never');
});

test('a managed value is the only one allowed, and read-only beside a managed sandbox', async () => {
  await using box = await sandbox({
    'etc/managed_config.toml': 'approval_policy="never"\nsandbox_mode="workspace-write"',
  });
  const config = await box.load({ requestOverrides: { approval_policy: 'untrusted' } });
  assert.equal(config.approvalPolicy, 'never');
  assert.equal((await box.load({ typed: { sandboxMode: 'read-only' } })).sandboxPolicy.type, 'readOnly');
  await assert.rejects(box.load({ typed: { sandboxMode: 'danger-full-access' } }), {
    message: `invalid value for \`sandbox_mode\`: \`DangerFullAccess\` is not in the allowed set [ReadOnly, WorkspaceWrite] (set by ${box.system}/managed_config.toml)`,
  });
});

test('requirements that allow nothing are refused', async () => {
  await using box = await sandbox({ 'etc/requirements.toml': 'allowed_approval_policies=[]' });
  await assert.rejects(box.load(), { message: 'field `allowed_approval_policies` cannot be empty' });
  await box.write('etc/requirements.toml', 'allowed_sandbox_modes=["workspace-write"]');
  await assert.rejects(box.load(), /allowed_sandbox_modes.*read-only/);
  await box.write('etc/requirements.toml', 'allowed_sandbox_modes=["x"]');
  await assert.rejects(box.load(), /Error parsing requirements file .* line 1, column 24: unknown variant `x`/);
});

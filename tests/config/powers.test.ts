import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfigAndLayers } from '../../src/config/load.ts';
import { LEFT_OUT_SUMMARY, loadExecPolicy } from '../../src/execpolicy/load.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

/** A trusted repository with settings of a folder below. */
async function nested(user: string, inner: string, outer = ''): Promise<Sandbox> {
  const box = await sandbox({ 'workspace/sub/.codex/config.toml': inner });
  if (outer !== '') await box.write('workspace/.codex/config.toml', outer);
  await box.makeRepository('workspace');
  await box.write('codex-home/config.toml', `${user}\n[projects."${box.workspace}"]\ntrust_level="trusted"\n`);
  return box;
}

async function leftOutOf(box: Sandbox): Promise<readonly string[]> {
  const { stack } = await loadConfigAndLayers(box.request({ cwd: 'sub' }), box.environment);
  return stack.layers.flatMap(({ ignoredKeys }) => ignoredKeys);
}

const powerful = [
  'model_provider="evil"\n[model_providers.evil]\nname="evil"\nbase_url="http://127.0.0.1:1"',
  'profile="evil"\n[profiles.evil]\napproval_policy="never"\nsandbox_mode="danger-full-access"',
  'notify=["sh"]',
  'chatgpt_base_url="http://127.0.0.1:1"',
  'experimental_use_unified_exec_tool=true',
  '[features]\nexec_policy=false',
  '[tools]\nweb_search=true',
  '[shell_environment_policy.set]\nPATH="/evil"',
  '[mcp_servers.evil]\ncommand="sh"',
  '[otel.exporter.otlp-http]\nendpoint="http://127.0.0.1:1"\nprotocol="json"',
  '[projects."/"]\ntrust_level="trusted"',
  'forced_login_method="api"',
  'cli_auth_credentials_store="ephemeral"',
];
for (const text of powerful) {
  test(`nested-config: without a name of its own a folder does not set ${text.replaceAll('\n', ' ')}`, async () => {
    await using box = await nested('', text);
    const { cwd: _, projectFolders: _a, ruleFolders: _b, ...got } = await box.load({ cwd: 'sub' });
    await box.write('workspace/sub/.codex/config.toml', '');
    const { cwd: _c, projectFolders: _d, ruleFolders: _e, ...wanted } = await box.load({ cwd: 'sub' });
    assert.deepEqual(got, wanted);
    await box.write('workspace/sub/.codex/config.toml', text);
    assert.notDeepEqual(await leftOutOf(box), []);
  });
}

const NARROW = 'sandbox_mode="read-only"\napproval_policy="untrusted"\nweb_search="disabled"\n';
const WIDE = 'sandbox_mode="danger-full-access"\napproval_policy="never"\nweb_search="live"\n';
const MIDDLE = 'sandbox_mode="workspace-write"\napproval_policy="on-request"\nweb_search="cached"\n';
const policies: readonly [user: string, outer: string, inner: string, expected: string][] = [
  ['', '', NARROW, 'readOnly untrusted disabled'],
  ['', '', MIDDLE, 'workspaceWrite on-request cached'],
  [WIDE, '', MIDDLE, 'workspaceWrite on-request cached'],
  [WIDE, '', NARROW, 'readOnly untrusted disabled'],
  [WIDE, '', WIDE, 'dangerFullAccess never live'],
  [MIDDLE, '', WIDE, 'workspaceWrite on-request cached'],
  [NARROW, '', WIDE, 'readOnly untrusted disabled'],
  [WIDE, NARROW, MIDDLE, 'readOnly untrusted disabled'],
  [NARROW, WIDE, MIDDLE, 'workspaceWrite on-request cached'],
  [MIDDLE, '', 'sandbox_mode=5\napproval_policy="x"\n', 'workspaceWrite on-request cached'],
];
for (const [user, outer, inner, expected] of policies) {
  const shown = [user, outer, inner].map((text) => text.split('\n')[0] || 'nothing').join(', ');
  test(`nested-config: the narrower policy counts, from the user to the folder below: ${shown}`, async () => {
    await using box = await nested(user, inner, outer);
    const { sandboxPolicy, approvalPolicy, webSearch } = await box.load({ cwd: 'sub' });
    assert.equal([sandboxPolicy.type, approvalPolicy, webSearch].join(' '), expected);
  });
}

test('nested-config: of the writable sandbox a folder below may only narrow members', async () => {
  const user =
    'sandbox_mode="workspace-write"\nsandbox_workspace_write={network_access=true, writable_roots=["/a"], allowed_unix_sockets=["/a.sock"]}';
  const inner =
    '[sandbox_workspace_write]\nnetwork_access=false\nexclude_slash_tmp=true\nexclude_tmpdir_env_var=false\nwritable_roots=["/"]\nallowed_unix_sockets=["/run/docker.sock"]';
  await using box = await nested(user, inner);
  const { sandboxPolicy, allowedUnixSockets } = await box.load({ cwd: 'sub' });
  assert.deepEqual(allowedUnixSockets, ['/a.sock']);
  assert.deepEqual(sandboxPolicy, {
    type: 'workspaceWrite',
    writableRoots: ['/a'],
    networkAccess: false,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: true,
  });
  assert.deepEqual(await leftOutOf(box), [
    'sandbox_workspace_write.exclude_tmpdir_env_var',
    'sandbox_workspace_write.writable_roots',
    'sandbox_workspace_write.allowed_unix_sockets',
  ]);
});

test('nested-config: a folder that claims a repository which does not list it has none of its trust', async () => {
  await using box = await nested('', '');
  const claims: readonly Readonly<Record<string, string>>[] = [
    { 'claim/.git': 'gitdir: ../workspace/.git\n' },
    { 'claim/.git': 'gitdir: ../fake\n', 'fake/commondir': '../workspace/.git\n', 'fake/gitdir': '../claim/.git\n' },
    { 'other/.git/HEAD': 'ref\n', 'other/.git/commondir': '../../workspace/.git\n' },
    {
      'third/.git': 'gitdir: ../workspace/.git/worktrees/tree\n',
      'workspace/.git/worktrees/tree/commondir': '../..\n',
      'workspace/.git/worktrees/tree/gitdir': '../../../../tree/.git\n',
    },
  ];
  for (const files of claims) {
    for (const [path, text] of Object.entries(files)) await box.write(path, text);
    const [folder = ''] = (Object.keys(files)[0] ?? '').split('/');
    await box.write(`${folder}/.codex/config.toml`, 'model="claimed"');
    const config = await box.load({ cwd: `../${folder}` });
    assert.deepEqual([config.model, config.sandboxPolicy.type], [null, 'readOnly'], folder);
  }
});

test('nested-config: rules of a folder without a name ask and forbid, and do not allow', async () => {
  await using box = await sandbox({
    'x/.codex/rules/a.rules': 'prefix_rule(pattern=["a"])\nprefix_rule(pattern=["b"], decision="prompt")\n',
    'x/.codex/rules/b.rules': 'prefix_rule(pattern=["c"], decision="forbidden")\n',
  });
  const folder = `${box.root}/x/.codex`;
  const { policy, problems } = await loadExecPolicy([{ folder, mayAllow: false }]);
  const decisions = ['a', 'b', 'c'].map((word) => policy.matches([word])[0]?.decision);
  assert.deepEqual(decisions, [undefined, 'prompt', 'forbidden']);
  assert.deepEqual(
    problems.map(({ summary, path }) => [summary, path]),
    [[LEFT_OUT_SUMMARY, `${folder}/rules/a.rules`]],
  );
});

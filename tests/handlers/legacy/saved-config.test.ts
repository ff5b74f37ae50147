import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';

const NOTHING = {
  approvalPolicy: null,
  sandboxMode: null,
  sandboxSettings: null,
  forcedChatgptWorkspaceId: null,
  forcedLoginMethod: null,
  model: null,
  modelReasoningEffort: null,
  modelReasoningSummary: null,
  modelVerbosity: null,
  tools: null,
  profile: null,
  profiles: {},
};
const NO_PROFILE = {
  model: null,
  modelProvider: null,
  approvalPolicy: null,
  modelReasoningEffort: null,
  modelReasoningSummary: null,
  modelVerbosity: null,
  chatgptBaseUrl: null,
};

const save = (box: Box, text: string): void => writeFileSync(join(box.home, 'config.toml'), text);
const saved = (box: Box): Promise<unknown> => box.call('getUserSavedConfig', undefined);

test('every value is shown as it is written, read anew for each request', async () => {
  await using box = await Box.open();
  save(
    box,
    `model = "m"
approval_policy = "on-failure"
sandbox_mode = "workspace-write"
model_reasoning_effort = "high"
model_reasoning_summary = "detailed"
model_verbosity = "medium"
profile = "mine"
forced_chatgpt_workspace_id = "of-the-company"
forced_login_method = "chatgpt"
[sandbox_workspace_write]
writable_roots = ["/tmp", "beside"]
network_access = true
exclude_tmpdir_env_var = true
exclude_slash_tmp = true
[tools]
web_search = false
view_image = true
[profiles.mine]
model = "x"
model_provider = "q"
approval_policy = "never"
model_reasoning_effort = "low"
model_reasoning_summary = "none"
model_verbosity = "low"
chatgpt_base_url = "http://x"
`,
  );
  assert.deepEqual(await saved(box), {
    config: {
      approvalPolicy: 'on-failure',
      sandboxMode: 'workspace-write',
      sandboxSettings: {
        writableRoots: ['/tmp', join(box.home, 'beside')],
        networkAccess: true,
        excludeTmpdirEnvVar: true,
        excludeSlashTmp: true,
      },
      forcedChatgptWorkspaceId: 'of-the-company',
      forcedLoginMethod: 'chatgpt',
      model: 'm',
      modelReasoningEffort: 'high',
      modelReasoningSummary: 'detailed',
      modelVerbosity: 'medium',
      tools: { webSearch: false, viewImage: true },
      profile: 'mine',
      profiles: {
        mine: {
          model: 'x',
          modelProvider: 'q',
          approvalPolicy: 'never',
          modelReasoningEffort: 'low',
          modelReasoningSummary: 'none',
          modelVerbosity: 'low',
          chatgptBaseUrl: 'http://x',
        },
      },
    },
  });
  save(box, '');
  assert.deepEqual(await saved(box), { config: NOTHING });
});

test('tables that are there show what holds without their keys', async () => {
  await using box = await Box.open();
  save(box, '[sandbox_workspace_write]\n[tools]\nweb_search_request = true\n[profiles.a]\n');
  assert.deepEqual(await saved(box), {
    config: {
      ...NOTHING,
      sandboxSettings: {
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: false,
      },
      tools: { webSearch: true, viewImage: null },
      profiles: { a: NO_PROFILE },
    },
  });
});

test('neither the command line nor the project is what the user has saved', async () => {
  await using box = await Box.open({ args: ['-c', 'model_verbosity=high'] });
  mkdirSync(join(box.workspace, '.codex'));
  writeFileSync(join(box.workspace, '.codex', 'config.toml'), 'model = "of-the-project"\n');
  save(box, `profile = "unknown"\n[projects."${box.workspace}"]\ntrust_level = "trusted"\n`);
  assert.deepEqual(await saved(box), { config: { ...NOTHING, profile: 'unknown' } });
});

test('a file that cannot be used is named with its place, or its key', async () => {
  await using box = await Box.open();
  save(box, 'a = = 1\n');
  const syntax = await box.error('getUserSavedConfig', undefined);
  assert.equal(syntax.code, -32603);
  assert.ok(syntax.message.startsWith(`failed to load configuration: ${join(box.home, 'config.toml')}:1:5: `));
  save(box, '[profiles.z]\nmodel_verbosity = "loud"\n');
  assert.deepEqual(await box.error('getUserSavedConfig', undefined), {
    code: -32603,
    message:
      'failed to parse config.toml: unknown variant `loud`, expected one of `low`, `medium`, `high`\nin `profiles.z.model_verbosity`\n',
  });
});

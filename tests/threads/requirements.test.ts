import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../src/config/errors.ts';
import type { ModelProfile } from '../../src/contract/model-profile.ts';
import { LoadedThread } from '../../src/threads/loaded-thread.ts';
import { sandbox } from '../config/sandbox.ts';

test('a turn cannot bring along a policy that the administrator does not allow', async () => {
  await using box = await sandbox({
    'etc/requirements.toml':
      'allowed_approval_policies=["on-request","untrusted"]\nallowed_sandbox_modes=["read-only","workspace-write"]',
  });
  const options = {
    id: 'th',
    config: await box.load(),
    profile: { slug: 'some' } as ModelProfile,
    skills: [],
    ephemeral: true,
    rawItems: false,
    subscriber: null,
    sink: { event: () => undefined, settings: () => undefined, reply: () => undefined },
    onListeners: () => undefined,
  };
  const thread = new LoadedThread(options);
  const before = thread.settings;
  const refused = (field: string, value: string) => (error: unknown) =>
    error instanceof ConfigError &&
    error.fault === 'requirement' &&
    error.message.startsWith(`invalid value for \`${field}\`: \`${value}\` is not in the allowed set [`) &&
    error.message.endsWith(`(set by ${box.system}/requirements.toml)`);
  assert.throws(
    () => thread.requireAllowed({ cwd: '/', approvalPolicy: 'never' }),
    refused('approval_policy', 'Never'),
  );
  for (const [type, value] of [
    ['dangerFullAccess', 'DangerFullAccess'],
    ['externalSandbox', 'ExternalSandbox'],
  ] as const) {
    const sandboxPolicy = type === 'externalSandbox' ? ({ type, networkAccess: 'enabled' } as const) : { type };
    assert.throws(() => thread.requireAllowed({ cwd: '/', sandboxPolicy }), refused('sandbox_mode', value));
  }
  thread.requireAllowed({ approvalPolicy: 'untrusted', sandboxPolicy: { type: 'readOnly' } });
  assert.equal(thread.settings, before); // it is the shard that changes them
});

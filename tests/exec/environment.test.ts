import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandEnvironment, type EnvironmentPolicy } from '../../src/exec/environment.ts';
import type { SandboxPolicy } from '../../src/protocol/policies.ts';

const SERVER = {
  HOME: '/h',
  PATH: '/p',
  TMPDIR: '/t',
  API_KEY: 'k',
  my_token: 't',
  Secret1: 's',
  OTHER: 'o',
  GONE: undefined,
};

const INHERIT_ALL: EnvironmentPolicy = {
  inherit: 'all',
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};

const FREE: SandboxPolicy = { type: 'dangerFullAccess' };

const names = (policy: Partial<EnvironmentPolicy>, sandbox = FREE): string[] =>
  Object.keys(commandEnvironment(SERVER, { policy: { ...INHERIT_ALL, ...policy }, sandbox, platform: 'linux' })).sort();

const without = (...gone: string[]): string[] =>
  ['API_KEY', 'HOME', 'OTHER', 'PATH', 'Secret1', 'TMPDIR', 'my_token'].filter((name) => !gone.includes(name));

test('everything is inherited by default, credentials included', () => assert.deepEqual(names({}), without()));

test('core keeps the basic names, none keeps nothing', () => {
  assert.deepEqual(names({ inherit: 'core' }), ['HOME', 'PATH', 'TMPDIR']);
  assert.deepEqual(names({ inherit: 'none' }), []);
});

test('core ignores case on Windows only', () => {
  const policy = { ...INHERIT_ALL, inherit: 'core' as const };
  const on = (platform: NodeJS.Platform) =>
    Object.keys(commandEnvironment({ Path: 'x' }, { policy, sandbox: FREE, platform }));
  assert.deepEqual(on('win32'), ['Path']);
  assert.deepEqual(on('linux'), []);
});

test('the default excludes drop names of credentials in any case', () => {
  assert.deepEqual(names({ ignoreDefaultExcludes: false }), without('API_KEY', 'my_token', 'Secret1'));
});

test('exclude takes * and ? over whole names in any case', () => {
  assert.deepEqual(names({ exclude: ['o*'] }), without('OTHER'));
  assert.deepEqual(names({ exclude: ['HOM?', 'PAT'] }), without('HOME'));
  assert.deepEqual(names({ exclude: ['.*', 'API.KEY'] }), without());
});

test('set adds and replaces, and is not subject to the excludes', () => {
  const policy = { ...INHERIT_ALL, exclude: ['*'], ignoreDefaultExcludes: false, set: { NEW_KEY: 'n', HOME: 'x' } };
  assert.deepEqual(commandEnvironment(SERVER, { policy, sandbox: FREE }), { HOME: 'x', NEW_KEY: 'n' });
});

test('includeOnly comes last and also filters what was set', () => {
  assert.deepEqual(names({ set: { NEW: 'n', PATH2: 'p' }, includeOnly: ['path*'] }), ['PATH', 'PATH2']);
});

test('the network marker is set exactly when the policy has no network, whatever the other steps say', () => {
  const workspace = (networkAccess: boolean): SandboxPolicy => ({
    type: 'workspaceWrite',
    writableRoots: [],
    networkAccess,
    excludeSlashTmp: false,
    excludeTmpdirEnvVar: false,
  });
  const marked = (sandbox: SandboxPolicy): boolean =>
    commandEnvironment({}, { policy: { ...INHERIT_ALL, includeOnly: ['X'] }, sandbox })
      .CODEX_SANDBOX_NETWORK_DISABLED === '1';
  assert.equal(marked({ type: 'readOnly' }), true);
  assert.equal(marked(workspace(false)), true);
  assert.equal(marked({ type: 'externalSandbox', networkAccess: 'restricted' }), true);
  assert.equal(marked(workspace(true)), false);
  assert.equal(marked({ type: 'externalSandbox', networkAccess: 'enabled' }), false);
  assert.equal(marked(FREE), false);
});

/** Keys and tokens of the server are not in the environment of what the model runs, nor to be had through the process table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const done = (id = 'msg-end') => stream(says('done', id));
const CANARY = 'canary-0123456789';

/** Of the server itself, of every provider, of every server of tools. */
const OURS = [
  'OPENAI_API_KEY',
  'CODEX_API_KEY',
  'CODEX_ACCESS_TOKEN',
  'CODEX_CONNECTORS_TOKEN',
  'CODEX_GITHUB_PERSONAL_ACCESS_TOKEN',
  'LOCAL_LOGIN',
  'LOCAL_HEADER',
  'OTHER_LOGIN',
  'OTHER_HEADER',
  'TOOLS_BEARER',
  'TOOLS_HEADER',
];
/** Of the user: they stay as the policy says. */
const THEIRS = ['GITHUB_TOKEN', 'MY_OPENAI_API_KEY', 'DATABASE_PASSWORD', 'CODEX_THEME', 'PLAIN'];

const PROVIDERS = `
[model_providers.other]
name = "Other"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
env_key = "OTHER_LOGIN"
env_http_headers = { X-Other = "OTHER_HEADER" }
[mcp_servers.tools]
url = "http://127.0.0.1:9/mcp"
enabled = false
bearer_token_env_var = "TOOLS_BEARER"
env_http_headers = { X-Tools = "TOOLS_HEADER" }
`;
const PROVIDER =
  'env_key = "LOCAL_LOGIN"\nenv_http_headers = { X-Local = "LOCAL_HEADER" }\nrequest_max_retries = 0\nstream_max_retries = 0\n';

const values = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `${CANARY}-${name}`]));

const open = (policy: string, options: BoxOptions = {}) =>
  Box.open({
    provider: PROVIDER,
    tables: `${PROVIDERS}\n[shell_environment_policy]\n${policy}\n`,
    env: { ...values(OURS), ...values(THEIRS) },
    sandboxMode: 'danger-full-access',
    ...options,
  });

/** The names whose values a command sees. */
async function seen(box: Box): Promise<readonly string[]> {
  box.model.script(stream(calls(shell('c1', ['env']))), done());
  await box.completed(await box.thread(), 'go');
  const output = outputOf(await box.sent(2), 'c1');
  return [...OURS, ...THEIRS].filter((name) => output.includes(`${CANARY}-${name}\\n`));
}

for (const sandboxMode of ['danger-full-access', 'workspace-write', 'read-only']) {
  test(`${sandboxMode}: a command sees the user's variables and none of ours`, async () => {
    await using box = await open('', { sandboxMode });
    assert.deepEqual(await seen(box), THEIRS);
    assert.equal(box.model.to()[0]?.headers['x-local'], `${CANARY}-LOCAL_HEADER`);
  });
}

test('those of $CODEX_HOME/.env are ours all the same', async () => {
  await using box = await open('', {
    env: values(THEIRS),
    prepare: (it) => {
      const lines = Object.entries(values(OURS)).map(([name, value]) => `${name}=${value}\n`);
      it.write(`${it.home}/.env`, lines.join(''));
    },
  });
  assert.deepEqual(
    await seen(box),
    THEIRS.filter((name) => !OURS.includes(name)),
  );
});

const POLICIES: readonly (readonly [what: string, policy: string, seen: readonly string[]])[] = [
  ['a variable that is set', `set = { OPENAI_API_KEY = "${CANARY}-OPENAI_API_KEY" }`, ['OPENAI_API_KEY', ...THEIRS]],
  ['a variable that is named', 'include_only = ["PATH", "openai_api_key", "PLAIN"]', ['OPENAI_API_KEY', 'PLAIN']],
  ['a pattern names nobody', 'include_only = ["*"]', THEIRS],
  ['a narrower one neither', 'include_only = ["OPENAI_*", "CODEX_?PI_KEY", "PLAIN"]', ['PLAIN']],
  ['what is excluded stays away', 'include_only = ["OPENAI_API_KEY"]\nexclude = ["OPENAI_*"]', []],
  ['nothing is inherited', 'inherit = "none"\ninclude_only = ["OPENAI_API_KEY"]', []],
  ['the default excludes', 'ignore_default_excludes = false', ['DATABASE_PASSWORD', 'CODEX_THEME', 'PLAIN']],
];
for (const [what, policy, expected] of POLICIES) {
  test(`shell_environment_policy: ${what}`, async () => {
    await using box = await open(policy);
    assert.deepEqual(await seen(box), expected);
  });
}

test('no process shows them to a confined command, and none has them on its command line', async () => {
  await using box = await open('', { sandboxMode: 'workspace-write' });
  const script = `cat /proc/[0-9]*/environ /proc/[0-9]*/task/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a ${CANARY.slice(0, 6)}-0; echo end`;
  const words = 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -ac "canary[-]0"; echo end';
  const unconfined = { sandbox_permissions: 'require_escalated' };
  box.model.script(
    stream(calls(shell('c1', ['sh', '-c', script]), shell('c2', ['sh', '-c', words], unconfined))),
    done(),
  );
  const turn = await box.turn(await box.thread({ approvalPolicy: 'on-request' }), 'go');
  box.client.answer(await turn.take('item/commandExecution/requestApproval'), { decision: 'accept' });
  await turn.ended();
  const input = await box.sent(2);
  const confined = outputOf(input, 'c1');
  for (const name of OURS) assert.ok(!confined.includes(`${CANARY}-${name}\\n`), confined);
  assert.match(outputOf(input, 'c2'), /"0\\nend/);
});

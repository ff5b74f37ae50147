import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../src/config/errors.ts';
import { sandbox } from './sandbox.ts';

async function faultOf(work: Promise<unknown>): Promise<ConfigError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConfigError, `expected a ConfigError, got ${String(error)}`);
  return error;
}

/** Text of config.toml; message; line, first and last column (and last line). All observed on codex app-server 0.94.0. */
const TYPE_FAULTS: readonly (readonly [string, string, number, number, number, number?])[] = [
  ['model = 5', 'invalid type: integer `5`, expected a string', 1, 9, 9],
  ['model = true', 'invalid type: boolean `true`, expected a string', 1, 9, 12],
  ['model = 1.5', 'invalid type: floating point `1.5`, expected a string', 1, 9, 11],
  ['model=[1]', 'invalid type: sequence, expected a string', 1, 7, 9],
  ['model={a=1}', 'invalid type: map, expected a string', 1, 7, 11],
  ['model=-nan', 'invalid type: floating point `NaN`, expected a string', 1, 7, 10],
  ['model=0x10', 'invalid type: integer `16`, expected a string', 1, 7, 10],
  ['model_context_window = "x"', 'invalid type: string "x", expected i64', 1, 24, 26],
  ['project_doc_max_bytes = -1', 'invalid value: integer `-1`, expected usize', 1, 25, 26],
  ['mcp_oauth_callback_port=99999', 'invalid value: integer `99999`, expected u16', 1, 25, 29],
  ['mcp_oauth_callback_port=1.0', 'invalid type: floating point `1.0`, expected u16', 1, 25, 27],
  ['approval_policy = 5', 'wanted string or table', 1, 19, 19],
  ['personality="x"', 'unknown variant `x`, expected `friendly` or `pragmatic`', 1, 13, 15],
  [
    'sandbox_mode = "foo"',
    'unknown variant `foo`, expected one of `read-only`, `workspace-write`, `danger-full-access`',
    1,
    16,
    20,
  ],
  [
    'approval_policy="""\nab\ncd"""\n',
    'unknown variant `ab\ncd`, expected one of `untrusted`, `on-failure`, `on-request`, `never`',
    1,
    17,
    5,
    3,
  ],
  ['notify=["a",\n  2]', 'invalid type: integer `2`, expected a string', 2, 3, 3],
  ['notify = "x"', 'invalid type: string "x", expected a sequence', 1, 10, 12],
  ['history = {}', 'missing field `persistence`', 1, 11, 12],
  ['history.max_bytes=3', 'missing field `persistence`', 1, 1, 7],
  ['[features]\nunified_exec = "x"', 'invalid type: string "x", expected a boolean', 2, 16, 18],
  ['features={"😀"=3}', 'invalid type: integer `3`, expected a boolean', 1, 15, 15],
  ['[model_providers.x]\nbase_url="x"', 'missing field `name`', 1, 1, 19],
  ['[model_providers.x.http_headers]\na="b"', 'missing field `name`', 1, 18, 18],
  ['a=1\n[model_providers]\nx.base_url="b"\nx.wire_api="chat"', 'missing field `name`', 3, 1, 1],
  ['[[skills.config]]\npath="/x"\nenabled=true\n[[skills.config]]\npath="/y"', 'missing field `enabled`', 4, 1, 17],
  ['zz=1\nreview_model=6\nmodel=5', 'invalid type: integer `5`, expected a string', 3, 7, 7],
  ['a="x"\r\nmodel=3\r\n', 'invalid type: integer `3`, expected a string', 2, 7, 7],
  ['[features]\na=1\n[agents]\nmax_threads="y"', 'invalid type: string "y", expected usize', 4, 13, 15],
  ['[mcp_servers.x]', 'invalid transport', 1, 1, 15],
  ['[mcp_servers.x]\ncommand="a"\nurl="b"', 'url is not supported for stdio', 1, 1, 15],
  ['[mcp_servers.x]\nurl="b"\nargs=[]', 'args is not supported for streamable_http', 1, 1, 15],
  ['[mcp_servers.x]\nurl=3\ncommand="x"', 'invalid type: integer `3`, expected a string', 2, 5, 5],
  ['[tools]\nweb_search=true\nweb_search_request=true', 'duplicate field `web_search`', 1, 1, 7],
  ['[otel]\nexporter={otlp-http={}}', 'missing field `endpoint`', 2, 21, 22],
  [
    '[otel]\nexporter="x"',
    'unknown variant `x`, expected one of `none`, `statsig`, `otlp-http`, `otlp-grpc`',
    2,
    10,
    12,
  ],
  ['[tui]\nnotifications=3', 'data did not match any variant of untagged enum Notifications', 2, 15, 15],
];

for (const [toml, reason, line, first, last, lastLine] of TYPE_FAULTS) {
  test(`a value that does not fit is named with its place: ${JSON.stringify(toml)}`, async () => {
    await using box = await sandbox({ 'codex-home/config.toml': toml });
    const fault = await faultOf(box.load());
    const path = join(box.home, 'config.toml');
    assert.equal(fault.message, `${path}:${line}:${first}: ${reason}`);
    assert.equal(fault.path, path);
    assert.deepEqual(fault.range, {
      start: { line, column: first },
      end: { line: lastLine ?? line, column: last },
    });
  });
}

const SYNTAX_FAULTS: readonly (readonly [string, number, number])[] = [
  ['model = \n', 1, 9],
  ['a = 1\na = 2', 2, 1],
  ['# é\nmodel = "é" x', 2, 13],
  ['[a]\r\nx=1\r\ny 3', 3, 3],
];

for (const [toml, line, column] of SYNTAX_FAULTS) {
  test(`a text that is no TOML is refused with the place: ${JSON.stringify(toml)}`, async () => {
    await using box = await sandbox({ 'codex-home/config.toml': toml });
    const fault = await faultOf(box.load());
    assert.equal(fault.fault, 'syntax');
    assert.deepEqual(fault.range?.start, { line, column });
    assert.ok(fault.message.startsWith(`${join(box.home, 'config.toml')}:${line}:${column}: `));
  });
}

/** A request's `config`; message. */
const OVERRIDE_FAULTS: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ model: 5 }, 'invalid type: integer `5`, expected a string\nin `model`\n'],
  [{ 'features.unified_exec': 3 }, 'invalid type: integer `3`, expected a boolean\nin `features`\n'],
  [{ 'profiles.x.features': { a: 3 } }, 'invalid type: integer `3`, expected a boolean\nin `profiles.x.features`\n'],
  [{ 'profiles.x.model': 3 }, 'invalid type: integer `3`, expected a string\nin `profiles.x.model`\n'],
  [{ notify: [3] }, 'invalid type: integer `3`, expected a string\nin `notify`\n'],
  [{ 'model_providers.q': {}, model_provider: 'q' }, 'missing field `name`\nin `model_providers.q`\n'],
  [
    { model_instructions_file: '~/x' },
    'AbsolutePathBuf deserialized without a base path\nin `model_instructions_file`\n',
  ],
  [{ 'skills.config': [{ path: '/x' }] }, 'missing field `enabled`\nin `skills.config`\n'],
  [{ 'model.x': 5 }, 'invalid type: map, expected a string\nin `model`\n'],
  [
    { model_context_window: 1e30 },
    'invalid type: floating point `1000000000000000019884624838656.0`, expected i64\nin `model_context_window`\n',
  ],
  [
    { model_reasoning_effort: null },
    'unknown variant ``, expected one of `none`, `minimal`, `low`, `medium`, `high`, `xhigh`\nin `model_reasoning_effort`\n',
  ],
];

for (const [overrides, message] of OVERRIDE_FAULTS) {
  test(`an override that does not fit is named by its key: ${JSON.stringify(overrides)}`, async () => {
    await using box = await sandbox();
    const fault = await faultOf(box.load({ requestOverrides: overrides }));
    assert.equal(fault.message, message);
    assert.equal(fault.range, null);
  });
}

const VALUE_FAULTS: readonly (readonly [string, string])[] = [
  ['model_provider="nope"', 'Model provider `nope` not found'],
  ['profile="nope"', 'config profile `nope` not found'],
  ['agents.max_threads=0', 'agents.max_threads must be at least 1'],
  [
    'model_instructions_file="no.md"',
    'failed to read model instructions file HOME/no.md: No such file or directory (os error 2)',
  ],
  ['model_instructions_file="blank.md"', 'model instructions file is empty: HOME/blank.md'],
  ['experimental_compact_prompt_file="blank.md"', 'experimental compact prompt file is empty: HOME/blank.md'],
];

for (const [toml, message] of VALUE_FAULTS) {
  test(`a setting that cannot be honoured fails without a place: ${toml}`, async () => {
    await using box = await sandbox({ 'codex-home/config.toml': toml, 'codex-home/blank.md': ' \n' });
    const fault = await faultOf(box.load());
    assert.equal(fault.message.replaceAll(box.home, 'HOME'), message);
    assert.equal(fault.path, null);
  });
}

test('the lowest layer with a fault is the one that is named', async () => {
  await using box = await sandbox({ 'codex-home/config.toml': 'model=3', 'etc/config.toml': 'model=4' });
  const fault = await faultOf(box.load());
  assert.equal(fault.path, join(box.system, 'config.toml'));
});

test('a wrong value that a higher layer replaces does no harm', async () => {
  await using box = await sandbox({ 'codex-home/config.toml': 'model=3' });
  assert.equal((await box.load({ cliOverrides: [['model', 'cured']] })).model, 'cured');
});

test('unknown keys and unknown features are accepted', async () => {
  await using box = await sandbox({ 'codex-home/config.toml': 'zz=1\n[tui]\ntheme=3\n[features]\nnope=true\n' });
  assert.equal((await box.load()).model, null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf } from '../support/box.ts';
import { calls, functionCall, itemDone, localShellCall, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { png } from '../support/png.ts';
import { allGone, pidIn } from '../support/processes.ts';

const done = () => stream(says('done', 'msg-end'));

test('a command shows its start, its output and its end, and the model reads all of it', async () => {
  await using box = await Box.open();
  box.model.script(stream(calls(shell('c1', ['bash', '-lc', 'echo out; echo err >&2; exit 3']))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const started = await turn.startOf('commandExecution');
  const command = "bash -lc 'echo out; echo err >&2; exit 3'";
  assert.deepEqual(started, {
    type: 'commandExecution',
    id: 'c1',
    command,
    cwd: box.workspace,
    processId: null,
    status: 'inProgress',
    commandActions: [{ type: 'unknown', command: 'echo out; echo err >&2; exit 3' }],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  });
  const [item] = turn.items('commandExecution');
  assert.ok(Number.isInteger(item.durationMs));
  assert.deepEqual(item, {
    ...started,
    status: 'failed',
    aggregatedOutput: 'out\nerr\n',
    exitCode: 3,
    durationMs: item.durationMs,
  });
  const deltas = turn.all('item/commandExecution/outputDelta').map(({ delta }) => delta);
  assert.deepEqual(deltas.toSorted(), ['err\n', 'out\n']);
  const output = JSON.parse(outputOf(await box.sent(2), 'c1'));
  assert.equal(output.output, 'out\nerr\n');
  assert.equal(output.metadata.exit_code, 3);
  const [begun] = turn.all('codex/event/exec_command_begin');
  assert.deepEqual(begun.msg.command, ['bash', '-lc', 'echo out; echo err >&2; exit 3']);
});

test('history-complete: turns read back, also after a restart, equal what was streamed', async () => {
  await using box = await Box.open({
    sandboxMode: 'danger-full-access',
    tables: '[features]\napply_patch_freeform = true\n',
  });
  const patch = '*** Begin Patch\n*** Add File: new.txt\n+text\n*** End Patch';
  box.model.script(
    stream(
      calls(
        shell('c1', ['echo', 'one']),
        shell('c2', ['false']),
        itemDone({ type: 'custom_tool_call', call_id: 'c3', name: 'apply_patch', input: patch }),
        functionCall('c4', 'list_mcp_resources', {}),
        functionCall('c5', 'read_mcp_resource', { server: 'x', uri: 'y' }),
      ),
    ),
    done(),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  const expected = [{ id: turn.id, items: turn.items(), status: 'completed', error: null }];
  assert.deepEqual(await box.turnsOf(threadId), expected);
  await box.start();
  assert.deepEqual(await box.turnsOf(threadId), expected);
  assert.deepEqual((await box.call('thread/resume', { threadId })).thread.turns, expected);
});

test('shell_command runs in the user shell and is framed as text', async () => {
  await using box = await Box.open();
  box.model.script(stream(calls(shellCommand('c1', 'echo $((1+1))', { login: false, workdir: '..' }))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const [item] = turn.items('commandExecution');
  assert.match(item.command, /^\/\S+ -c 'echo \$\(\(1\+1\)\)'$/);
  assert.equal(item.cwd, box.folder);
  assert.match(outputOf(await box.sent(2), 'c1'), /^Exit code: 0\nWall time: [\d.]+ seconds\nOutput:\n2\n$/);
});

test('local shell calls and container.exec run as well', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(
      calls(
        localShellCall('c1', ['echo', 'local']),
        functionCall('c2', 'container.exec', { command: ['echo', 'two'] }),
      ),
    ),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    turn.items('commandExecution').map(({ id, aggregatedOutput }) => [id, aggregatedOutput]),
    [
      ['c1', 'local\n'],
      ['c2', 'two\n'],
    ],
  );
  const input = await box.sent(2);
  assert.equal(JSON.parse(outputOf(input, 'c1')).output, 'local\n');
  const call = input.find(({ type }) => type === 'local_shell_call');
  assert.deepEqual([call?.call_id, call?.status, call?.action.command], ['c1', 'completed', ['echo', 'local']]);
});

test('kill-tree: a time-out ends the whole group and keeps the output so far', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const script = 'sleep 300 & echo $! > inner; echo before; wait';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script], { timeout_ms: 300 }))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const [item] = turn.items('commandExecution');
  assert.deepEqual([item.status, item.exitCode, item.aggregatedOutput], ['failed', 124, 'before\n']);
  const { output } = JSON.parse(outputOf(await box.sent(2), 'c1'));
  assert.match(output, /^command timed out after (?:[3-9]\d\d|\d{4}) milliseconds\nbefore\n$/);
  await allGone([pidIn(box.read('inner'))]);
});

test('kill-tree: a background child that holds the pipe costs neither time nor text', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(stream(calls(shell('c1', ['bash', '-c', 'sleep 300 & echo $! > inner; echo text']))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const [item] = turn.items('commandExecution');
  // Without a time-out.
  assert.deepEqual([item.status, item.exitCode, item.aggregatedOutput], ['completed', 0, 'text\n']);
  process.kill(pidIn(box.read('inner')), 'SIGKILL');
});

test('a command that cannot be started or dies of a signal says so', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(
    stream(calls(shell('c1', ['/no/such/program']), shell('c2', ['bash', '-c', 'kill -9 $$']), shell('c3', []))),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  assert.equal(
    outputOf(input, 'c1'),
    'execution error: Io(Os { code: 2, kind: NotFound, message: "No such file or directory" })',
  );
  assert.equal(outputOf(input, 'c2'), 'execution error: Sandbox(Signal(9))');
  assert.equal(outputOf(input, 'c3'), 'command args are empty');
  assert.deepEqual(
    turn.items('commandExecution').map(({ status, exitCode }) => [status, exitCode]),
    [
      ['failed', -1],
      ['failed', -1],
      ['failed', -1],
    ],
  );
});

test('a long output is cut in the middle for the model and kept whole in the item', async () => {
  await using box = await Box.open();
  const script = 'for i in $(seq 1 3000); do echo "line $i"; done';
  box.model.script(stream(calls(shellCommand('c1', script))), done());
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput.length, 28_893);
  const output = outputOf(await box.sent(2), 'c1');
  assert.ok(output.length < 12_500);
  assert.match(output, /…\d+ chars truncated…/);
  assert.match(output, /^Exit code: 0\nWall time: [\d.]+ seconds\nTotal output lines: 3000\nOutput:\nline 1\n/);
});

test('the environment of a command follows the policy', async () => {
  await using box = await Box.open({
    env: { SHOWN: 'yes', HIDDEN_THING: 'no' },
    tables: '[shell_environment_policy]\nexclude = ["HIDDEN_*"]\nset = { ADDED = "new" }\n',
  });
  const script = 'echo "$SHOWN|$HIDDEN_THING|$ADDED|$CODEX_SANDBOX_NETWORK_DISABLED"';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput, 'yes||new|1\n');
});

test('with the free-form patch tool on offer, JSON outputs are sent as text', async () => {
  await using box = await Box.open({ tables: '[features]\napply_patch_freeform = true\n' });
  box.model.script(stream(calls(shell('c1', ['echo', 'x']))), done());
  await box.completed(await box.thread(), 'go');
  assert.match(outputOf(await box.sent(2), 'c1'), /^Exit code: 0\nWall time: [\d.]+ seconds\nOutput:\nx\n$/);
});

test('view_image puts the picture in front of the model behind the outputs', async () => {
  await using box = await Box.open({ prepare: (it) => void it.write('a.png', png()) });
  box.model.script(
    stream(
      calls(
        functionCall('c1', 'view_image', { path: 'a.png' }),
        functionCall('c2', 'view_image', { path: 'missing.png' }),
        functionCall('c3', 'view_image', { path: '.' }),
      ),
    ),
    done(),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  assert.deepEqual(turn.items('imageView'), [{ type: 'imageView', id: 'c1', path: `${box.workspace}/a.png` }]);
  const input = await box.sent(2);
  assert.equal(outputOf(input, 'c1'), 'attached local image path');
  assert.equal(
    outputOf(input, 'c2'),
    `unable to locate image at \`${box.workspace}/missing.png\`: No such file or directory (os error 2)`,
  );
  assert.match(outputOf(input, 'c3'), /^image path `.*` is not a file$/);
  const image = { type: 'input_image', image_url: `data:image/png;base64,${png().toString('base64')}` };
  assert.deepEqual(input.at(-1), { type: 'message', role: 'user', content: [image] });
});

test('the MCP resource tools answer that there is no server', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(
      calls(
        functionCall('c1', 'list_mcp_resources', ''),
        functionCall('c2', 'list_mcp_resource_templates', { server: ' ' }),
        functionCall('c3', 'list_mcp_resources', { server: 'x' }),
        functionCall('c4', 'list_mcp_resources', { cursor: 'x' }),
        functionCall('c5', 'read_mcp_resource', { server: 'x', uri: 'y' }),
        functionCall('c6', 'read_mcp_resource', { server: ' ', uri: 'y' }),
        functionCall('c7', 'read_mcp_resource', ''),
      ),
    ),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  const outputs = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'].map((id) => outputOf(input, id));
  assert.deepEqual(outputs, [
    '{"resources":[]}',
    '{"resourceTemplates":[]}',
    "resources/list failed: unknown MCP server 'x'",
    'cursor can only be used when a server is specified',
    "resources/read failed: unknown MCP server 'x'",
    'server must be provided',
    'failed to parse function arguments: expected value',
  ]);
  const items = turn.items('mcpToolCall').map(({ id, server, status }) => [id, server, status]);
  assert.deepEqual(items.toSorted(), [
    ['c1', 'codex', 'completed'],
    ['c2', 'codex', 'completed'],
    ['c3', 'x', 'failed'],
    ['c4', 'codex', 'failed'],
    ['c5', 'x', 'failed'],
  ]);
});

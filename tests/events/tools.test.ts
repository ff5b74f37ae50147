import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD, TAIL, told } from './told.ts';

const command = {
  callId: 'c1',
  command: ['bash', '-lc', "echo 'hi'"],
  cwd: '/w',
  actions: [
    { type: 'read', command: 'cat a', name: 'a', path: '/w/a' },
    { type: 'listFiles', command: 'ls', path: null },
    { type: 'search', command: 'rg x', query: 'x', path: null },
    { type: 'unknown', command: 'echo hi' },
  ],
  source: 'agent',
  processId: null,
} as const;
const LEGACY_COMMAND = `"call_id":"c1","turn_id":"t1","command":["bash","-lc","echo 'hi'"],"cwd":"/w","parsed_cmd":[{"type":"read","cmd":"cat a","name":"a","path":"/w/a"},{"type":"list_files","cmd":"ls","path":null},{"type":"search","cmd":"rg x","query":"x","path":null},{"type":"unknown","cmd":"echo hi"}],"source":"agent"`;
const commandItem = (rest: string): string =>
  `{"item":{"type":"commandExecution","id":"c1","command":"bash -lc \\"echo 'hi'\\"","cwd":"/w","processId":null,${rest.replace('ACTIONS', JSON.stringify(command.actions))}},${TAIL}}`;

test('a command is announced with all that is known', () => {
  assert.deepEqual(told({ kind: 'commandStarted', ...command }), [
    `~{"type":"exec_command_begin",${LEGACY_COMMAND}}`,
    `item/started ${commandItem('"status":"inProgress","commandActions":ACTIONS,"aggregatedOutput":null,"exitCode":null,"durationMs":null')}`,
  ]);
  const [legacy, started] = told({
    kind: 'commandStarted',
    ...command,
    processId: '7',
    source: 'unified_exec_startup',
  });
  assert.match(legacy ?? '', /^~\{"type":"exec_command_begin","call_id":"c1","process_id":"7","turn_id"/);
  assert.match(started ?? '', /"processId":"7"/);
});

test('output of a command goes out as bytes and as text, that of a patch under its own name', () => {
  const chunk = new Uint8Array([0xff, 0x68, 0x69, 0x0a]).subarray(0);
  assert.deepEqual(told({ kind: 'commandOutput', callId: 'c1', stream: 'stderr', chunk, ofPatch: false }), [
    '~{"type":"exec_command_output_delta","call_id":"c1","stream":"stderr","chunk":"/2hpCg=="}',
    `item/commandExecution/outputDelta ${HEAD},"itemId":"c1","delta":"\ufffdhi\\n"}`,
  ]);
  const [, patch] = told({ kind: 'commandOutput', callId: 'c1', stream: 'stdout', chunk, ofPatch: true });
  assert.match(patch ?? '', /^item\/fileChange\/outputDelta /);
});

test('a chunk in the middle of a larger buffer is only itself', () => {
  const chunk = Buffer.from('aaHIbb').subarray(2, 4);
  const lines = told({ kind: 'commandOutput', callId: 'c1', stream: 'stdout', chunk, ofPatch: false });
  assert.match(lines[0] ?? '', /"chunk":"SEk="/);
  assert.match(lines[1] ?? '', /"delta":"HI"/);
});

const end = {
  stdout: 'hi\n',
  stderr: '',
  aggregatedOutput: 'hi\n',
  exitCode: 3,
  durationMs: 1317.5,
  formattedOutput: 'f',
};
const LEGACY_END = `"stdout":"hi\\n","stderr":"","aggregated_output":"hi\\n","exit_code":3,"duration":{"secs":1,"nanos":317500000},"formatted_output":"f"`;

test('a command ends with its code, output and time', () => {
  assert.deepEqual(told({ kind: 'commandEnded', status: 'failed', ...command, ...end }), [
    `~{"type":"exec_command_end",${LEGACY_COMMAND},${LEGACY_END}}`,
    `item/completed ${commandItem('"status":"failed","commandActions":ACTIONS,"aggregatedOutput":"hi\\n","exitCode":3,"durationMs":1317')}`,
  ]);
  const silent = told({
    kind: 'commandEnded',
    status: 'completed',
    ...command,
    ...end,
    aggregatedOutput: '',
    exitCode: 0,
  });
  assert.match(silent[1] ?? '', /"aggregatedOutput":null,"exitCode":0,/);
});

test('item-lifecycle: a declined command completes once, without code, output or time', () => {
  const text = 'exec command rejected by user';
  const declined = {
    stdout: '',
    stderr: text,
    aggregatedOutput: text,
    exitCode: -1,
    durationMs: 0,
    formattedOutput: text,
  };
  assert.deepEqual(told({ kind: 'commandEnded', status: 'declined', ...command, ...declined }), [
    `~{"type":"exec_command_end",${LEGACY_COMMAND},"stdout":"","stderr":"${text}","aggregated_output":"${text}","exit_code":-1,"duration":{"secs":0,"nanos":0},"formatted_output":"${text}"}`,
    `item/completed ${commandItem('"status":"declined","commandActions":ACTIONS,"aggregatedOutput":null,"exitCode":null,"durationMs":null')}`,
  ]);
});

const patch = {
  callId: 'p1',
  changes: [{ path: '/w/a', kind: { type: 'update', move_path: null }, diff: '@@' }],
  legacyChanges: { '/w/a': { type: 'update', unified_diff: '@@', move_path: null } },
  autoApproved: true,
} as const;
const LEGACY_CHANGES = '"changes":{"/w/a":{"type":"update","unified_diff":"@@","move_path":null}}';
const patchItem = (status: string): string =>
  `{"item":{"type":"fileChange","id":"p1","changes":[{"path":"/w/a","kind":{"type":"update","move_path":null},"diff":"@@"}],"status":"${status}"},${TAIL}}`;

test('a patch begins, ends, fails or is declined with its changes', () => {
  assert.deepEqual(told({ kind: 'patchStarted', ...patch } as never), [
    `~{"type":"patch_apply_begin","call_id":"p1","turn_id":"t1","auto_approved":true,${LEGACY_CHANGES}}`,
    `item/started ${patchItem('inProgress')}`,
  ]);
  for (const status of ['completed', 'failed', 'declined'] as const) {
    assert.deepEqual(told({ kind: 'patchEnded', status, stdout: 'o', stderr: 'e', ...patch } as never), [
      `~{"type":"patch_apply_end","call_id":"p1","turn_id":"t1","stdout":"o","stderr":"e","success":${status === 'completed'},${LEGACY_CHANGES}}`,
      `item/completed ${patchItem(status)}`,
    ]);
  }
});

test('a tool call of a server begins and ends with its result, its own failure, or an error', () => {
  const call = { callId: 'k', server: 's', tool: 't', args: { a: 1 } };
  const invocation = '"invocation":{"server":"s","tool":"t","arguments":{"a":1}}';
  const item = (rest: string): string =>
    `{"item":{"type":"mcpToolCall","id":"k","server":"s","tool":"t",${rest}},${TAIL}}`;
  assert.deepEqual(told({ kind: 'mcpCallStarted', ...call }), [
    `~{"type":"mcp_tool_call_begin","call_id":"k",${invocation}}`,
    `item/started ${item('"status":"inProgress","arguments":{"a":1},"result":null,"error":null,"durationMs":null')}`,
  ]);
  const content = [{ type: 'text', text: 'x' }];
  const duration = '"duration":{"secs":0,"nanos":12000000}';
  const good = { ok: true, content, structuredContent: null } as const;
  assert.deepEqual(told({ kind: 'mcpCallEnded', ...call, outcome: good, durationMs: 12 }), [
    `~{"type":"mcp_tool_call_end","call_id":"k",${invocation},${duration},"result":{"Ok":{"content":[{"type":"text","text":"x"}]}}}`,
    `item/completed ${item('"status":"completed","arguments":{"a":1},"result":{"content":[{"type":"text","text":"x"}],"structuredContent":null},"error":null,"durationMs":12')}`,
  ]);
  const failing = { ok: true, content, structuredContent: { b: 2 }, isError: true } as const;
  assert.deepEqual(told({ kind: 'mcpCallEnded', ...call, outcome: failing, durationMs: 12 }), [
    `~{"type":"mcp_tool_call_end","call_id":"k",${invocation},${duration},"result":{"Ok":{"content":[{"type":"text","text":"x"}],"isError":true,"structuredContent":{"b":2}}}}`,
    `item/completed ${item('"status":"failed","arguments":{"a":1},"result":{"content":[{"type":"text","text":"x"}],"structuredContent":{"b":2}},"error":null,"durationMs":12')}`,
  ]);
  assert.deepEqual(
    told({ kind: 'mcpCallEnded', ...call, args: undefined, outcome: { ok: false, message: 'gone' }, durationMs: 12 }),
    [
      `~{"type":"mcp_tool_call_end","call_id":"k","invocation":{"server":"s","tool":"t","arguments":null},${duration},"result":{"Err":"gone"}}`,
      `item/completed ${item('"status":"failed","arguments":null,"result":null,"error":{"message":"gone"},"durationMs":12')}`,
    ],
  );
});

test('an image that was looked at starts and completes at once', () => {
  const item = `{"item":{"type":"imageView","id":"i","path":"/p.png"},${TAIL}}`;
  assert.deepEqual(told({ kind: 'imageViewed', callId: 'i', path: '/p.png' }), [
    '~{"type":"view_image_tool_call","call_id":"i","path":"/p.png"}',
    `item/started ${item}`,
    `item/completed ${item}`,
  ]);
});

test('questions to the client are announced under their older names', () => {
  const { command: argv, cwd, actions } = command;
  const asked = { kind: 'commandApproval', requestKey: 'k', callId: 'c1', command: argv, cwd, actions: [] } as const;
  assert.deepEqual(told({ ...asked, actions, reason: null, proposedAmendment: null } as never).length, 1);
  assert.deepEqual(told({ ...asked, reason: 'why', proposedAmendment: ['ls'] }), [
    `~{"type":"exec_approval_request","call_id":"c1","turn_id":"t1","command":["bash","-lc","echo 'hi'"],"cwd":"/w","reason":"why","proposed_execpolicy_amendment":["ls"],"parsed_cmd":[]}`,
  ]);
  assert.deepEqual(told({ ...asked, reason: null, proposedAmendment: null }), [
    `~{"type":"exec_approval_request","call_id":"c1","turn_id":"t1","command":["bash","-lc","echo 'hi'"],"cwd":"/w","parsed_cmd":[]}`,
  ]);
  const { legacyChanges } = patch;
  assert.deepEqual(told({ kind: 'patchApproval', requestKey: 'k', callId: 'p1', reason: null, legacyChanges }), [
    `~{"type":"apply_patch_approval_request","call_id":"p1","turn_id":"t1",${LEGACY_CHANGES}}`,
  ]);
  const question = { id: 'q', header: 'H', question: 'Q?', isOther: true, isSecret: false, options: null };
  assert.deepEqual(told({ kind: 'userInputRequest', requestKey: 'k', callId: 'c', questions: [question] }), [
    '~{"type":"request_user_input","call_id":"c","turn_id":"t1","questions":[{"id":"q","header":"H","question":"Q?","isOther":true,"isSecret":false,"options":null}]}',
  ]);
  assert.deepEqual(
    told({ kind: 'dynamicToolCall', requestKey: 'k', callId: 'c', tool: 'weather', args: { city: 'Oslo' } }),
    ['~{"type":"dynamic_tool_call_request","callId":"c","turnId":"t1","tool":"weather","arguments":{"city":"Oslo"}}'],
  );
});

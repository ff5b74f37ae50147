import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineEvent } from '../../src/contract/engine-events.ts';
import { notificationsFor } from '../../src/events/notifications.ts';
import { type Event, FRAME, HEAD, TAIL, THREAD, TURN, told } from './told.ts';

const tokens = { inputTokens: 10, cachedInputTokens: 2, outputTokens: 5, reasoningOutputTokens: 1, totalTokens: 15 };
const LEGACY_TOKENS =
  '{"input_tokens":10,"cached_input_tokens":2,"output_tokens":5,"reasoning_output_tokens":1,"total_tokens":15}';
const TOKENS = '{"totalTokens":15,"inputTokens":10,"cachedInputTokens":2,"outputTokens":5,"reasoningOutputTokens":1}';
const NO_LIMITS = { primary: null, secondary: null, credits: null, planType: null };

test('a turn starts under its older name only', () => {
  assert.deepEqual(told({ kind: 'turnStarted', contextWindow: null, mode: 'custom' }), [
    '~{"type":"task_started","model_context_window":null,"collaboration_mode_kind":"custom"}',
  ]);
});

test('without the older names everything else is told as ever', () => {
  const events: EngineEvent[] = [
    { kind: 'turnStarted', turnId: TURN, contextWindow: null, mode: 'custom' },
    { kind: 'messageDelta', turnId: TURN, itemId: 'i', delta: 'd' },
    { kind: 'itemCompleted', turnId: TURN, item: { type: 'agentMessage', id: 'i', text: 'd' } },
    { kind: 'turnEnded', turnId: TURN, status: 'completed', error: null, lastAgentMessage: 'd' },
  ];
  const listener = { threadId: THREAD, raw: false, listener: 'v2' } as const;
  for (const event of events) {
    const all = notificationsFor(event, listener);
    const newer = all.filter(({ method }) => !method.startsWith('codex/event/'));
    assert.ok(newer.length < all.length);
    assert.deepEqual(notificationsFor(event, { ...listener, older: false }), newer);
  }
});

test('a turn ends with what was said last', () => {
  assert.deepEqual(told({ kind: 'turnEnded', status: 'completed', error: null, lastAgentMessage: 'Done' }), [
    '~{"type":"task_complete","last_agent_message":"Done"}',
    'turn/completed {"threadId":"th","turn":{"id":"t1","items":[],"status":"completed","error":null}}',
  ]);
});

test('a failed turn ends with its error', () => {
  const error = { message: 'no', codexErrorInfo: 'other', additionalDetails: null } as const;
  assert.deepEqual(told({ kind: 'turnEnded', status: 'failed', error, lastAgentMessage: null }), [
    '~{"type":"task_complete","last_agent_message":null}',
    'turn/completed {"threadId":"th","turn":{"id":"t1","items":[],"status":"failed","error":{"message":"no","codexErrorInfo":"other","additionalDetails":null}}}',
  ]);
});

test('an interrupted turn is aborted, then ends without a task', () => {
  assert.deepEqual(told({ kind: 'turnAborted', reason: 'interrupted' }), [
    '~{"type":"turn_aborted","reason":"interrupted"}',
  ]);
  assert.deepEqual(told({ kind: 'turnEnded', status: 'interrupted', error: null, lastAgentMessage: null }), [
    'turn/completed {"threadId":"th","turn":{"id":"t1","items":[],"status":"interrupted","error":null}}',
  ]);
});

test('a compaction is an item and a notification', () => {
  assert.deepEqual(told({ kind: 'itemStarted', item: { type: 'contextCompaction', id: 'c' } }), [
    `~{"type":"item_started",${FRAME},"item":{"type":"ContextCompaction","id":"c"}}`,
    `item/started {"item":{"type":"contextCompaction","id":"c"},${TAIL}}`,
  ]);
  assert.deepEqual(told({ kind: 'compacted' }), ['~{"type":"context_compacted"}', `thread/compacted ${HEAD}}`]);
});

test('token counts tell usage if there is any, then limits if there are any', () => {
  const usage = { total: tokens, last: tokens, contextWindow: 9 };
  const limits = {
    primary: { usedPercent: 25, windowDurationMins: 300, resetsAt: 7 },
    secondary: null,
    credits: { hasCredits: true, unlimited: false, balance: '3' },
    planType: 'pro',
  } as const;
  const info = `{"total_token_usage":${LEGACY_TOKENS},"last_token_usage":${LEGACY_TOKENS},"model_context_window":9}`;
  assert.deepEqual(told({ kind: 'tokenCount', usage, rateLimits: limits }), [
    `~{"type":"token_count","info":${info},"rate_limits":{"primary":{"used_percent":25,"window_minutes":300,"resets_at":7},"secondary":null,"credits":{"has_credits":true,"unlimited":false,"balance":"3"},"plan_type":"pro"}}`,
    `thread/tokenUsage/updated ${HEAD},"tokenUsage":{"total":${TOKENS},"last":${TOKENS},"modelContextWindow":9}}`,
    'account/rateLimits/updated {"rateLimits":{"primary":{"usedPercent":25,"windowDurationMins":300,"resetsAt":7},"secondary":null,"credits":{"hasCredits":true,"unlimited":false,"balance":"3"},"planType":"pro"}}',
  ]);
  assert.deepEqual(told({ kind: 'tokenCount', usage: null, rateLimits: NO_LIMITS }), [
    '~{"type":"token_count","info":null,"rate_limits":{"primary":null,"secondary":null,"credits":null,"plan_type":null}}',
    'account/rateLimits/updated {"rateLimits":{"primary":null,"secondary":null,"credits":null,"planType":null}}',
  ]);
  assert.deepEqual(told({ kind: 'tokenCount', usage: null, rateLimits: null }), [
    '~{"type":"token_count","info":null,"rate_limits":null}',
  ]);
});

test('limits are whole percents in the second protocol', () => {
  const limit = (usedPercent: number): object => ({ usedPercent, windowDurationMins: null, resetsAt: null });
  const rateLimits = { ...NO_LIMITS, primary: limit(12.5), secondary: limit(12.4) } as never;
  const [legacy, wire] = told({ kind: 'tokenCount', usage: null, rateLimits });
  assert.match(legacy ?? '', /"used_percent":12\.5,.*"used_percent":12\.4,/);
  assert.match(wire ?? '', /"usedPercent":13,.*"usedPercent":12,/);
});

test('a review is entered and left as items', () => {
  const entered = `{"item":{"type":"enteredReviewMode","id":"t1","review":"look hard"},${TAIL}}`;
  const target = { type: 'custom', instructions: 'look hard' } as const;
  assert.deepEqual(told({ kind: 'reviewEntered', itemId: 't1', target, hint: 'look hard' }), [
    '~{"type":"entered_review_mode","target":{"type":"custom","instructions":"look hard"},"user_facing_hint":"look hard"}',
    `item/started ${entered}`,
    `item/completed ${entered}`,
  ]);
  const exited = `{"item":{"type":"exitedReviewMode","id":"x","review":"fine"},${TAIL}}`;
  assert.deepEqual(told({ kind: 'reviewExited', itemId: 'x', output: null, review: 'fine' }), [
    '~{"type":"exited_review_mode","review_output":null}',
    `item/started ${exited}`,
    `item/completed ${exited}`,
  ]);
});

test('diffs and plans are for listeners of the second protocol', () => {
  const diff: Event = { kind: 'turnDiff', diff: 'd' };
  assert.deepEqual(told(diff), ['~{"type":"turn_diff","unified_diff":"d"}', `turn/diff/updated ${HEAD},"diff":"d"}`]);
  assert.deepEqual(told(diff, 'v1'), ['~{"type":"turn_diff","unified_diff":"d"}']);
  const plan: Event = {
    kind: 'planUpdated',
    explanation: null,
    plan: [
      { step: 'a', status: 'in_progress' },
      { step: 'b', status: 'pending' },
    ],
  };
  const legacy =
    '~{"type":"plan_update","explanation":null,"plan":[{"step":"a","status":"in_progress"},{"step":"b","status":"pending"}]}';
  assert.deepEqual(told(plan), [
    legacy,
    `turn/plan/updated ${HEAD},"explanation":null,"plan":[{"step":"a","status":"inProgress"},{"step":"b","status":"pending"}]}`,
  ]);
  assert.deepEqual(told(plan, 'v1'), [legacy]);
});

test('history items are shown as stored, to those who asked', () => {
  const event: Event = {
    kind: 'rawItem',
    item: { type: 'function_call', id: 'x', name: 'n', arguments: '{}', call_id: 'c' },
  };
  const item = '{"type":"function_call","name":"n","arguments":"{}","call_id":"c"}';
  assert.deepEqual(told(event), [
    `~{"type":"raw_response_item","item":${item}}`,
    `rawResponseItem/completed ${HEAD},"item":${item}}`,
  ]);
  assert.deepEqual(told(event, 'v1'), [`~{"type":"raw_response_item","item":${item}}`]);
  assert.deepEqual(told(event, 'v2', { raw: false }), []);
  assert.match(told({ kind: 'rawItem', item: { type: 'other' } })[0] ?? '', /"item":\{"type":"other"\}/);
});

test('a final error and one that is retried have different older names', () => {
  const error = {
    message: 'Reconnecting... 1/2',
    codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
    additionalDetails: 'cut',
  };
  const wire = `{"message":"Reconnecting... 1/2","codexErrorInfo":{"responseStreamDisconnected":{"httpStatusCode":null}},"additionalDetails":"cut"}`;
  assert.deepEqual(told({ kind: 'error', error, willRetry: true }), [
    '~{"type":"stream_error","message":"Reconnecting... 1/2","codex_error_info":{"response_stream_disconnected":{"http_status_code":null}},"additional_details":"cut"}',
    `error {"error":${wire},"willRetry":true,${TAIL}}`,
  ]);
  assert.deepEqual(told({ kind: 'error', error, willRetry: false }), [
    '~{"type":"error","message":"Reconnecting... 1/2","codex_error_info":{"response_stream_disconnected":{"http_status_code":null}}}',
    `error {"error":${wire},"willRetry":false,${TAIL}}`,
  ]);
});

test('every kind of error has an older spelling', () => {
  const spelling = (codexErrorInfo: unknown): unknown => {
    const error = { message: '', codexErrorInfo, additionalDetails: null } as never;
    const [legacy] = notificationsFor(
      { kind: 'error', turnId: '', error, willRetry: false },
      { threadId: '', raw: false, listener: 'v2' },
    );
    assert.ok(legacy);
    return (legacy.params as { msg: { codex_error_info: unknown } }).msg.codex_error_info;
  };
  assert.equal(spelling('contextWindowExceeded'), 'context_window_exceeded');
  assert.equal(spelling('usageLimitExceeded'), 'usage_limit_exceeded');
  assert.equal(spelling('internalServerError'), 'internal_server_error');
  assert.equal(spelling('unauthorized'), 'unauthorized');
  assert.equal(spelling('badRequest'), 'bad_request');
  assert.equal(spelling('sandboxError'), 'sandbox_error');
  assert.equal(spelling('other'), 'other');
  assert.equal(spelling(null), null);
  const cap = { model: 'm', reset_after_seconds: 3 };
  assert.deepEqual(spelling({ modelCap: cap }), { model_cap: cap });
  assert.deepEqual(spelling({ httpConnectionFailed: { httpStatusCode: 500 } }), {
    http_connection_failed: { http_status_code: 500 },
  });
  assert.deepEqual(spelling({ responseStreamConnectionFailed: { httpStatusCode: 1 } }), {
    response_stream_connection_failed: { http_status_code: 1 },
  });
  assert.deepEqual(spelling({ responseTooManyFailedAttempts: { httpStatusCode: 429 } }), {
    response_too_many_failed_attempts: { http_status_code: 429 },
  });
});

test('a refused rollback is no error of the second protocol', () => {
  const error = { message: 'no', codexErrorInfo: 'threadRollbackFailed', additionalDetails: null } as const;
  assert.deepEqual(told({ kind: 'error', error, willRetry: false }), [
    '~{"type":"error","message":"no","codex_error_info":"thread_rollback_failed"}',
  ]);
});

test('some news has an older name only', () => {
  assert.deepEqual(told({ kind: 'warning', message: 'w' }), ['~{"type":"warning","message":"w"}']);
  assert.deepEqual(told({ kind: 'background', message: 'b' }), ['~{"type":"background_event","message":"b"}']);
  assert.deepEqual(told({ kind: 'shutdownComplete' }), ['~{"type":"shutdown_complete"}']);
  assert.deepEqual(told({ kind: 'rolledBack', numTurns: 2, messages: 2 }), [
    '~{"type":"thread_rolled_back","num_turns":2}',
  ]);
  assert.deepEqual(told({ kind: 'mcpStartupComplete' }), [
    '~{"type":"mcp_startup_complete","ready":[],"failed":[],"cancelled":[]}',
  ]);
});

test('a deprecation names its details where there are any', () => {
  assert.deepEqual(told({ kind: 'deprecation', notice: { summary: 's', details: 'd' } }), [
    '~{"type":"deprecation_notice","summary":"s","details":"d"}',
    'deprecationNotice {"summary":"s","details":"d"}',
  ]);
  assert.deepEqual(told({ kind: 'deprecation', notice: { summary: 's', details: null } }), [
    '~{"type":"deprecation_notice","summary":"s"}',
    'deprecationNotice {"summary":"s","details":null}',
  ]);
});

test('a new name is told to listeners of the second protocol', () => {
  assert.deepEqual(told({ kind: 'nameUpdated', name: 'n' }), [
    '~{"type":"thread_name_updated","thread_id":"th","thread_name":"n"}',
    'thread/name/updated {"threadId":"th","threadName":"n"}',
  ]);
  assert.equal(told({ kind: 'nameUpdated', name: 'n' }, 'v1').length, 1);
});

test('what was typed into a terminal is told', () => {
  assert.deepEqual(told({ kind: 'terminalInteraction', callId: 'c1', processId: '7', stdin: 'y\n' }), [
    '~{"type":"terminal_interaction","call_id":"c1","process_id":"7","stdin":"y\\n"}',
    `item/commandExecution/terminalInteraction ${HEAD},"itemId":"c1","processId":"7","stdin":"y\\n"}`,
  ]);
});

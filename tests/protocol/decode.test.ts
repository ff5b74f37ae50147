import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandExecutionRequestApprovalResponse } from '../../src/protocol/approvals.ts';
import type { ClientMethod } from '../../src/protocol/registry.ts';
import { findClientRequest, unknownMethodMessage } from '../../src/protocol/registry.ts';
import { decode, decodeParams } from '../../src/protocol/schema/issues.ts';

const NO_PARAMS = Symbol('no params');
const UUID = '67e55044-10b1-426f-9247-bb680e5fe0c8';

const verdict = (method: ClientMethod, params: unknown): string => {
  const declaration = findClientRequest(method);
  assert.ok(declaration);
  const decoded = decodeParams(declaration, params === NO_PARAMS ? undefined : params);
  return decoded.ok ? 'ok' : decoded.message;
};

const value = (method: ClientMethod, params: unknown): unknown => {
  const declaration = findClientRequest(method);
  assert.ok(declaration);
  const decoded = decodeParams(declaration, params);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.message);
  return decoded.value;
};

type Row = readonly [rule: string, method: ClientMethod, params: unknown, text: string];

const turn = (members: object): object => ({ threadId: 'a', input: [], ...members });

const rows: readonly Row[] = [
  ['params that are missing', 'model/list', NO_PARAMS, 'missing field `params`'],
  ['params that are null', 'turn/start', null, 'missing field `params`'],
  ['params of another type', 'turn/start', 'x', 'invalid type: string "x", expected struct TurnStartParams'],
  ['a missing member', 'thread/read', {}, 'missing field `threadId`'],
  ['a missing member inside', 'initialize', { clientInfo: { name: 'a' } }, 'missing field `version`'],
  ['the first of two missing members', 'turn/start', {}, 'missing field `threadId`'],
  ['a wrong member before a missing one', 'turn/start', { input: 5 }, 'invalid type: integer `5`, expected a sequence'],
  [
    'the wrong member that came first',
    'thread/start',
    { cwd: true, model: 5 },
    'invalid type: boolean `true`, expected a string',
  ],
  [
    'the wrong member that came first, the other way',
    'thread/start',
    { model: 5, cwd: true },
    'invalid type: integer `5`, expected a string',
  ],
  ['a member missing inside before one outside', 'review/start', { target: { type: 'commit' } }, 'missing field `sha`'],
  [
    'a string for a boolean',
    'thread/read',
    { threadId: 'a', includeTurns: 'x' },
    'invalid type: string "x", expected a boolean',
  ],
  [
    'quotes and unprintable characters',
    'thread/read',
    { includeTurns: 'q"\n\\é\u200b\x7f' },
    'invalid type: string "q\\"\\n\\\\é\\u{200b}\\u{7f}", expected a boolean',
  ],
  [
    'null for a boolean with a default',
    'thread/read',
    { threadId: 'a', includeTurns: null },
    'invalid type: null, expected a boolean',
  ],
  ['a fraction', 'thread/list', { limit: 1.5 }, 'invalid type: floating point `1.5`, expected u32'],
  ['a number beyond 64 bits', 'thread/list', { limit: 1e20 }, 'invalid type: floating point `1e20`, expected u32'],
  ['a map', 'thread/start', { cwd: {} }, 'invalid type: map, expected a string'],
  ['a sequence for a map', 'thread/start', { config: [] }, 'invalid type: sequence, expected a map'],
  ['a path of another type', 'turn/start', turn({ cwd: 5 }), 'invalid type: integer `5`, expected path string'],
  ['an integer out of range', 'thread/list', { limit: -1 }, 'invalid value: integer `-1`, expected u32'],
  [
    'an integer out of range above',
    'thread/list',
    { limit: 4294967296 },
    'invalid value: integer `4294967296`, expected u32',
  ],
  [
    'an unknown word',
    'thread/start',
    { approvalPolicy: 'zz' },
    'unknown variant `zz`, expected one of `untrusted`, `on-failure`, `on-request`, `never`',
  ],
  [
    'an unknown word of two',
    'thread/list',
    { sortKey: 'zz' },
    'unknown variant `zz`, expected `created_at` or `updated_at`',
  ],
  [
    'an unknown word of one',
    'thread/resume',
    { threadId: 'a', history: [{ type: 'local_shell_call', status: 'completed', action: { type: 'zz' } }] },
    'unknown variant `zz`, expected `exec`',
  ],
  ['a word of another type', 'turn/start', turn({ effort: 5 }), 'invalid type: integer `5`, expected string or map'],
  ['a word as an empty map', 'turn/start', turn({ effort: {} }), 'invalid value: map, expected map with a single key'],
  ['a word with a payload', 'turn/start', turn({ effort: { low: 1 } }), 'invalid type: integer `1`, expected unit'],
  [
    'an unknown tag',
    'account/login/start',
    { type: 'nope' },
    'unknown variant `nope`, expected one of `apiKey`, `chatgpt`, `chatgptAuthTokens`',
  ],
  ['a missing tag', 'account/login/start', {}, 'missing field `type`'],
  [
    'a tag of another type',
    'turn/start',
    turn({ sandboxPolicy: { type: true } }),
    'invalid type: boolean `true`, expected variant identifier',
  ],
  [
    'a tag index out of range',
    'account/login/start',
    { type: 5 },
    'invalid value: integer `5`, expected variant index 0 <= i < 3',
  ],
  [
    'a union of another type',
    'turn/start',
    turn({ sandboxPolicy: 'readOnly' }),
    'invalid type: string "readOnly", expected internally tagged enum SandboxPolicy',
  ],
  [
    'a relative root',
    'turn/start',
    turn({ sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['a'] } }),
    'AbsolutePathBuf deserialized without a base path',
  ],
  [
    'no variant',
    'getConversationSummary',
    {},
    'data did not match any variant of untagged enum GetConversationSummaryParams',
  ],
  [
    'no variant, as the id is bad',
    'getConversationSummary',
    { conversationId: 'x' },
    'data did not match any variant of untagged enum GetConversationSummaryParams',
  ],
  [
    'the flat form of a generation-one item',
    'sendUserMessage',
    { conversationId: UUID, items: [{ type: 'text', text: 'x' }] },
    'missing field `data`',
  ],
  [
    'an item without its envelope',
    'sendUserMessage',
    { conversationId: UUID, items: [5] },
    'invalid type: integer `5`, expected adjacently tagged enum InputItem',
  ],
  [
    'the wrong generation of policy',
    'sendUserTurn',
    { conversationId: UUID, items: [], sandboxPolicy: { type: 'readOnly' } },
    'unknown variant `readOnly`, expected one of `danger-full-access`, `read-only`, `external-sandbox`, `workspace-write`',
  ],
  [
    'a short id',
    'interruptConversation',
    { conversationId: 'abc' },
    'invalid length: expected length 32 for simple format, found 3',
  ],
  [
    'an id with a wrong digit',
    'interruptConversation',
    { conversationId: `g${UUID.slice(1)}` },
    'invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `g` at 1',
  ],
  [
    'an id with a wrong digit after two bytes',
    'interruptConversation',
    { conversationId: 'aéb' },
    'invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `é` at 2',
  ],
  [
    'an id with a group too short',
    'interruptConversation',
    { conversationId: UUID.slice(0, -1) },
    'invalid group length in group 4: expected 12, found 11',
  ],
  [
    'an id with a group too few',
    'interruptConversation',
    { conversationId: 'a-b-c' },
    'invalid group count: expected 5, found 3',
  ],
  [
    'a subscription id',
    'removeConversationListener',
    { subscriptionId: 'abc' },
    'UUID parsing failed: invalid length: expected length 32 for simple format, found 3',
  ],
  [
    'a subscription id of another type',
    'removeConversationListener',
    { subscriptionId: 5 },
    'invalid type: integer `5`, expected a UUID string',
  ],
  [
    'too few elements',
    'getAuthStatus',
    [true],
    'invalid length 1, expected struct GetAuthStatusParams with 2 elements',
  ],
  ['too many elements', 'getAuthStatus', [true, false, 1], 'invalid length 3, expected 2 elements in sequence'],
  ['something where nothing is expected', 'userInfo', { a: 1 }, 'invalid type: map, expected unit'],
  ['an array where nothing is expected', 'account/logout', [], 'invalid type: sequence, expected unit'],
  ['a number where nothing is expected', 'account/logout', 1.5, 'invalid type: floating point `1.5`, expected unit'],
  [
    'tokens without the old form or the new',
    'account/login/start',
    { type: 'chatgptAuthTokens', accessToken: 'a' },
    'missing field `idToken`',
  ],
  [
    'a null token without the new form',
    'account/login/start',
    { type: 'chatgptAuthTokens', accessToken: 'a', idToken: null },
    'invalid type: null, expected a string',
  ],
];

for (const [rule, method, params, text] of rows) {
  test(`${rule}: ${method} is refused with its text`, () => {
    assert.equal(verdict(method, params), `Invalid request: ${text}`);
  });
}

const accepted: readonly (readonly [rule: string, method: ClientMethod, params: unknown])[] = [
  ['unknown members are ignored', 'thread/read', { threadId: 'a', zz: 5 }],
  ['an array stands for the params, in declaration order', 'getAuthStatus', [true, false]],
  ['an array may end before members with a default', 'skills/list', []],
  ['methods without params take none', 'userInfo', NO_PARAMS],
  ['methods without params take null', 'getUserAgent', null],
  ['methods without params take an empty object', 'account/rateLimits/read', {}],
  [
    'any JSON value, null too, is a config value',
    'config/value/write',
    { keyPath: 'a', mergeStrategy: 'replace', value: null },
  ],
  ['an id may be in braces', 'interruptConversation', { conversationId: `{${UUID}}` }],
  ['an id may have no hyphens', 'interruptConversation', { conversationId: UUID.replaceAll('-', '') }],
  [
    'tokens may come with the account instead of an id token',
    'account/login/start',
    { type: 'chatgptAuthTokens', accessToken: 'a', chatgptAccountId: 'b' },
  ],
  ['an added method is decoded', 'turn/steer', { threadId: 'a', input: [], expectedTurnId: 'b' }],
];

for (const [rule, method, params] of accepted) test(rule, () => assert.equal(verdict(method, params), 'ok'));

test('absent members take their defaults and unknown ones are left out', () => {
  assert.deepEqual(value('thread/read', { threadId: 'a', zz: 1 }), { threadId: 'a', includeTurns: false });
});

test('an array becomes the object it stands for', () => {
  assert.deepEqual(value('getAuthStatus', [true, null]), { includeToken: true, refreshToken: null });
});

test('an array does not reach added members', () => {
  assert.match(verdict('thread/list', [null, null, null, null, null, null, 'x']), /expected 6 elements in sequence/);
});

test('a tag may be an index and a word the only key of an object', () => {
  const decoded = value('turn/start', turn({ effort: { low: null }, sandboxPolicy: { type: 1 } }));
  assert.deepEqual(decoded, { threadId: 'a', input: [], effort: 'low', sandboxPolicy: { type: 'readOnly' } });
});

test('history items of unknown types become other, older names the present ones', () => {
  const history = [
    { type: 'zz', x: 1 },
    { type: 'compaction_summary', encrypted_content: 'a' },
  ];
  assert.deepEqual(value('thread/resume', { threadId: 'a', history }), {
    threadId: 'a',
    history: [{ type: 'other' }, { type: 'compaction', encrypted_content: 'a' }],
  });
});

test('call outputs are text or parts', () => {
  for (const output of ['x', [{ type: 'input_text', text: 'a' }]]) {
    const history = [{ type: 'function_call_output', call_id: 'a', output }];
    assert.deepEqual(value('thread/resume', { threadId: 'a', history }), { threadId: 'a', history });
  }
});

test('members of later servers are kept', () => {
  const params = {
    clientInfo: { name: 'a', version: 'b' },
    capabilities: { optOutNotificationMethods: ['x'], other: 1 },
  };
  assert.deepEqual(value('initialize', params), {
    clientInfo: { name: 'a', title: null, version: 'b' },
    capabilities: { optOutNotificationMethods: ['x'] },
  });
});

test('a member called __proto__ is data', () => {
  const params: unknown = JSON.parse('{"threadId":"a","config":{"__proto__":{"x":1}},"__proto__":{"threadId":"b"}}');
  assert.equal(verdict('thread/resume', params), 'ok');
  assert.equal(
    verdict('thread/read', JSON.parse('{"__proto__":{"threadId":"b"}}')),
    'Invalid request: missing field `threadId`',
  );
});

test('an answer of the client is decoded by its schema', () => {
  const amendment = { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['ls'] } } };
  assert.deepEqual(decode(CommandExecutionRequestApprovalResponse, amendment), { ok: true, value: amendment });
  const refused = decode(CommandExecutionRequestApprovalResponse, { decision: 'zz' });
  assert.ok(!refused.ok && refused.message.startsWith('unknown variant `zz`, expected one of `accept`,'));
  assert.ok(!decode(CommandExecutionRequestApprovalResponse, null).ok);
});

test('an unknown method is answered with all methods in order, additions left out', () => {
  const text = unknownMethodMessage('zz');
  assert.ok(
    text.startsWith(
      'Invalid request: unknown variant `zz`, expected one of `initialize`, `thread/start`, `thread/resume`, `thread/fork`, `thread/archive`, `thread/name/set`, `thread/unarchive`, ',
    ),
  );
  assert.ok(
    text.endsWith(
      '`config/read`, `config/value/write`, `config/batchWrite`, `configRequirements/read`, `account/read`, `newConversation`, `getConversationSummary`, `listConversations`, `resumeConversation`, `forkConversation`, `archiveConversation`, `sendUserMessage`, `sendUserTurn`, `interruptConversation`, `addConversationListener`, `removeConversationListener`, `gitDiffToRemote`, `loginApiKey`, `loginChatGpt`, `cancelLoginChatGpt`, `logoutChatGpt`, `getAuthStatus`, `getUserSavedConfig`, `setDefaultModel`, `getUserAgent`, `userInfo`, `fuzzyFileSearch`, `execOneOffCommand`',
    ),
  );
  assert.ok(!text.includes('turn/steer'));
});

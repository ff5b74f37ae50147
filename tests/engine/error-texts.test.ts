import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf } from '../support/box.ts';
import { calls, functionCall, says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const PREFIX = 'failed to parse function arguments: ';

/** What a model may get wrong, and what it is told. */
const MISTAKES: readonly (readonly [name: string, args: unknown, told: string])[] = [
  ['shell', {}, 'command: missing'],
  ['shell', { command: 'ls' }, 'command: expected an array'],
  ['shell', { command: ['ls', 7] }, 'command.1: expected a string'],
  ['shell', { command: ['ls'], timeout_ms: 'soon' }, 'timeout_ms: expected a number'],
  [
    'shell',
    { command: ['ls'], sandbox_permissions: 'all' },
    'sandbox_permissions: expected one of `use_default`, `require_escalated`',
  ],
  ['shell', [], 'expected an object'],
  ['update_plan', { plan: [{ step: 'a' }] }, 'plan.0.status: expected one of `pending`, `in_progress`, `completed`'],
  ['update_plan', { plan: {} }, 'plan: expected an array'],
  ['view_image', { path: null }, 'path: expected a string'],
];

test('a tool call with wrong arguments tells the model which member is wrong and what belongs there', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(calls(...MISTAKES.map(([name, args], index) => functionCall(`c${index}`, name, args)))),
    stream(says('done')),
  );
  await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  for (const [index, [, , told]] of MISTAKES.entries()) assert.equal(outputOf(input, `c${index}`), PREFIX + told);
});

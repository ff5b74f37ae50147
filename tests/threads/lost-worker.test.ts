import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box } from '../support/box.ts';

test('a request that its worker cannot survive is answered with what happened', async () => {
  await using box = await Box.open({ env: { NODE_OPTIONS: '--max-old-space-size=60' } });
  const threadId = await box.thread({ cwd: box.folder });
  // A history of half a million lines that the worker must hold at once.
  const { thread } = await box.call('thread/read', { threadId });
  const line = JSON.stringify({
    timestamp: '2026-01-01T00:00:00.000Z',
    type: 'response_item',
    payload: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x'.repeat(1000) }] },
  });
  await box.client[Symbol.asyncDispose]();
  for (let n = 0; n < 150; n += 1) appendFileSync(thread.path, `${line}\n`.repeat(1000));
  await box.start();
  const { code, message } = await box.error('thread/resume', { threadId });
  assert.equal(code, -32603);
  assert.match(message, /^the worker of this thread stopped unexpectedly: /);
  // The server is as before.
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
  await box.thread();
});

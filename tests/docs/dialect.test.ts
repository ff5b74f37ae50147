import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

test('dialect: the service is told the version whose requests ours are, the client our own', async () => {
  await using box = await Box.open({ start: false });
  await box.start({ OPENAI_BASE_URL: box.model.baseUrl, OPENAI_API_KEY: 'sk-dialect' });
  box.model.script(stream(says('Hi')));
  const { thread } = await box.call('thread/start', { modelProvider: 'openai', ephemeral: true });
  assert.equal(thread.cliVersion, '0.100.0');
  await box.completed(thread.id, 'Hello');
  const { headers } = await box.model.waitForRequest(1);
  assert.equal(headers.version, '0.94.0');
  assert.match(String(headers['user-agent']), /\/0\.(94|100)\.0 /);
});

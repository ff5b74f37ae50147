import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { status, stream } from '../support/model-server.ts';

const CANARY = 'sk-canary-0123456789abcdef';

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

test('an API key goes upstream and nowhere else, whatever fails', async () => {
  await using box = await Box.open({
    provider: 'env_key = "PROVIDER_KEY"\nrequest_max_retries = 0\nstream_max_retries = 1\n',
    env: { PROVIDER_KEY: CANARY, SHARDEX_LOG: 'debug' },
  });
  box.model.script(
    stream(says('ok')),
    status(401, `you sent ${CANARY}`),
    status(400, `you sent ${CANARY}`),
    status(404, `you sent ${CANARY}`),
    status(404, `you sent ${CANARY}`),
  );
  const threadId = await box.thread();
  await box.completed(threadId, 'a');
  for (const text of ['b', 'c', 'd']) assert.equal((await (await box.turn(threadId, text)).ended()).status, 'failed');
  for (const { headers } of box.model.to()) assert.equal(headers.authorization, `Bearer ${CANARY}`);
  const wire = box.client.lines.filter((line) => line.includes(CANARY));
  assert.deepEqual(wire, []);
  assert.ok(!box.client.server.stderr.includes(CANARY));
  for (const path of filesBelow(box.home)) assert.ok(!readFileSync(path).includes(CANARY), path);
});

test('token-scope: the stored login is not sent to a provider that does not ask for it', async () => {
  await using box = await Box.open();
  await box.call('account/login/start', { type: 'apiKey', apiKey: CANARY });
  box.model.script(stream(says('ok')));
  await box.completed(await box.thread(), 'a');
  assert.equal(box.model.to()[0]?.headers.authorization, undefined);
});

test('token-scope: a provider that requires the login gets it', async () => {
  await using box = await Box.open({ provider: 'requires_openai_auth = true\nstream_max_retries = 0\n' });
  const threadId = await box.thread();
  // A thread that is loaded already uses the new login at once.
  await box.call('account/login/start', { type: 'apiKey', apiKey: CANARY });
  box.model.script(stream(says('ok')));
  await box.completed(threadId, 'a');
  assert.equal(box.model.to()[0]?.headers.authorization, `Bearer ${CANARY}`);
});

/** Fixtures are not built: tests run from the repository's root. */
const fixture = (name: string): string => join(process.cwd(), 'tests/upstream/fixtures', name);

for (const variable of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
  test(`a provider behind a certificate authority of its own is trusted by ${variable}`, async () => {
    const server = createServer(
      { key: readFileSync(fixture('test-only-server-key.pem')), cert: readFileSync(fixture('test-only-server.pem')) },
      (request, response) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(
          says(`key ${request.headers.authorization}`)
            .map((event) => `data: ${JSON.stringify(event)}\n\n`)
            .join(''),
        );
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      for (const trusted of [true, false]) {
        await using box = await Box.open({
          start: false,
          provider: 'env_key = "PROVIDER_KEY"\nrequest_max_retries = 0\nstream_max_retries = 0\n',
          env: { PROVIDER_KEY: 'k', ...(trusted ? { [variable]: fixture('test-only-ca.pem') } : {}) },
        });
        const config = join(box.home, 'config.toml');
        box.write(config, box.read(config).replace(box.model.baseUrl, `https://127.0.0.1:${port}/v1`));
        await box.start();
        const turn = await box.turn(await box.thread(), 'a');
        const { status: how, error } = await turn.ended();
        assert.equal(how, trusted ? 'completed' : 'failed', JSON.stringify(error));
        if (trusted) assert.equal(turn.items('agentMessage')[0].text, 'key Bearer k');
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
}

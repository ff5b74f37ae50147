import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientState } from '../../src/rpc/client-state.ts';
import { createOutgoing } from '../../src/rpc/outgoing.ts';
import { Linked } from './linked.ts';

const METHODS = ['turn/started', 'turn/completed', 'codex/event/task_started', 'codex/event/token_count'] as const;
const PARAMS = {} as never;

function optedOut(optOut: readonly string[]): ClientState {
  const client = new ClientState({ originator: 'o', userAgent: 'u' });
  client.accept({ name: 'n', version: '1', identity: client.identity, optOut });
  return client;
}

async function receivedMethods(optOut: readonly string[]): Promise<(string | undefined)[]> {
  using linked = new Linked(async () => ({ result: 1 }));
  const client = optedOut(optOut);
  const outgoing = createOutgoing(linked.connection, client);
  for (const method of METHODS) {
    assert.equal(outgoing.wants(method), client.wants(method));
    outgoing.notify(method, PARAMS);
  }
  await linked.connection.flushed();
  return linked.messages.map(({ method }) => method);
}

test('without an opt-out everything is sent', async () => {
  assert.deepEqual(await receivedMethods([]), METHODS);
});

test('an opt-out takes exact method names', async () => {
  assert.deepEqual(await receivedMethods(['turn/completed', 'codex/event/token_count', 'turn/*', 'turn']), [
    'turn/started',
    'codex/event/task_started',
  ]);
});

test('codex/event/* opts out of the whole family and of nothing else', async () => {
  assert.equal(optedOut(['codex/event/*']).wants('codex/eventual'), true);
  assert.deepEqual(await receivedMethods(['codex/event/*']), ['turn/started', 'turn/completed']);
});

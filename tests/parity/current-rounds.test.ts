/**
 * One thread in the hands of codex app-server 0.171.0 and ours in turn: what is said, taken back and gone on with is there once,
 * in what each of them lists and in what the model reads. That program is found in CODEX_CURRENT_BIN, or in the user's cache.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { type ReceivedRequest, type Reply, stream } from '../support/model-server.ts';
import { RawClient } from '../support/raw-client.ts';

const BINARY =
  process.env.CODEX_CURRENT_BIN ??
  join(homedir(), '.cache/codex-reference/0.171.0/vendor/x86_64-unknown-linux-musl/bin/codex');
const skip = existsSync(BINARY)
  ? false
  : `there is no codex 0.171.0: set CODEX_CURRENT_BIN to its executable, or unpack it so that ${BINARY} is there`;

const SAID = /^(q|a)\d+$/;

/** Answers `q1` with `a1`. */
function answering(box: Box): void {
  box.model.route('POST', '/v1/responses', ({ body }: ReceivedRequest): Reply => {
    const text = textOf(body.input.at(-1)).replace('q', 'a');
    return stream(says(text, `msg-${text}`));
  });
}

/** What the model was told last, set-up messages left out. */
const told = (box: Box): string[] =>
  (box.model.to().at(-1)?.body.input ?? []).map(textOf).filter((text: string) => SAID.test(text));

const pairs = (...numbers: number[]): string[] => numbers.flatMap((n) => [`q${n}`, `a${n}`]);

/** A server on the box's home, alone: codex 0.171.0 in the place of ours. */
async function server(box: Box, name: 'codex' | 'ours'): Promise<RawClient> {
  const inFront = name === 'codex' ? ['sh', '-c', 'exec "$0" app-server', BINARY] : [];
  const env = { HOME: join(box.folder, 'user') };
  const client = new RawClient({ home: box.home, cwd: box.workspace, inFront, env });
  await client.initialize({ capabilities: { experimentalApi: true } });
  return client;
}

async function say(client: RawClient, threadId: string, n: number): Promise<string> {
  const { turn } = await client.call('turn/start', { threadId, input: [{ type: 'text', text: `q${n}` }] });
  await client.waitFor(
    ({ method, params }) => method === 'turn/completed' && params.turn.id === turn.id,
    `the end of q${n}`,
  );
  return turn.id;
}

async function listed(client: RawClient, threadId: string): Promise<string[]> {
  const page = { limit: 100, sortDirection: 'asc', itemsView: 'full' };
  const { data } = await client.call('thread/turns/list', { threadId, ...page });
  // biome-ignore lint/suspicious/noExplicitAny: both servers' JSON
  return data.flatMap(({ items }: any) => items.map((item: any) => item.text ?? item.content?.[0]?.text));
}

for (const historyMode of ['paginated', 'legacy'] as const) {
  test(`rounds: a ${historyMode} thread is continued and taken back by both, and each text is there once`, {
    skip,
  }, async () => {
    await using box = await Box.open({ start: false });
    answering(box);
    let threadId = '';
    {
      await using codex = await server(box, 'codex');
      threadId = (await codex.call('thread/start', { historyMode })).thread.id;
      for (const n of [1, 2, 3, 4]) await say(codex, threadId, n);
    }
    {
      await using ours = await server(box, 'ours');
      await ours.call('thread/resume', { threadId });
      await ours.call('thread/rollback', { threadId, numTurns: 1 });
      assert.deepEqual(await listed(ours, threadId), pairs(1, 2, 3));
      await say(ours, threadId, 5);
      assert.deepEqual(told(box), [...pairs(1, 2, 3), 'q5']);
    }
    const isPaginated = historyMode === 'paginated';
    {
      await using codex = await server(box, 'codex');
      await codex.call('thread/resume', { threadId });
      const turnId = await say(codex, threadId, 6);
      assert.deepEqual(told(box), [...pairs(1, 2, 3, 5), 'q6']);
      // Its list of turns does not know our marker; its model does.
      assert.deepEqual(await listed(codex, threadId), isPaginated ? pairs(1, 2, 3, 4, 5, 6) : pairs(1, 2, 3, 5, 6));
      if (isPaginated) await codex.call('thread/revert', { threadId, beforeTurnId: turnId });
      await say(codex, threadId, 7);
    }
    const kept = isPaginated ? [1, 2, 3, 5] : [1, 2, 3, 5, 6];
    {
      await using ours = await server(box, 'ours');
      assert.deepEqual(await listed(ours, threadId), pairs(...kept, 7));
      await ours.call('thread/resume', { threadId });
      await ours.call('thread/rollback', { threadId, numTurns: 2 });
      await say(ours, threadId, 8);
      assert.deepEqual(told(box), [...pairs(...kept.slice(0, -1)), 'q8']);
      assert.equal((await ours.call('thread/list', { modelProviders: [] })).data.length, 1);
    }
    await using codex = await server(box, 'codex');
    await codex.call('thread/resume', { threadId });
    await say(codex, threadId, 9);
    assert.deepEqual(told(box), [...pairs(...kept.slice(0, -1), 8), 'q9']);
  });
}

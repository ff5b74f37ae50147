/**
 * After a rollback or a compaction a server tells how large the context is, by an estimate. Its prompts count in it, and those
 * are worded anew; so each estimate is compared less the estimates of what that server sends upstream next.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  applyPatch,
  completed,
  created,
  itemDone,
  message,
  reasoning,
  says,
  shell,
  webSearchCall,
} from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { referenceProblem } from '../support/reference.ts';
import { type Loose, Session, type SetUp, type SideName } from './support/session.ts';

const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
const size = (item: Loose): number => tokensOf(JSON.stringify(item));

const SETTINGS: Readonly<Record<string, { readonly setUp: SetUp; readonly params: Loose }>> = {
  'a model of unknown name': { setUp: {}, params: {} },
  'a model with a personality': { setUp: { model: 'gpt-5.2-codex' }, params: {} },
  'instructions of the request': { setUp: { model: 'gpt-5.2-codex' }, params: { baseInstructions: 'ü'.repeat(333) } },
};

/** A first turn with items of many kinds. */
async function manyKinds(s: Session, threadId: string): Promise<void> {
  const sealed = { type: 'reasoning', id: 'r2', summary: [], encrypted_content: 'x'.repeat(5001) };
  s.model.script(
    stream([
      created(),
      reasoning('r1', ['why'], ['in full']),
      itemDone(sealed),
      webSearchCall('w1', 'q'),
      message('m0', 'said "so" – ü \\ /'),
      shell('c1', ['echo', 'ünïcode "quoted" \\']),
      applyPatch('p1', '*** Begin Patch\n*** Add File: a.txt\n+ä\n*** End Patch\n'),
      completed('r', { input: 5, output: 1 }),
    ]),
    stream(says('one', 'm1', { input: 10, output: 2 })),
  );
  const picture = { type: 'image', url: `data:image/png;base64,${'A'.repeat(203)}` };
  await s.turn(threadId, [{ type: 'text', text: 'first "q" ü/' }, picture]);
}

/** The newest estimate, less what the next request holds before its last message. */
async function surplus(s: Session, threadId: string): Promise<number> {
  await s.quiet();
  const usages = s.transcript.filter(({ message: said }) => said.method === 'thread/tokenUsage/updated');
  const told = usages.at(-1)?.message.params.tokenUsage.last;
  assert.equal(told.inputTokens, 0);
  s.model.script(stream(says('next', 'm-next')));
  await s.turn(threadId, 'the next one');
  const { instructions, input } = s.model.to().at(-1)?.body ?? {};
  const items = (input as Loose[]).slice(0, -1);
  return told.totalTokens - tokensOf(instructions ?? '') - items.reduce((sum: number, item) => sum + size(item), 0);
}

async function afterRollback(side: SideName, setUp: SetUp, params: Loose): Promise<number> {
  await using s = await Session.open(side, setUp);
  await s.start();
  const threadId = await s.thread(params);
  await manyKinds(s, threadId);
  s.model.script(stream(says('two', 'm2')));
  await s.turn(threadId, 'second');
  await s.call('thread/rollback', { threadId, numTurns: 1 });
  return await surplus(s, threadId); // the session lives until then
}

describe('both servers estimate a context by the same rule', {
  skip: referenceProblem() !== null,
  concurrency: 3,
}, () => {
  for (const [name, { setUp, params }] of Object.entries(SETTINGS)) {
    test(`after a rollback: ${name}`, async () => {
      const [theirs, ours] = await Promise.all([
        afterRollback('reference', setUp, params),
        afterRollback('ours', setUp, params),
      ]);
      // Sizes are rounded item by item, and a command that took longer may show a digit more in one of them.
      assert.ok(Math.abs(ours - theirs) <= 1, `ours: ${ours}, the reference's: ${theirs}`);
      assert.notEqual(theirs, 0); // sealed thoughts count for less than their text
    });
  }
});

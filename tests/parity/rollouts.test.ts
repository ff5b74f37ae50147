/**
 * Stored threads both ways: a thread that one server wrote is listed, read and resumed by the other, and by itself, with
 * the same result: the same preview and turns, and the same input upstream of the turn after.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  applyPatch,
  calls,
  completed,
  created,
  failed,
  itemAdded,
  message,
  messageItem,
  reasoning,
  says,
  shell,
  streams,
  textDelta,
} from '../support/model-events.ts';
import { gate, hang, stream } from '../support/model-server.ts';
import { referenceProblem } from '../support/reference.ts';
import { leaves } from './support/compare.ts';
import { storedTurns } from './support/history.ts';
import { Normaliser } from './support/normal.ts';
import { type Loose, Session, type SetUp, type SideName } from './support/session.ts';

const SET_UP: SetUp = { model: 'gpt-5.2-codex' };
const COMPACTING: SetUp = { ...SET_UP, top: 'model_auto_compact_token_limit = 1000\ncompact_prompt = "MARK-compact"' };
const PARTIAL = 'partial';
const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch\n';

interface Story {
  readonly name: string;
  readonly setUp: SetUp;
  /** Both when left out; the reference knows less methods. */
  readonly writers?: readonly SideName[];
  readonly tell: (session: Session, threadId: string) => Promise<void>;
}

const interrupted = async (s: Session, threadId: string): Promise<void> => {
  s.model.script(hang(created(), itemAdded(messageItem('m-cut', null)), textDelta(PARTIAL)));
  const turnId = await s.begin(threadId, 'to be interrupted');
  await s.waitFor(({ method }) => method === 'item/agentMessage/delta', 'a delta');
  await s.call('turn/interrupt', { threadId, turnId });
  await s.ended(threadId);
};

const steered = async (s: Session, threadId: string): Promise<void> => {
  const held = gate();
  s.model.script(stream(created(), message('m-s1', 'one'), held.wait, completed()), stream(says('two', 'm-s2')));
  await s.begin(threadId, 'first input');
  await held.reached;
  await s.begin(threadId, 'steered input');
  held.open();
  await s.ended(threadId);
};

const STORIES: readonly Story[] = [
  {
    name: 'text, reasoning and usage',
    setUp: SET_UP,
    tell: async (s, threadId) => {
      const first = [
        created(),
        reasoning('r1', ['**Plan**', 'more'], ['raw']),
        message('m1', 'Grüße 👋'),
        completed('r', { input: 9, output: 2 }),
      ];
      s.model.script(stream(first), stream(streams(['a', 'b'], 'm2')));
      await s.turn(threadId, '  Preview of\nseveral lines  ');
      await s.turn(threadId, [
        { type: 'text', text: 'see @x', text_elements: [{ byteRange: { start: 4, end: 6 } }] },
        { type: 'image', url: 'data:image/png;base64,AAAA' },
      ]);
    },
  },
  {
    name: 'a command, a patch and a failure',
    setUp: SET_UP,
    tell: async (s, threadId) => {
      s.model.script(
        stream(calls(shell('c1', ['echo', 'out']))),
        stream(calls(applyPatch('p1', PATCH))),
        stream(says('did', 'm1')),
      );
      await s.turn(threadId, 'work');
      s.model.script(stream(created(), failed('invalid_prompt', 'refused')));
      await s.turn(threadId, 'fails');
      s.model.script(stream(says('well', 'm2')));
      await s.turn(threadId, 'works again', { effort: 'low', approvalPolicy: 'on-request' });
    },
  },
  { name: 'an interrupted turn', setUp: SET_UP, tell: interrupted },
  { name: 'input that joined a running turn', setUp: SET_UP, tell: steered },
  {
    name: 'a compaction, and an interruption behind it',
    setUp: COMPACTING,
    tell: async (s, threadId) => {
      s.model.script(
        stream(says('long', 'm1', { input: 5000, output: 1 })),
        stream(says('MARK-summary', 'm2', { input: 10, output: 1 })),
        stream(says('after', 'm3', { input: 20, output: 1 })),
      );
      await s.turn(threadId, 'before');
      await s.turn(threadId, 'after');
      await interrupted(s, threadId);
    },
  },
  {
    name: 'compactions before anything is said, most of which fail',
    setUp: { ...SET_UP, top: 'compact_prompt = "MARK-compact"' },
    writers: ['ours'],
    tell: async (s, threadId) => {
      const refused = Array.from({ length: 8 }, () => stream(created(), failed('invalid_prompt', 'refused')));
      for (const reply of [...refused, stream(says('MARK-summary', 'm1'))]) {
        s.model.script(reply);
        await s.call('thread/compact/start', { threadId });
        await s.ended(threadId);
      }
      s.model.script(stream(says('hello', 'm2')));
      await s.turn(threadId, 'the first thing said');
    },
  },
];

/** What a server makes of a home that it found. */
async function aftermath(side: SideName, story: Story, writer: Session, threadId: string): Promise<Loose> {
  await using reader = await Session.open(side, story.setUp);
  reader.adoptSessions(writer.home);
  reader.model.script(stream(says('resumed', 'm-resumed', { input: 5, output: 1 })));
  await reader.start();
  const list = await reader.call('thread/list', {});
  const read = await reader.call('thread/read', { threadId, includeTurns: true });
  const resumed = await reader.call('thread/resume', { threadId, cwd: writer.workspace });
  await reader.turn(threadId, 'one more turn');
  const again = await reader.call('thread/read', { threadId, includeTurns: true });
  await reader.stop();
  const normal = new Normaliser(reader.recording());
  const plain = (value: Loose): Loose =>
    JSON.parse(JSON.stringify(normal.value(value)).replaceAll(writer.folder, '<writer>'));
  return plain({
    list: list.data.map(withoutTurns),
    read: { ...withoutTurns(read.thread), items: itemsOf(read.thread) },
    resumed: { ...resumed, thread: { ...withoutTurns(resumed.thread), items: itemsOf(resumed.thread) } },
    again: itemsOf(again.thread),
    input: reader.model.to().map(({ body }) => body.input.filter(isNoPersonality).map(withoutProse)),
  });
}

/**
 * All items of all turns. Ours keeps what an interrupted turn had said so far, and input that joined a turn stays in it:
 * both are decided differences.
 */
const itemsOf = ({ turns }: Loose): Loose =>
  storedTurns(turns)
    .flatMap(({ items, status }) => [...items, ...(status === 'interrupted' ? [status] : [])])
    .filter(({ text }) => text !== PARTIAL);

const withoutTurns = ({ turns: _turns, ...rest }: Loose): Loose => rest;

/** A personality is named beside instructions that are not the server's own: each takes the other's for such. */
const isNoPersonality = ({ content }: Loose): boolean => !content?.[0]?.text?.startsWith('<personality_spec>');

/** Summaries stand behind an introduction that each server words for itself; so does the remark of an interruption. */
const withoutProse = (item: Loose): Loose =>
  JSON.parse(JSON.stringify(item), (_key, value) =>
    typeof value === 'string' && /\nMARK-summary$/.test(value) ? '<prose>\nMARK-summary' : value,
  );

const difference = (theirs: Loose, ours: Loose): string | null => leaves(theirs, ours, '').join('\n') || null;

const skip = referenceProblem() !== null;

describe('stored threads mean the same to both servers', { skip, concurrency: 3 }, () => {
  for (const story of STORIES) {
    for (const side of story.writers ?? (['ours', 'reference'] as const)) {
      test(`${story.name}, written by ${side === 'ours' ? 'us' : 'the reference'}`, async () => {
        await using writer = await Session.open(side, story.setUp);
        await writer.start();
        const threadId = await writer.thread();
        await story.tell(writer, threadId);
        await writer.stop();
        const theirs = await aftermath('reference', story, writer, threadId);
        const ours = await aftermath('ours', story, writer, threadId);
        assert.equal(theirs.list.length, 1);
        assert.equal(difference(theirs, ours), null);
      });
    }
  }

  test('a file of ours is worth to the reference what its own file is', async () => {
    for (const story of STORIES.slice(0, 3)) {
      const seen: Loose[] = [];
      for (const side of ['ours', 'reference'] as const) {
        await using writer = await Session.open(side, story.setUp);
        await writer.start();
        const threadId = await writer.thread();
        await story.tell(writer, threadId);
        await writer.stop();
        const { input, read } = await aftermath('reference', story, writer, threadId);
        seen.push({ input, items: read.items, preview: read.preview });
      }
      assert.equal(difference(seen[0], seen[1]), null, story.name);
    }
  });
});

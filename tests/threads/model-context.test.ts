/** What the model is told after a thread was loaded again, held against what it would have been told had it stayed. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../support/box.ts';
import { calls, reasoning, says, shellCommand, streams } from '../support/model-events.ts';
import { gate, hang, status, stream } from '../support/model-server.ts';

/** One conversation: steps by name, each with fresh ids and texts. */
class Story {
  readonly box: Box;
  readonly threadId: string;
  #count = 0;

  constructor(box: Box, threadId: string) {
    this.box = box;
    this.threadId = threadId;
  }

  readonly steps = {
    plain: async () => {
      this.box.model.script(stream(says(this.#text('answer'), this.#id('msg'))));
      await this.box.completed(this.threadId, this.#text('question'));
    },
    tools: async () => {
      const thought = reasoning(this.#id('rs'), [this.#text('thought')], ['in full']);
      this.box.model.script(
        stream(calls(thought, shellCommand(this.#id('call'), 'echo hi'))),
        stream(says(this.#text('answer'), this.#id('msg'))),
      );
      await this.box.completed(this.threadId, this.#text('question'));
    },
    interrupted: async () => {
      this.box.model.script(hang(streams([this.#text('half')], this.#id('msg')).slice(0, 3)));
      const turn = await this.box.turn(this.threadId, this.#text('question'));
      await turn.wait('item/agentMessage/delta');
      await turn.interrupt();
      assert.equal((await turn.ended()).status, 'interrupted');
    },
    interruptedCommand: async () => {
      this.box.model.script(stream(calls(shellCommand(this.#id('call'), 'echo begun; sleep 60'))));
      const turn = await this.box.turn(this.threadId, this.#text('question'));
      await turn.wait('item/commandExecution/outputDelta');
      await turn.interrupt();
      assert.equal((await turn.ended()).status, 'interrupted');
    },
    steered: async () => {
      const held = gate();
      this.box.model.script(
        stream(held.wait, says(this.#text('answer'), this.#id('msg'))),
        stream(says(this.#text('answer'), this.#id('msg'))),
      );
      const turn = await this.box.turn(this.threadId, this.#text('question'));
      await held.reached;
      await this.box.turn(this.threadId, this.#text('more'));
      held.open();
      assert.equal((await turn.ended()).status, 'completed');
    },
    parked: async () => {
      this.box.model.script(hang(streams([this.#text('half')], this.#id('msg')).slice(0, 3)));
      const turn = await this.box.turn(this.threadId, this.#text('question'));
      await turn.wait('item/agentMessage/delta');
      await this.box.turn(this.threadId, this.#text('more'));
      await turn.interrupt();
      assert.equal((await turn.ended()).status, 'interrupted');
    },
    failed: async () => {
      this.box.model.script(status(400, 'no'));
      const turn = await this.box.turn(this.threadId, this.#text('question'));
      assert.equal((await turn.ended()).status, 'failed');
    },
    compacted: async () => {
      this.box.model.script(stream(says(this.#text('summary'), this.#id('msg'))));
      const ended = this.#ends();
      await this.box.call('thread/compact/start', { threadId: this.threadId });
      await this.box.client.waitFor(() => this.#ends() > ended, 'the end of the compaction');
    },
    rolledBack: async () => {
      await this.box.call('thread/rollback', { threadId: this.threadId, numTurns: 1 });
    },
    rolledBackFar: async () => {
      await this.box.call('thread/rollback', { threadId: this.threadId, numTurns: 3 });
    },
    reloaded: async () => {
      await this.box.start();
      await this.box.call('thread/resume', { threadId: this.threadId });
    },
  };

  /** The `input` of a further request. */
  async probe(): Promise<readonly Item[]> {
    this.box.model.script(stream(says('probed', 'msg-probe')));
    await this.box.completed(this.threadId, 'the probe');
    return (this.box.model.to().at(-1)?.body.input ?? []) as readonly Item[];
  }

  #ends(): number {
    return this.box.client.ofMethod('turn/completed').length;
  }

  #text(what: string): string {
    this.#count += 1;
    return `${what} ${this.#count}`;
  }

  #id(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }
}

type Step = keyof Story['steps'];

const STEPS: readonly Step[] = [
  'plain',
  'tools',
  'interrupted',
  'interruptedCommand',
  'steered',
  'parked',
  'failed',
  'compacted',
  'rolledBack',
  'rolledBackFar',
  'reloaded',
];

/** Set-up messages, which a thread that is loaded again is told again. */
const isSetUp = (item: Item): boolean =>
  /^<(permissions instructions|environment_context)>|^# AGENTS/.test(textOf(item));

async function sameAfterReload(steps: readonly Step[]): Promise<void> {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const { thread } = await box.call('thread/start', {});
  const story = new Story(box, thread.id);
  for (const step of steps) await story.steps[step]();
  const stored = readFileSync(thread.path);
  const live = await story.probe();
  await box.client.endInput();
  await box.client.server.exit();
  writeFileSync(thread.path, stored);
  await story.steps.reloaded();
  const again = await story.probe();
  const kept = live.slice(0, live.length - 1 - trailingSetUp(live));
  assert.deepEqual(again.slice(0, kept.length), kept, steps.join(' '));
  const added = again.slice(kept.length, -1);
  assert.ok(added.length > 0 && added.every(isSetUp), JSON.stringify(added));
  assert.deepEqual(again.at(-1), live.at(-1));
}

/** A live thread that was loaded again and has not had a turn since is told its set-up just before the probe. */
function trailingSetUp(input: readonly Item[]): number {
  let count = 0;
  while (isSetUp(input.at(-2 - count) ?? {})) count += 1;
  return count;
}

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'turns with tools and thoughts': ['plain', 'tools', 'tools'],
  interruptions: ['plain', 'interrupted', 'interruptedCommand', 'plain'],
  'input for a running turn': ['steered', 'parked', 'plain', 'steered'],
  'a failed turn': ['plain', 'failed', 'plain'],
  compactions: ['plain', 'interrupted', 'steered', 'compacted', 'plain', 'compacted', 'tools'],
  rollbacks: [
    'plain',
    'tools',
    'rolledBack',
    'steered',
    'rolledBack',
    'interrupted',
    'plain',
    'rolledBackFar',
    'plain',
  ],
  'rollbacks behind compactions': [
    'plain',
    'plain',
    'compacted',
    'plain',
    'rolledBack',
    'plain',
    'rolledBackFar',
    'plain',
  ],
  'loading again and again': ['plain', 'reloaded', 'plain', 'compacted', 'reloaded', 'steered', 'rolledBack', 'plain'],
};

for (const [name, steps] of Object.entries(STORIES)) {
  test(`the model is told the same after a reload: ${name}`, () => sameAfterReload(steps));
}

const SEEDS = [1, 2, 3, 4, 5, 6];

for (const seed of SEEDS) {
  test(`the model is told the same after a reload: random story ${seed}`, { timeout: 60_000 }, () =>
    sameAfterReload(randomSteps(seed)),
  );
}

function randomSteps(seed: number): Step[] {
  let state = seed * 2_654_435_761;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return ['plain', ...Array.from({ length: 9 }, () => STEPS[(next() >>> 8) % STEPS.length] ?? 'plain')];
}

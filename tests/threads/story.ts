/**
 * A conversation told step by step, each with fresh ids and texts, with a record of what was streamed.
 *
 * In: steps by name. Out: turns upstream and in the file; `streamed`, what a client has seen of every turn that was not rolled
 * back. The record outlives restarts of the server.
 */
import assert from 'node:assert/strict';
import { type Box, type BoxOptions, type Item, TurnWatch } from '../support/box.ts';
import {
  applyPatch,
  calls,
  completed,
  created,
  functionCall,
  itemAdded,
  itemDone,
  message,
  messageItem,
  reasoning,
  reasoningItem,
  says,
  shell,
  shellCommand,
  streams,
  summaryDelta,
  textDelta,
  updatePlan,
  webSearchCall,
} from '../support/model-events.ts';
import { cut, gate, hang, type Reply, status, stream } from '../support/model-server.ts';
import { png } from '../support/png.ts';
import { Random } from '../support/random.ts';

/** A turn as a client puts it together from notifications. */
export interface StreamedTurn {
  readonly id: string;
  readonly items: readonly object[];
  readonly status: string;
  readonly error: unknown;
}

export const STORY_BOX: BoxOptions = {
  sandboxMode: 'danger-full-access',
  tables: '[features]\napply_patch_freeform = true\n',
};

export class Story {
  readonly box: Box;
  readonly threadId: string;
  streamed: StreamedTurn[] = [];
  #count = 0;

  constructor(box: Box, threadId: string) {
    this.box = box;
    this.threadId = threadId;
  }

  readonly steps = {
    plain: () => this.#tell('completed', this.#answer()),
    inPieces: () => this.#tell('completed', stream(streams([this.#text('a'), ' b'], this.#id('msg')))),
    tools: () => {
      const thought = reasoning(this.#id('rs'), [this.#text('thought'), 'another'], ['in full']);
      return this.#tell('completed', stream(calls(thought, shellCommand(this.#id('call'), 'echo hi'))), this.#answer());
    },
    failingTools: () => {
      const bad = [shell(this.#id('call'), ['false']), functionCall(this.#id('call'), 'no_such_tool', {})];
      return this.#tell('completed', stream(calls(...bad, applyPatch(this.#id('call'), 'no patch'))), this.#answer());
    },
    patched: () => {
      const patch = `*** Begin Patch\n*** Add File: ${this.#id('file')}\n+text\n*** End Patch`;
      return this.#tell('completed', stream(calls(applyPatch(this.#id('call'), patch))), this.#answer());
    },
    searched: () => {
      const search = webSearchCall(this.#id('ws'), 'q');
      return this.#tell('completed', stream(calls(search, message(this.#id('msg'), this.#text('found')))));
    },
    viewed: () => {
      const path = this.box.write(`${this.#id('picture')}.png`, png());
      return this.#tell(
        'completed',
        stream(calls(functionCall(this.#id('call'), 'view_image', { path }))),
        this.#answer(),
      );
    },
    planned: async () => {
      const plan = `before\n<proposed_plan>\n${this.#text('plan')}\n</proposed_plan>\nbehind`;
      this.box.model.script(stream(calls(updatePlan(this.#id('call'), [{ step: 's', status: 'pending' }]))));
      this.box.model.script(stream(says(plan, this.#id('msg'))));
      await this.#ended(await this.#begin({ collaborationMode: { mode: 'plan', settings: { model: 'some-model' } } }));
      this.box.model.script(this.#answer());
      await this.#ended(
        await this.#begin({ collaborationMode: { mode: 'custom', settings: { model: 'some-model' } } }),
      );
    },
    repeatedIds: () => {
      const again = (id: string): Reply => stream([created(), message(id, this.#text('same id')), completed()]);
      return this.#tell(
        'completed',
        stream([created(), message('msg-same', 'x'), shell('call-same', ['true']), completed()]),
        again('msg-same'),
      );
    },
    interrupted: async () => {
      this.box.model.script(hang(streams([this.#text('half')], this.#id('msg')).slice(0, 3)));
      const turn = await this.#begin();
      await turn.wait('item/agentMessage/delta');
      await turn.interrupt();
      await this.#ended(turn, 'interrupted');
    },
    interruptedCommand: async () => {
      this.box.model.script(stream(calls(shellCommand(this.#id('call'), 'echo begun; sleep 60'))));
      const turn = await this.#begin();
      await turn.wait('item/commandExecution/outputDelta');
      await turn.interrupt();
      await this.#ended(turn, 'interrupted');
    },
    steered: async () => {
      const held = gate();
      this.box.model.script(stream(held.wait, says(this.#text('answer'), this.#id('msg'))), this.#answer());
      const turn = await this.#begin();
      await held.reached;
      await this.box.turn(this.threadId, this.#text('more'));
      held.open();
      await this.#ended(turn);
    },
    parked: async () => {
      this.box.model.script(hang(streams([this.#text('half')], this.#id('msg')).slice(0, 3)));
      const turn = await this.#begin();
      await turn.wait('item/agentMessage/delta');
      await this.box.turn(this.threadId, this.#text('more'));
      await turn.interrupt();
      await this.#ended(turn, 'interrupted');
    },
    failed: () => this.#tell('failed', status(400, 'no')),
    broken: () => {
      const thought = [itemAdded(reasoningItem(this.#id('rs'), [])), summaryDelta(this.#text('thinking'))];
      const half = [itemAdded(messageItem(this.#id('msg'), null)), textDelta('ha')];
      const whole = itemDone(messageItem(this.#id('msg'), 'whole'));
      return this.#tell('failed', cut(created(), whole, shell(this.#id('call'), ['true']), ...thought, ...half));
    },
    compacted: async () => {
      this.box.model.script(stream(says(this.#text('summary'), this.#id('msg'))));
      const before = this.#ends();
      await this.box.call('thread/compact/start', { threadId: this.threadId });
      await this.box.client.waitFor(() => this.#ends() > before, 'the end of the compaction');
      const { params } = this.box.client.ofMethod('turn/completed').at(-1) ?? {};
      await this.#ended(new TurnWatch(this.box.client, this.threadId, params.turn.id));
    },
    rolledBack: () => this.#rollBack(1),
    rolledBackFar: () => this.#rollBack(3),
    reloaded: async () => {
      await this.box.start();
      await this.box.call('thread/resume', { threadId: this.threadId });
    },
  };

  static async begin(box: Box): Promise<Story> {
    return new Story(box, await box.thread());
  }

  async tell(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.steps[step]();
  }

  /** The `input` of a further request. */
  async probe(): Promise<readonly Item[]> {
    this.box.model.script(stream(says('probed', 'msg-probe')));
    await this.box.completed(this.threadId, 'the probe');
    return (this.box.model.to().at(-1)?.body.input ?? []) as readonly Item[];
  }

  /** A turn that is answered by these replies. */
  async #tell(expected: 'completed' | 'failed', ...replies: readonly Reply[]): Promise<void> {
    this.box.model.script(...replies);
    await this.#ended(await this.#begin(), expected);
  }

  #begin(params: object = {}): Promise<TurnWatch> {
    return this.box.turn(this.threadId, this.#text('question'), params);
  }

  async #ended(turn: TurnWatch, expected = 'completed'): Promise<void> {
    const end = await turn.ended();
    assert.equal(end.status, expected, JSON.stringify(end.error));
    this.streamed.push({ id: turn.id, items: turn.items(), status: end.status, error: end.error });
  }

  async #rollBack(numTurns: number): Promise<void> {
    const { thread } = await this.box.call('thread/rollback', { threadId: this.threadId, numTurns });
    this.streamed = this.streamed.slice(0, Math.max(this.streamed.length - numTurns, 0));
    assert.deepEqual(thread.turns, this.streamed);
  }

  #answer(): Reply {
    return stream(says(this.#text('answer'), this.#id('msg')));
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

export type Step = keyof Story['steps'];

/** Turns that run undisturbed to their end, by the items in them. */
export const UNDISTURBED: readonly Step[] = [
  'plain',
  'inPieces',
  'tools',
  'failingTools',
  'patched',
  'searched',
  'viewed',
  'planned',
  'repeatedIds',
];

const STEPS: readonly Step[] = [
  ...UNDISTURBED,
  'interrupted',
  'interruptedCommand',
  'steered',
  'parked',
  'failed',
  'broken',
  'compacted',
  'rolledBack',
  'rolledBackFar',
  'reloaded',
];

/** A plain turn and `count` more steps; the same for the same seed. */
export function randomSteps(seed: number, count: number): Step[] {
  const random = new Random(seed);
  return ['plain', ...Array.from({ length: count }, () => random.pick(STEPS))];
}
